import pytest

from shop import till


def test_first():
    till.pay(0)


def test_ends_it():
    pytest.exit("the lights went out", returncode=4)


def test_never():
    pass
