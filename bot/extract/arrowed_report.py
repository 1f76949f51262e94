"""Tracebacks without a header, of printers that show the lines around each place: `File "a.py", line 3, in f`, `--> 3  …`.

What stands between places is source with its numbers and variables. A summary may tell all places once more.
"""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace

from bot.extract.forms import EXCEPTION, FRAME, looks_like_type, raised
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.links import chained
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import is_record
from bot.model import Frame, Raised
from bot.patterns import pattern

_ARROW = pattern(r"--> \d+ +(?P<source>.*)$")
_CODE = pattern(r"\s*\d+(?:\s|$)")
_AROUND = 30
"""Lines above an arrow among which its place is."""
_LINES = 20_000


class ArrowedReport:
    """An arrow, and above it a place."""

    needles: ClassVar[tuple[Needle, ...]] = (Pattern(rb"(?:^|[^-])--> [0-9]+ +[^ ]", b"--> 10       return int(text)"),)

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Go back to the first place, and read on from there."""
        line = tape.text(number) or ""
        column = line.find("--> ")
        view = View(tape, Prefix(line[: max(0, column)]))
        first = _place_above(view, tape, number)
        if first is None:
            return number
        parts, end = chained(view, first, _block, FRAME)
        if not parts[-1].frames or end <= number:
            return number
        above = unstamped(tape.behind(first - 1) or "").strip()
        ledger.loose(
            Found(
                chain=tuple(parts),
                span=(first, end - 1),
                before=(above,) if above else (),
                writer=view.prefix.key,
                logged=is_record(above),
                uncertain=None if parts[-1].exception else "its end is missing",
            )
        )
        return end


def _place_above(view: View, tape: Tape, number: int) -> int | None:
    for at in range(number - 1, max(number - _AROUND, tape.read_to - 1), -1):
        line = view.behind(at)
        if line is None or not (line[:1] in " F" or _CODE.match(line)):
            return None
        if FRAME.match(line):
            return at
    return None


def _block(view: View, number: int) -> tuple[Raised, int]:
    """From a first place to the exception's last line."""
    frames: list[Frame] = []
    again = False
    end = number
    while end - number < _LINES and (line := view.text(end)) is not None:
        place = FRAME.match(line)
        arrow = _ARROW.match(line)
        if place is not None and not again:
            frames.append(
                Frame(
                    file=place["file"],
                    line=int(place["line"]) if len(place["line"]) < 10 else None,
                    function=(place["function"] or "").rstrip() or None,
                    at=end,
                )
            )
        elif arrow is not None and frames:
            frames[-1] = replace(frames[-1], source=arrow["source"].strip())
        elif line.startswith("----"):
            again = True
        elif line.strip() and place is None and line[0] != " " and not _CODE.match(line):
            return _exception(view, number, end, frames)
        end += 1
    return Raised(exception="", frames=tuple(frames), span=(number, end - 1)), end


def _exception(view: View, first: int, number: int, frames: list[Frame]) -> tuple[Raised, int]:
    found = EXCEPTION.match((view.text(number) or "").rstrip())
    if found is None or not looks_like_type(found["type"]):
        return Raised(exception="", frames=tuple(frames), span=(first, number - 1)), number
    said = [found["message"] or ""]
    end = number + 1
    while len(said) < 100 and (more := view.text(end)) is not None and more.strip() and not is_record(more):
        if FRAME.match(more):
            break
        said.append(more.rstrip())
        end += 1
    return raised(found["type"], "\n".join(said), frames, (first, end - 1)), end
