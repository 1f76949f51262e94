"""The fast ways of the reader against the plain ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.extract import source
from bot.extract.prefixes import Prefix
from tests.fuzzing.properties import examine

PREFIXES = ["2026-11-22 10:33:12.123456 | node |     ", "[gw1] ", "  ", "", "12 ", "x| ", "web_1  | ", "\t 5:", "é1 "]


def written(prefix: str, how: int, digit: int) -> str:
    """A line with a prefix, more or less."""
    own = "".join(str(digit) if char.isdigit() else char for char in prefix)
    return [own + "abc  ", own, own.rstrip(), own.rstrip() + " ", "foreign " + own, "", own + "    x"][how]


@given(st.sampled_from(PREFIXES), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9)), min_size=1, max_size=8))
def test_a_prefix_is_cut_off_many_lines_as_off_each(prefix, rows):
    lines = [written(prefix, how, digit) for how, digit in rows]
    assert list(Prefix(prefix).lines("\n".join(lines))) == [Prefix(prefix).strip(line) for line in lines]


@given(st.lists(st.integers(1, 160), max_size=30), st.lists(st.integers(1, 400), max_size=12))
def test_windows_end_where_the_bytes_say(lengths, sizes):
    data = b"\n".join(b"x" * length for length in lengths)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(source, "WINDOW", 100)
        patch.setattr(source, "LONGEST", 140)
        whole = list(source._lines(iter([data])))
        assert list(source._lines(pieces(data, sizes))) == whole
    joined = b"".join(whole).removesuffix(b"\n")
    assert joined == b"\n".join(b"x" * min(length, 140) for length in lengths)
    assert all(window.endswith(b"\n") for window in whole[:-1])


def pieces(data: bytes, sizes: list[int]):
    for size in [*sizes, len(data)]:
        yield data[:size]
        data = data[size:]


HEADER = b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\n'


@pytest.mark.parametrize(
    "unit",
    [
        HEADER + b"SomeError: failed:\n",
        HEADER + b"ValueError: a:\nTraceback (most recent call last):\n",
        b"##[group]Run x ",
        b"Ran 3 tests in 0.1s ",
        b"3 passed in 0.1s ",
        b"During handling of the above exception, another exception occurred:\n",
        HEADER
        + b"KeyError: 1\n"
        + b"x\n" * 59
        + b"During handling of the above exception, another exception occurred:\n",
        b" word" * 50 + b" # a.py:3\n      " + HEADER,
        b"Traceback (most recent call last):\n\n" + HEADER[35:] + b"\n",
    ],
)
def test_what_is_repeated_without_end_is_read(unit):
    examine(unit * (250_000 // len(unit)), timed=False)
    examine(
        b"{0} a.b.c [0.1s] ... FAILED\n\nCaptured traceback:\n~~~~~~~~~~\n    " + unit * (100_000 // len(unit)),
        timed=False,
    )
