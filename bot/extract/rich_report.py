"""Tracebacks as rich draws them: a box of places and source lines, the exception below it, boxes chained by sentences.

A place may be wrapped at the box's width anywhere, so lines are joined until they read `path:line in function`.
"""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract.forms import EXCEPTION, parted
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.links import chained
from bot.extract.prefixes import NONE, Prefix, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import is_record
from bot.model import Frame, Raised
from bot.patterns import pattern

_TOP = pattern(r"(?P<corner>[╭┌+])[─-]+ Traceback \(most recent call last\) [─-]+[╮┐+]\s*$")
_BOTTOM = ("╰", "└", "+-")
_PLACE = pattern(r"(?P<file>\S.*?):(?P<line>\d+) in (?P<function>\S.*)$")
_POINTED = pattern(r"[❱>] +\d+ (?P<source>.*)$")
_INNER = ("╭", "│", "╰", "┌", "└")
_LINES = 20_000
"""Lines of one box."""


class RichReport:
    """Boxes of rich.traceback and of its logging handler."""

    needles: ClassVar[tuple[bytes, ...]] = (
        "─ Traceback (most recent call last) ─".encode(),
        b"- Traceback (most recent call last) -",
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the boxes from the first one's upper edge."""
        found = _TOP.search(tape.text(number) or "")
        if found is None:
            return number
        view = View(tape, Prefix(found.string[: found.start()]) if found.start() else NONE)
        parts, end = chained(view, number, _box, _TOP)
        if not any(part.frames or part.exception for part in parts):
            return number
        ledger.loose(_found(tape, view, parts, (number, end - 1)))
        return end


def _found(tape: Tape, view: View, parts: list[Raised], span: tuple[int, int]) -> Found:
    above = unstamped(tape.behind(span[0] - 1) or "").strip()
    return Found(
        chain=tuple(parts),
        span=span,
        dialect="rich",
        before=(above,) if above else (),
        writer=view.prefix.key,
        logged=is_record(above),
    )


def _box(view: View, number: int) -> tuple[Raised, int]:
    """One box and the exception below it; the number of the line after them."""
    frames: list[Frame] = []
    place, at = "", 0
    end = number + 1
    while end - number < _LINES and (line := view.text(end)) is not None and not line.startswith(_BOTTOM):
        inner = _inner(line)
        if inner[:1].strip() and inner[0] not in "❱>" and "│" not in inner and not inner.startswith(_INNER):
            at = at if place else end
            place = _joined(place, inner)
            found = _PLACE.match(place)
            if found is not None and len(found["line"]) < 10:
                frames.append(Frame(file=found["file"], line=int(found["line"]), function=found["function"], at=at))
                place = ""
        else:
            place = ""
            pointed = _POINTED.match(inner.strip())
            if pointed is not None and frames and frames[-1].source is None:
                frames[-1] = _with_source(frames[-1], pointed["source"])
        end += 1
    return _exception(view, number, end + 1, frames)


def _inner(line: str) -> str:
    """What stands inside the box's edges."""
    return line[2:].rstrip().rstrip("│|").rstrip() if line[:1] in "│|" else ""


def _joined(place: str, more: str) -> str:
    if not place:
        return more
    blank = place.endswith(" in") or re.search(r":\d+$", place) is not None
    return f"{place} {more}" if blank else place + more


def _with_source(frame: Frame, source: str) -> Frame:
    return replace(frame, source=re.sub(r"^[│|\s]+", "", source).strip())


def _exception(view: View, first: int, number: int, frames: list[Frame]) -> tuple[Raised, int]:
    """The exception's line, and those that its message was wrapped over."""
    line = view.text(number)
    found = EXCEPTION.match(line.rstrip()) if line else None
    if line is None or found is None:
        return Raised(exception="", frames=tuple(frames), span=(first, number - 1)), number
    said = [found["message"] or ""]
    end = number + 1
    while len(said) < 100 and (more := view.text(end)) is not None and more.strip() and not _TOP.search(more):
        if is_record(more):
            break
        said.append(more.rstrip())
        end += 1
    message, suggestion = parted("\n".join(said).strip())
    part = Raised(
        exception=found["type"],
        message=message,
        frames=tuple(frames),
        notes=(suggestion,) if suggestion else (),
        span=(first, end - 1),
    )
    return part, end
