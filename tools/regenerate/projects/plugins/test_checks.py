from pytest_check import check
from shop import price


def test_soft():
    check.equal(price("tea"), 4, "tea is dear")
    with check:
        assert price("tea") > 5
    with check:
        price("coffee")


def test_hard():
    check.is_in("coffee", ["tea"])
    assert price("tea") == 2
