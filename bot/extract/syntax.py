"""Syntax errors without a header: the interpreter could not even begin, or a compiler of many files went on."""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract.forms import raised
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import handled_by
from bot.model import Frame
from bot.patterns import pattern

_TYPE = pattern(r"(?P<type>SyntaxError|IndentationError|TabError): (?P<message>.*)$")
_PLACE = pattern(r'\s*(?:File "(?P<file>[^"\n]*)"|(?P<cell>Cell In ?\[[\d ]*\])), line (?P<line>\d+)\s*$')


class Syntax:
    """`File "x.py", line 3`, the source, a caret, `SyntaxError: …`."""

    needles: ClassVar[tuple[bytes, ...]] = (b"SyntaxError: ", b"IndentationError: ", b"TabError: ")

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read backwards from the exception to the place."""
        line = tape.text(number) or ""
        found = _TYPE.search(line)
        if found is None:
            return number
        view = View(tape, Prefix(line[: found.start()]))
        for back in range(1, 6):
            text = view.behind(number - back)
            if text is None or number - back in tape.taken or number - back < tape.read_to:
                return number
            place = _PLACE.match(text)
            if place:
                return _take(view, number, number - back, place, found, ledger)
            if not text.startswith("    ") and text.strip(" ^~"):
                return number
        return number


def _take(view: View, number: int, at: int, place: re.Match[str], found: re.Match[str], ledger: Ledger) -> int:
    source = (view.behind(at + 1) or "").strip() if number - at > 1 else ""
    frame = Frame(file=place["file"] or place["cell"], line=int(place["line"][:9]), source=source or None, at=at)
    part = raised(found["type"], found["message"], (frame,), (at, number))
    before = ((view.behind(at - 1) or "").strip(),)
    ledger.loose(
        Found(
            chain=(part,),
            span=(at, number),
            before=before,
            writer=view.prefix.key,
            why=handled_by(before),
            dialect="syntax",
        )
    )
    return number + 1
