"""Runners that draw with rich: a rule with the test's title, `Failed at test_a.py:3`, then source or a traceback's box."""

from __future__ import annotations

from typing import ClassVar

from bot.extract import rich_report
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_FAILED = pattern(r" *Failed at (?P<file>[^:]+?)(?::(?P<line>\d+))?\s*$")
_TITLE = pattern(r"[─━-]{3,} (?P<test>\S.*?) [─━-]{3,}\s*$")
_POINTED = pattern(r"\s*[❱>] (?P<line>\d+) (?P<source>.*)$")
_ABOVE, _BELOW = 4, 40


class WardReport:
    """A failing test's title, place, and what was raised."""

    needles: ClassVar[tuple[bytes, ...]] = (b"  Failed at ",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from the title on."""
        line = tape.text(number) or ""
        column = line.find("  Failed at ")
        view = View(tape, Prefix(line[:column]))
        failed = _FAILED.match(line[column:])
        title = next(filter(None, (_TITLE.match(view.behind(number - back) or "") for back in range(1, _ABOVE))), None)
        if failed is None or title is None:
            return number
        parts, end = _box(view, number + 1) or _source(view, number, failed["file"])
        if not parts:
            return number
        span = number, end - 1
        ledger.tested(
            Found(chain=tuple(parts), span=span, dialect="unittest", test=title["test"].strip(), phase=Phase.CALL)
        )
        return end


def _box(view: View, number: int) -> tuple[list[Raised], int] | None:
    """A chain of boxes below."""
    line = view.text(number) or ""
    indent = line[: len(line) - len(line.lstrip())]
    if not rich_report.opens(line[len(indent) :]):
        return None
    return rich_report.tree(View(view.tape, Prefix(view.prefix.text + indent)), number)


def _source(view: View, number: int, file: str) -> tuple[list[Raised], int]:
    """The lines around an assertion that failed; its type is not printed."""
    for at in range(number + 1, number + _BELOW):
        line = view.text(at)
        if line is None or _TITLE.match(line):
            break
        pointed = _POINTED.match(line)
        if pointed is not None:
            frame = Frame(file=file, line=int(pointed["line"][:9]), source=pointed["source"].strip(), at=number)
            return [Raised(exception="AssertionError", frames=(frame,), span=(number, at))], at + 1
    return [], number
