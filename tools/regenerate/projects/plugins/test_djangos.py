import pytest
from django.contrib.auth.models import User


def test_without_mark():
    User.objects.create(username="ada")


@pytest.mark.django_db
def test_twice():
    User.objects.create(username="ada")
    User.objects.create(username="ada")


@pytest.mark.django_db
def test_queries(django_assert_num_queries):
    with django_assert_num_queries(1):
        list(User.objects.all())
        User.objects.count()
