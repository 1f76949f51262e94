"""What was read once and is told again is what would have been read."""

from __future__ import annotations

import io
import random

import pytest

from bot.extract import echoes, read
from bot.model import Reading
from tests.dialects.truth import DATA
from tests.fuzzing.test_reading_properties import mangled

LOGS = sorted(DATA.rglob("*.log"))
TRACEBACK = b"""Traceback (most recent call last):
  File "/srv/app/main.py", line 3, in <module>
    main()
KeyError: 'coffee'
"""
LINKED = b"\nDuring handling of the above exception, another exception occurred:\n\n" + TRACEBACK.replace(
    b"KeyError", b"OSError"
)


def seen(data: bytes) -> Reading:
    return read(io.BytesIO(data))


def afresh(monkeypatch, data: bytes) -> Reading:
    """What is read where nothing is remembered."""
    with monkeypatch.context() as patch:
        patch.setattr(echoes, "_LARGEST", -1)
        return seen(data)


@pytest.mark.slow
def test_logs_that_repeat_themselves_are_read_as_if_they_did_not(monkeypatch):
    chance = random.Random(7)
    for _ in range(60):
        pieces = [mangled(chance.choice(LOGS).read_bytes(), chance) + b"\n" for _ in range(2)]
        log = b"".join(chance.choice(pieces) for _ in range(5))
        assert seen(log) == afresh(monkeypatch, log)


def test_the_same_traceback_is_counted_as_often_as_it_stands():
    found = seen(b"".join(b"%d\n" % n + TRACEBACK for n in range(50)))
    assert sum(one.times for one in found.failures) == 50
    assert found.failures[0].chain[-1].frames[0].at == 3


def test_the_lines_of_a_repetition_are_its_own():
    log = b"".join(b"2026-11-22 10:00:00 ERROR broken\n" + TRACEBACK + b"done\n" for _ in range(3)) + b"Job succeeded\n"
    found = seen(log)
    assert [row.span for row in found.handled] == [(2, 5), (8, 11), (14, 17)]
    assert [row.chain[-1].frames[0].at for row in found.handled] == [3, 9, 15]


@pytest.mark.parametrize("between", [0, 3, 40, 57])
def test_a_traceback_that_is_linked_is_no_repetition_of_one_that_is_not(monkeypatch, between):
    message = b"".join(b"  more %d\n" % n for n in range(between))
    log = TRACEBACK + message + b"x\n" * 70 + TRACEBACK + message + LINKED + b"end\n"
    found = seen(log)
    assert found == afresh(monkeypatch, log)
    assert [len(one.chain) for one in found.failures] == [1, 2]
