import logging
import unittest

import pytest

from lib import stock


@pytest.fixture
def broken():
    return stock.count("fixture")


@pytest.fixture
def breaks_later():
    yield 1
    stock.count("teardown")


def test_passes():
    logging.getLogger("lib").error("only logged")
    try:
        stock.count("x")
    except KeyError:
        logging.getLogger("lib").exception("handled")
    assert True


def test_compares():
    assert stock.count("tea") == 4


def test_raises_inside():
    print("printed by the test")
    stock.count("coffee")


def test_chained():
    stock.take("milk", 1)


def test_message_has_a_dash():
    stock.take("tea", 9)


@pytest.mark.parametrize("name", ["tea", "a - b", "x[1]"])
def test_parametrized(name):
    assert stock.count(name)


def test_setup_error(broken):
    pass


def test_teardown_error(breaks_later):
    pass


def test_fails_by_hand():
    pytest.fail("by hand: it is over")


def test_did_not_raise():
    with pytest.raises(ValueError):
        stock.count("tea")


def test_missing_fixture(no_such_fixture):
    pass


def test_captured():
    try:
        stock.count("captured")
    except KeyError:
        logging.getLogger("lib").exception("handled in a failing test")
    assert "a" == "b"


class TestGroup(object):
    def test_method(self):
        stock.count("method")


class OldStyle(unittest.TestCase):
    def test_equal(self):
        self.assertEqual(stock.count("tea"), 5)
