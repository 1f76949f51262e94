import slash
from shop import price, total


def test_total():
    slash.should.equal(total(["tea", "tea"]), 7)


def test_missing():
    total(["tea", "coffee"])


@slash.fixture
def till():
    raise ConnectionError("the till is closed")


def test_pays(till):
    pass


def test_fine():
    assert price("tea") == 3
