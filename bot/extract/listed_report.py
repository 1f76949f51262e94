"""Runners in RSpec's manner: `Failures:`, and below it each failing example with its number, exception and places.

What fails is named by a sentence. Where `Failure/Error:` shows the statement that failed, the innermost place comes first.
"""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract.forms import EXCEPTION, FRAME, is_anchor, looks_like_type
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Phase, Raised
from bot.patterns import pattern

_TITLE = pattern(r" {2}\d+\) (?P<test>\S.*)$")
_NUMBERED = pattern(r"\d+\) ")
_STATEMENT = "Failure/Error: "
_LINES = 20_000


class ListedReport:
    """A list of examples that failed."""

    needles: ClassVar[tuple[Needle, ...]] = (Pattern(rb"Failures:$", b"Failures:"),)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the examples up to the end of the list."""
        line = tape.text(number) or ""
        view = View(tape, Prefix(line[: line.rfind("Failures:")]))
        at = _past_blanks(view, number + 1)
        end = number
        while (title := _TITLE.match(view.text(at) or "")) is not None and at - number < _LINES:
            part, after = _example(view, at)
            if part is None:
                break
            ledger.tested(
                Found(
                    chain=(part,),
                    span=part.span,
                    dialect="unittest",
                    test=title["test"].rstrip(),
                    phase=Phase.CALL,
                )
            )
            end = after
            at = _past_blanks(view, after)
        return end


def _past_blanks(view: View, number: int) -> int:
    for at in range(number, number + 4):
        line = view.text(at)
        if line is None or line.strip():
            return at
    return number


def _example(view: View, number: int) -> tuple[Raised | None, int]:
    """One example below its title; None where it has no place of Python's."""
    raised: re.Match[str] | None = None
    frames: list[Frame] = []
    inwards = False
    at = number + 1
    while at - number < _LINES and (line := view.text(at)) is not None and (not line.strip() or line[:3] == "   "):
        text = _NUMBERED.sub("", line.strip(), count=1)
        place = FRAME.match(text)
        if text.startswith(_STATEMENT):
            inwards = True
        elif place is not None:
            frames.append(_frame(place, at))
        elif frames:
            if frames[-1].source is None and text and not is_anchor(line):
                frames[-1] = replace(frames[-1], source=text)
        elif raised is None and (found := EXCEPTION.match(text)) and looks_like_type(found["type"]):
            raised = found
        at += 1
    if raised is None or not frames:
        return None, number
    if inwards:
        frames.reverse()
    message = (raised["message"] or "").rstrip()
    return Raised(exception=raised["type"], message=message, frames=tuple(frames), span=(number, at - 1)), at


def _frame(place: re.Match[str], at: int) -> Frame:
    function = place["function"]
    return Frame(
        file=place["file"],
        line=int(place["line"]) if len(place["line"]) < 10 else None,
        function=function.rstrip() if function else None,
        at=at,
    )
