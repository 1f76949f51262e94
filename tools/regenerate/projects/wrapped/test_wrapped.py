import logging

import pytest


def price(name):
    return {"tea": 3}[name]


def order(names):
    try:
        return [price(name) for name in names]
    except KeyError:
        raise LookupError("cannot order\nin two lines")


@pytest.mark.parametrize("name", ["a b", "tea"])
def test_price(name):
    assert price(name) == 3


def test_order():
    try:
        order(["milk"])
    except LookupError:
        logging.getLogger("orders").exception("handled: an order")
    order(["coffee"])


def test_text():
    assert "one\ntwo\n\nthree" == "one\n\ntwo\nthree"
