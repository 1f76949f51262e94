"""Runners that name a test right above its traceback, without rules: zope.testrunner, and green, which leaves headers out."""

from __future__ import annotations

from typing import ClassVar

from bot.extract import cpython
from bot.extract.forms import FRAME, SENTENCES, is_header
from bot.extract.found import Found, linked
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import Headed
from bot.model import Phase, Raised, Relation
from bot.patterns import pattern

_HEAD = pattern(
    r"(?:Error|Failure) in (?:test (?P<test>\S.* \([\w.]+\)|[\w.]+)|(?P<dotted>[^\W\d]\w*(?:\.[^\W\d]\w*)+(?: \[.*\])?(?: \(.*\))?))\s*$"
)
_DEEP = 50
_LONG = 2_000
"""Characters of a line that names a test."""


class NamedReport:
    """`Error in test_desk.DeskTest.test_closed`, and below it frames."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"(?:Error|Failure) in [A-Za-z_]", b"Error in test test_a (m.C)"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the traceback below the name."""
        line = tape.text(number) or ""
        found = _HEAD.search(line) if len(line) < _LONG else None
        if found is None:
            return number
        prefix = Prefix(found.string[: found.start()])
        view = View(tape, prefix)
        below = view.text(number + 1) or ""
        if is_header(below):
            read = cpython.chain(view, number + 1)
            parts, end = read.parts, read.end
        elif FRAME.match(below):
            parts, end = _headless(tape, prefix, number)
        else:
            return number
        if not parts:
            return number
        test = found["test"] or found["dotted"]
        ledger.tested(
            Found(chain=tuple(parts), span=(number, end - 1), dialect="unittest", test=test, phase=Phase.CALL)
        )
        return end


def _headless(tape: Tape, prefix: Prefix, number: int) -> tuple[list[Raised], int]:
    """A chain without headers; the line above each traceback stands for one."""
    parts: list[Raised] = []
    end = number + 1
    while len(parts) < _DEEP:
        read = cpython.block(Headed(tape, prefix, None, number), number)
        if not read.parts:
            break
        parts.extend(read.parts)
        end = read.end
        following = _next(View(tape, prefix), end)
        if following is None:
            break
        relation, number = following
        parts[-1] = linked(parts[-1], relation, len(parts))
    if parts and parts[-1].relation is not None:
        parts[-1] = linked(parts[-1], None, None)
    return parts, end


def _next(view: View, number: int) -> tuple[Relation, int] | None:
    relation = None
    for at in range(number, number + 6):
        line = view.text(at)
        if line is None:
            return None
        if relation is not None and FRAME.match(line):
            return relation, at - 1
        relation = SENTENCES.get(line.strip(), relation)
    return None
