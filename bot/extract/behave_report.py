"""Behave's scenarios: a failing step with its traceback, or with the assertion's message only, below it.

The step's line ends with the place of its function (`# features/steps/shop.py:11`), its scenario's line with that of
the scenario, under which Behave lists it among the failing ones: that is the test's name.
"""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract import cpython
from bot.extract.forms import HEADER
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_STEP = pattern(r"\s+\S.*# (?:(?P<file>\S+):(?P<line>\d+)|None)(?: [\d.]+s)?\s*$")
_SCENARIO = pattern(r"\s*(?:@\S+ )*Scenario(?: Outline| Template)?: (?P<name>.*?)\s+# (?P<place>\S+\.feature:\d+)\s*$")
_ASSERTED = pattern(r"\s+(?:Assertion Failed|ASSERT FAILED): (?P<message>.*)$")
_LONGEST = 1_000
"""Characters of a step's line."""
_FAR = 60
"""Lines above a failing step in which its scenario's line is looked for."""


class BehaveReport:
    """A failing step."""

    needles: ClassVar[tuple[bytes, ...]] = (HEADER.encode(), b"Assertion Failed: ", b"ASSERT FAILED: ")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read what stands below a step."""
        above, line = tape.behind(number - 1) or "", tape.text(number) or ""
        if "# " not in above or len(above) > _LONGEST or len(line) > _LONGEST:
            return number
        step = _STEP.search(above)
        if step is None:
            return number
        test = _scenario(tape, number)
        if test is None:
            return number
        asserted = _ASSERTED.search(line)
        if asserted is not None:
            part = Raised(
                exception="AssertionError",
                message=asserted["message"].strip(),
                frames=_place(step, number - 1),
                span=(number, number),
            )
            ledger.tested(_found((part,), (number, number), test))
            return number + 1
        read = cpython.chain(View(tape, Prefix(line[: line.find(HEADER)])), number)
        if not read.parts or not read.parts[-1].frames:
            return number
        ledger.tested(_found(tuple(read.parts), (number, read.end - 1), test))
        return read.end


def _found(chain: tuple[Raised, ...], span: tuple[int, int], test: str) -> Found:
    return Found(chain=chain, span=span, dialect="behave", test=test, phase=Phase.CALL)


def _place(step: re.Match[str], at: int) -> tuple[Frame, ...]:
    line = step["line"]
    if line is None or len(line) > 9:
        return ()
    return (Frame(file=step["file"], line=int(line), at=at),)


def _scenario(tape: Tape, number: int) -> str | None:
    for back in range(2, _FAR):
        above = tape.behind(number - back)
        if above is None:
            return None
        found = _SCENARIO.search(above) if "Scenario" in above and len(above) < _LONGEST else None
        if found is not None:
            return f"{found['place']}  {found['name']}"
    return None
