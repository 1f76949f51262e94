import pytest
from shop import price, total


def test_total():
    assert total(["tea", "tea"]) == 7


def test_missing():
    total(["tea", "coffee"])


class TestOrders:
    @pytest.fixture
    def till(self):
        raise ConnectionError("the till is closed")

    def test_pays(self, till):
        assert till

    @pytest.mark.parametrize("count", [1, 2])
    def test_many(self, count):
        assert {"tea": count, "milk": [1, 2, 3]} == {"tea": 1, "milk": [1, 2, 4 - count]}


def test_fine():
    assert price("tea") == 3
