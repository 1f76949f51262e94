"""Tracebacks below a rule that name a place in three words, file, line and function, with its source below."""

from __future__ import annotations

import re
from typing import ClassVar

from msgspec.structs import replace

from bot.extract.forms import EXCEPTION, looks_like_type
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import is_record
from bot.model import Frame, Raised
from bot.patterns import pattern

_PLACE = pattern(r"(?P<file>\S+\.pyx?) (?P<line>\d+) (?P<function>[^\W\d]\w*|<\w+>)\s*$")
_RULE = pattern(r"(?P<head>(?:.*\s)?)(?P<sign>[^\w\s])(?P=sign){20,}\s*$")
_APART = 60
"""Lines of source and variables between two places."""


class TerseReport:
    """`shop.py 5 price`, below it source, and at the end a type alone on its line with the message below."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"[^ ]\.pyx? [0-9]+ (?:[A-Za-z_][A-Za-z0-9_]*|<[a-z]+>)$", b"shop.py 5 price"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read places up to the exception."""
        ruled = _RULE.match(tape.behind(number - 1) or "")
        if ruled is None:
            return number
        view = View(tape, Prefix(ruled["head"]))
        part, end = _block(view, number)
        if part is None:
            return number
        above = next((text for back in (2, 3) if (text := unstamped(tape.behind(number - back) or "").strip())), "")
        ledger.loose(
            Found(
                chain=(part,),
                span=(number, end - 1),
                before=(above,) if above else (),
                writer=view.prefix.key,
                logged=is_record(above),
            )
        )
        return end


def _block(view: View, number: int) -> tuple[Raised | None, int]:
    frames: list[Frame] = []
    end = last = number
    while end - last < _APART and (line := view.text(end)) is not None:
        place = _PLACE.match(line)
        if place is not None:
            frames.append(_frame(place, end))
            last = end
        elif not frames or _RULE.match(line):
            break
        elif line.strip() and frames[-1].source is None and end == last + 1:
            frames[-1] = replace(frames[-1], source=line.strip())
        elif (found := EXCEPTION.match(line.rstrip())) and found["message"] == "" and looks_like_type(found["type"]):
            return _raised(view, number, end, found["type"], frames)
        end += 1
    return None, number


def _frame(place: re.Match[str], at: int) -> Frame:
    line = place["line"]
    return Frame(file=place["file"], line=int(line) if len(line) < 10 else None, function=place["function"], at=at)


def _raised(view: View, first: int, number: int, name: str, frames: list[Frame]) -> tuple[Raised, int]:
    said: list[str] = []
    end = number + 1
    while len(said) < 100 and (more := view.text(end)) is not None and more.strip() and not is_record(more):
        said.append(more.rstrip())
        end += 1
    part = Raised(exception=name, message="\n".join(said), frames=tuple(frames), span=(first, end - 1))
    return part, end
