from shop import price, total
from ward import fixture, test


@fixture
def till():
    raise ConnectionError("the till is closed")


@test("two teas cost seven")
def _():
    assert total(["tea", "tea"]) == 7


@test("coffee has a price")
def _():
    total(["tea", "coffee"])


@test("pays at the till")
def _(till=till):
    assert till


@test("tea costs three")
def _():
    assert price("tea") == 3
