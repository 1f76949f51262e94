import sure  # noqa: F401
from shop import total


def test_total():
    total(["tea", "tea"]).should.equal(7)


def test_missing():
    total.when.called_with(["coffee"]).should.throw(ValueError)
