"""Sphinx' own account of an extension's exception: the last frame and the exception, without a traceback's header."""

from __future__ import annotations

from typing import ClassVar

from bot.extract.forms import EXCEPTION, FRAME, looks_like_type, raised
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame
from bot.patterns import pattern

_HEAD = "Exception occurred:"
_SAVED = "The full traceback has been saved in:"
_REPORT = 12
"""Lines of a report's last section, where it has only the innermost frame."""
_CARETS = pattern(r"\s*[\^~][\^~ ]*$")


class SphinxReport:
    """`Exception occurred:` with one frame below it; a traceback printed just before it says more."""

    needles: ClassVar[tuple[bytes, ...]] = (_HEAD.encode(), _SAVED.encode())

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the frame and the exception."""
        line = (tape.text(number) or "").rstrip()
        if line.endswith(_SAVED):
            _last_frame(tape, number, Prefix(line.removesuffix(_SAVED)), ledger)
            return number
        if not line.endswith(_HEAD):
            return number
        view = View(tape, Prefix(line.removesuffix(_HEAD)))
        place = FRAME.match(view.text(number + 1) or "")
        if place is None or len(place["line"]) > 9:
            return number
        source, end = _source(view, number + 2)
        found = EXCEPTION.match((view.text(end) or "").rstrip())
        if found is None or not looks_like_type(found["type"]):
            return number
        if not _said_before(tape, number, found.group()):
            frame = Frame(
                file=place["file"], line=int(place["line"]), function=place["function"], source=source, at=number + 1
            )
            part = raised(found["type"], found["message"] or "", (frame,), (number, end))
            ledger.loose(Found(chain=(part,), span=(number, end), dialect="sphinx", writer=view.prefix.key))
        return end + 1


def _source(view: View, number: int) -> tuple[str | None, int]:
    source = None
    for at in range(number, number + 4):
        line = view.text(at)
        if line is None or not line[:1].isspace():
            return source, at
        if source is None and not _CARETS.match(line):
            source = line.strip()
    return source, number + 4


def _said_before(tape: Tape, number: int, exception: str) -> bool:
    """Whether the whole traceback stands just above (`-T`)."""
    above = [tape.behind(number - back) or "" for back in (1, 2, 3)]
    return any(line.rstrip().endswith(exception) for line in above)


def _last_frame(tape: Tape, number: int, prefix: Prefix, ledger: Ledger) -> None:
    """The section `Traceback` of a report since Sphinx 8.2: one frame and the exception, indented, without a header."""
    view = View(tape, Prefix(prefix.text + "    "))
    above = View(tape, prefix)
    for at in range(number - 1, number - _REPORT, -1):
        text = above.behind(at)
        if text is None or text.startswith("===="):
            return
        place = FRAME.match(view.behind(at) or "")
        if place is not None and len(place["line"]) < 10:
            break
    else:
        return
    if (above.behind(at - 1) or "").strip():
        return  # the last frame of a whole traceback (`-T`), which is read as one
    said = [view.behind(line) or "" for line in range(at + 1, number)]
    source = said[0].strip() if said and said[0].startswith("    ") else None
    for line, text in enumerate(said, at + 1):
        found = EXCEPTION.match(text.rstrip())
        if found is not None and looks_like_type(found["type"]):
            frame = Frame(file=place["file"], line=int(place["line"]), function=place["function"], source=source, at=at)
            part = raised(found["type"], found["message"] or "", (frame,), (at, line))
            ledger.loose(Found(chain=(part,), span=(at, line), dialect="sphinx", writer=view.prefix.key))
            return
