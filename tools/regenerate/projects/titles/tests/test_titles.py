"""Titles of every length around that of a line: pytest draws a rule on both sides as far as there is room."""

import pytest


@pytest.mark.parametrize("name", ["x" * length for length in range(80, 92)])
def test_title(name):
    assert len(name) > 1000


class TestTitles(object):
    @pytest.fixture
    def broken(self):
        raise KeyError("broken")

    @pytest.mark.parametrize("name", ["y" * length for length in range(50, 62)])
    def test_set_up(self, broken, name):
        pass
