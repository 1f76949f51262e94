"""Trial's report: a rule, `[FAIL]` or `[ERROR]`, a Failure's traceback, then the names of the tests that it hit."""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract import cpython
from bot.extract.forms import is_header
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import Stretch, View
from bot.model import Phase, Raised
from bot.patterns import pattern

_HEAD = pattern(r"\[(?:FAIL|ERROR)\]\s*$")
_RULE = pattern(r"(?:={79}|-{79})\s*$")
_TEST = pattern(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+\s*$")
_BARE = pattern(r"(?:Failure: )(?P<type>[\w.]+)(?:: (?P<message>.*))?$")
_LINES = 5_000


class TrialReport:
    """A block between two rules."""

    needles: ClassVar[tuple[bytes, ...]] = (b"[FAIL]", b"[ERROR]")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the block below a rule."""
        line = tape.text(number) or ""
        found = re.search(r"\[(?:FAIL|ERROR)\]\s*$", line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        if not _RULE.match(view.behind(number - 1) or ""):
            return number
        end = number + 1
        while end - number < _LINES and (text := view.text(end)) is not None and not _RULE.match(text):
            end += 1
        tests = _tests(view, end)
        chain = _chain(view, number + 1, end - len(tests))
        if not chain or not tests:
            return number
        for test in tests:
            ledger.tested(
                Found(chain=chain, span=(number - 1, end - 1), dialect="unittest", test=test, phase=Phase.CALL)
            )
        return end


def _tests(view: View, end: int) -> list[str]:
    """The names below the traceback, nearest to the next rule."""
    names: list[str] = []
    while (line := view.text(end - 1 - len(names))) is not None and _TEST.match(line):
        names.append(line.strip())
    return names[::-1]


def _bared(part: Raised) -> Raised:
    """A failure without frames is printed as `Failure: its.Type: its message`."""
    found = _BARE.match(f"{part.exception}: {part.message}".split("\n", 1)[0]) if not part.frames else None
    if found is None:
        return replace(part, message=part.message.rstrip())
    rest = part.message.partition("\n")[2]
    message = f"{found['message'] or ''}\n{rest}"
    return replace(part, exception=found["type"], message=message.rstrip())


def _chain(view: View, number: int, end: int) -> tuple[Raised, ...]:
    block = Stretch([view.text(at) or "" for at in range(number, end)], number)
    for at in range(number, min(end, number + 5)):
        line = block.text(at) or ""
        if is_header(line):
            parts = cpython.chain(block, at, whole=True).parts
            return tuple(map(_bared, parts))
        found = _BARE.match(line)
        if found is not None:
            return (Raised(exception=found["type"], message=(found["message"] or "").rstrip(), span=(at, at)),)
    return ()
