"""Tracebacks as rich draws them: a box of places and source lines, the exception below it, boxes chained by sentences.

A place may be wrapped at the box's width anywhere, so lines are joined until they read `path:line in function`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
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
from bot.model import Frame, Raised, Relation
from bot.patterns import pattern

_TOP = pattern(r"(?P<corner>[╭┌+])[─-]+ Traceback \(most recent call last\) [─-]+[╮┐+]\s*$")
_MEMBER = pattern(r"[╭┌+][─-]+ Sub-exception #\d+ [─-]+[╮┐+]\s*$")
_BOTTOM = ("╰", "└", "+-")
_PLACE = pattern(r"(?P<file>\S.*?):(?P<line>\d+) in (?P<function>\S.*)$")
_POINTED = pattern(r"[❱>] +\d+ (?P<source>.*)$")
_INNER = ("╭", "│", "╰", "┌", "└")
_DEEP = 20
"""Groups within groups that are read."""
_NOTE = "[NOTE] "
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
        parts, end = tree(view, number)
        if not any(part.frames or part.exception for part in parts):
            return number
        ledger.loose(_found(tape, view, parts, (number, end - 1)))
        return end


def opens(line: str) -> bool:
    """Whether a line is a box's upper edge."""
    return _TOP.match(line.rstrip()) is not None


def tree(view: View, number: int, depth: int = 0) -> tuple[list[Raised], int]:
    """A chain, and the members of the group at its end, each in a box of its own."""
    if _TOP.match(view.text(number) or ""):
        parts, end = chained(view, number, _box, _TOP)
    else:
        part, end = _exception(view, number, number, [])
        parts = [part]
    at = end
    members: list[Raised] = []
    while depth < _DEEP and (opened := _opened(view, at)) is not None:
        transform = view.transform
        inner, _ = tree(View(view.tape, view.prefix, _inside(transform)), opened + 1, depth + 1)
        shift = len(members)
        members += [replace(part, of=part.of + shift) if part.of is not None else part for part in inner]
        at = end = _closed(view, opened)
    if not members:
        return parts, end
    shift, top = len(members), len(members) + len(parts) - 1
    members = [replace(part, relation=Relation.GROUP_MEMBER, of=top) if part.of is None else part for part in members]
    return [*members, *(replace(part, of=part.of + shift) if part.of is not None else part for part in parts)], end


def _opened(view: View, number: int) -> int | None:
    """Where a member's box begins, past blank lines."""
    for at in range(number, number + 3):
        line = view.text(at)
        if line is None or (line.strip() and not _MEMBER.match(line)):
            return None
        if line.strip():
            return at
    return None


def _closed(view: View, number: int) -> int:
    """The line after a box."""
    at = number + 1
    while at - number < _LINES and (line := view.text(at)) is not None and not line.startswith(_BOTTOM):
        at += 1
    return at + 1


def _inside(outer: Callable[[str], str | None] | None) -> Callable[[str], str | None]:
    """A line as it stands inside a box."""

    def within(line: str) -> str | None:
        text = outer(line) if outer is not None else line
        return text[2:].rstrip().rstrip("│|").rstrip() if text and text[0] in "│|" else None

    return within


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
    blank = place.endswith(" in") or (re.search(r":\d+$", place) is not None and not more[:1].isdigit())
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
    noted = next((at for at, text in enumerate(said) if text.startswith(_NOTE)), len(said))
    notes = tuple(text.removeprefix(_NOTE) for text in said[noted:])
    message, suggestion = parted("\n".join(said[:noted]).strip())
    part = Raised(
        exception=found["type"],
        message=message,
        frames=tuple(frames),
        notes=(suggestion, *notes) if suggestion else notes,
        span=(first, end - 1),
    )
    return part, end
