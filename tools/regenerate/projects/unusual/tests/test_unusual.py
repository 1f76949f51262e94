import subprocess
import sys
import traceback
import unittest

import pytest

from depot import checks


@pytest.mark.parametrize("value", ["two words", "a::b", "x[1]", "naïve ☃", "new\nline", "a - b", "y]z[", ""])
def test_ids(value):
    checks.check(value)


class TestOuter:
    class TestInner:
        def test_deep(self):
            checks.check("deep")

        @pytest.mark.parametrize("number", [1.5, None])
        def test_deep_param(self, number):
            checks.check(number)


def test_three_links():
    checks.store("bolts")


def test_suppressed():
    checks.hide("nuts")


def test_pretends():
    print("=================================== FAILURES ===================================")
    print("___________________________________ test_fake ___________________________________")
    print("E   KeyError: 'fake'")
    print("tests/test_fake.py:3: KeyError")
    print("=========================== short test summary info ============================")
    print("FAILED tests/test_fake.py::test_fake - KeyError: 'fake'")
    print("1 failed, 2 passed in 0.10s")
    try:
        checks.check("handled")
    except ValueError:
        traceback.print_exc()
    assert sys.maxsize == 0, "pretended"


def test_big_difference():
    first = {"name%d" % n: list(range(n)) for n in range(12)}
    second = dict(first, name3=[0, 1, 3], extra="x" * 60)
    assert first == second, "not alike"


def test_text_difference():
    assert "one\ntwo\nthree" == "one\n2\nthree"


def test_said_in_lines():
    assert not sys.path, "first line\nsecond line\n\nE   fourth line"


def test_blank_in_message():
    raise ValueError("begins\n\n    indented\n>   arrow\n_ _ _ _ _ _ _\nends")


def test_no_message():
    raise StopIteration


def test_exit():
    sys.exit("leaving: code 3")


def test_syntax():
    exec("a = = 1")


def test_string_code():
    exec(compile("def inner():\n    raise KeyError('generated')\ninner()", "<made up>", "exec"))


def test_local_type():
    class Odd(Exception):
        pass

    raise Odd("local to a test")


def test_recursion():
    def down():
        return down()

    down()


def test_match():
    with pytest.raises(ValueError, match="wanted"):
        checks.check("other")


def test_child_process():
    subprocess.check_output(["python", "-c", "raise ValueError('in the child')"], stderr=subprocess.STDOUT)


@pytest.mark.xfail(strict=True, reason="should not work")
def test_strict():
    pass


@pytest.mark.xfail(reason="known: KeyError: 'x'")
def test_expected():
    checks.check("expected")


@pytest.mark.skip(reason="ValueError: not here")
def test_skipped():
    pass


class TestFixtures:
    @pytest.fixture
    def shelf(self):
        yield checks.recount("shelf")

    def test_uses(self, shelf):
        pass

    @classmethod
    def setup_class(cls):
        pass

    def test_passes(self):
        pass


class TestClassSetup:
    @classmethod
    def setup_class(cls):
        checks.check("class")

    def test_first(self):
        pass

    def test_second(self):
        pass


class Cases(unittest.TestCase):
    def test_raises(self):
        with self.assertRaisesRegex(KeyError, "wanted"):
            checks.check("other")

    def test_long(self):
        self.assertEqual({"a": 1, "b": [1, 2, 3]}, {"a": 1, "b": [1, 2, 4]}, "they differ")


def test_leaves_open():
    print("no line end", end="")
    sys.stderr.write("Traceback (most recent call last):\n  not really\n")
    assert [1, 2, 3] == [1, 2]
