import logging
import sys
import threading
import traceback
import warnings

import pytest
from shop import price

log = logging.getLogger("shop")


@pytest.fixture(scope="module", autouse=True)
def opened():
    log.info("opening")
    yield
    log.error("closing")
    raise OSError("the till does not close")


def test_talks(capsys):
    print("selling")
    try:
        price("coffee")
    except KeyError:
        log.exception("no coffee")
        traceback.print_exc()
    assert capsys.readouterr().out == "sold\n"


def test_warns():
    warnings.warn("prices are old", DeprecationWarning, stacklevel=1)
    print("FAILED to sell", file=sys.stderr)


def test_threads():
    def work():
        price("milk")

    thread = threading.Thread(target=work, name="counter")
    thread.start()
    thread.join()


def test_raises():
    with pytest.raises(ValueError, match="no tea"):
        raise ValueError("no coffee")


def test_did_not_raise():
    with pytest.raises(KeyError):
        price("tea")


@pytest.mark.xfail(strict=True, reason="tea is free")
def test_strict():
    assert price("tea") == 3


@pytest.mark.parametrize("a", ["x" * 120, "a/b::c", "line\nbreak", "päivää", ""])
def test_odd(a):
    assert not a, "odd: " + a


def test_long():
    assert "\n".join(f"line {n}" for n in range(40)) == "\n".join(f"line {n}" for n in range(1, 41))


def test_approx():
    assert {"tea": 3.0} == pytest.approx({"tea": 3.5})


def test_group():
    def fail():
        raise ExceptionGroup("two", [KeyError("a"), ValueError("b")])

    with pytest.raises(ExceptionGroup):
        price("tea")
    fail()


def test_exits():
    sys.exit("closed for today")


def test_interrupted_inside():
    raise SystemExit(3)
