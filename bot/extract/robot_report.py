"""Robot Framework's console: `Name    | FAIL |` with the message below it, and the suite's counts."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract.forms import EXCEPTION, looks_like_type
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Phase, Raised, Totals
from bot.patterns import pattern

_COUNTS = pattern(
    r"(?P<all>\d+)(?: critical)? tests?, (?P<passed>\d+) passed, (?P<failed>\d+) failed(?:, (?P<skipped>\d+) skipped)?"
)
_RULE = pattern(r"(?:-{60,}|={60,})\s*$")
_MARK = pattern(r"(?P<name>\S.*?)\s*\| FAIL \|\s*$")
_LINES = 200


class RobotReport:
    """A failing test or suite."""

    needles: ClassVar[tuple[bytes, ...]] = (b"| FAIL |",)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the message up to the next rule."""
        view = _view(tape, number)
        found = _MARK.match(view.text(number) or "") if view else None
        if view is None or found is None:
            return number
        said: list[str] = []
        end = number + 1
        while len(said) < _LINES and (line := view.text(end)) is not None and not _RULE.match(line):
            said.append(line.rstrip())
            end += 1
        counts = _COUNTS.match(said[-1]) if said else None
        if counts is not None:
            _count(view, end, counts, ledger, number)
        elif said:
            ledger.tested(
                Found(
                    chain=(_raised(said, (number, end - 1)),),
                    span=(number, end - 1),
                    dialect="robot",
                    test=found["name"],
                    phase=Phase.CALL,
                )
            )
        return end


def _view(tape: Tape, number: int) -> View | None:
    """The console's lines without their prefix, which the rule above or below the line shows."""
    for near in range(1, 40):
        for at in (number - near, number + near):
            line = (tape.behind(at) if at < number else tape.text(at)) or ""
            found = re.search(r"(?:-{78}|={78})\s*$", line)
            if found is not None:
                return View(tape, Prefix(line[: found.start()]))
    return None


def _raised(said: list[str], span: tuple[int, int]) -> Raised:
    text = "\n".join(said).strip()
    found = EXCEPTION.match(said[0])
    if found is None or not looks_like_type(found["type"]):
        return Raised(exception="", message=text, span=span)
    message = "\n".join([found["message"] or "", *said[1:]]).strip()
    return Raised(exception=found["type"], message=message, span=span)


def _count(view: View, end: int, counts: re.Match[str], ledger: Ledger, number: int) -> None:
    """The whole run's counts: those after which the files that were written are named."""
    if not (view.text(end + 1) or "").startswith(("Output:", "Debug:")):
        return
    ledger.totals(
        Totals(
            runner="robot",
            failed=int(counts["failed"][:9]),
            passed=int(counts["passed"][:9]),
            skipped=int((counts["skipped"] or "0")[:9]),
            line=number,
        )
    )
