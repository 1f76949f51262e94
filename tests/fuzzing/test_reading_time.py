"""No input makes reading quadratic: endless repetitions of what a reader looks for are read in time."""

from __future__ import annotations

import pytest

from bot.extract import reading
from tests.fuzzing.properties import examine

WORDS = list(reading._NEEDLES.examples)
SIZE = 60_000


@pytest.mark.soak
@pytest.mark.parametrize("between", [b"", b" ", b"\n", b'\n  File "x.py", line 1, in f\n'])
def test_needles_without_end(between):
    for word in WORDS:
        unit = word + between
        examine(unit * (SIZE // len(unit)))


@pytest.mark.soak
def test_blocks_without_end():
    header = b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\n'
    blocks = (
        header + b"SomeError: failed:\n",
        header
        + b"KeyError: 1\n"
        + b"x\n" * 59
        + b"During handling of the above exception, another exception occurred:\n",
        b"##[group]Run x ",
        b" word" * 50 + b" # a.py:3\n      " + header,
        b'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x\nKeyError: 1\n',
        b'  + Exception Group Traceback (most recent call last):\n  |   File "a.py", line 1, in f\n  | E: a (2 sub-exceptions)\n',
        b"KeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\n",
        b"____ a ____\nE   a\n",
        b"=" * 70 + b"\nERROR: a\n" + b"-" * 70 + b"\n",
        b"=" * 70 + b"\nUNEXPECTED SUCCESS: a\n",
        b'Error in test a (b.c)\n  File "x", line 3, in f\n',
        b"a.py::t <- b FAILED\n",
        b"usage: a\na b: error: x\n",
        b'{"log":"=== FAILURES ===\\n"}\n',
        b'  File\n"x",\nline 3, in f\n',
        b"--- Captured stdout call ---\n1 failed in 0.1s\n",
        b"+++++ Timeout +++++\nx\n",
        b"Ran 3 tests in 0.1s\n\nFAILED (aaaa, bbbb)\n",
    )
    for block in blocks:
        examine(b"=== FAILURES ===\n" + block * (4 * SIZE // len(block)))
        examine(block * (4 * SIZE // len(block)))
