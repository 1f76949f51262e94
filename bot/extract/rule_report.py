"""A rule of a workflow that raised, as snakemake tells it: type and place first, then the message, then frames."""

from __future__ import annotations

from typing import ClassVar

from bot.extract.forms import FRAME
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import Prefix
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.model import Frame, Raised
from bot.patterns import pattern

_HEAD = pattern(r"(?P<type>[^\W\d][\w.]*) in (?:file \"?.+\"?, line \d+|line \d+ of .+):\s*$")
_MESSAGE = 60
_FRAMES = 2_000


class RuleReport:
    """`KeyError in file "Snakefile", line 8:`, below it a message and places without source."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"[a-z] in (?:file .*, line [0-9]+|line [0-9]+ of .*):$", b'KeyError in file "Snakefile", line 8:'),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the message and the frames."""
        line = tape.text(number) or ""
        column = line.rfind(" ", 0, max(0, line.find(" in "))) + 1
        head = _HEAD.match(line[column:])
        if head is None:
            return number
        view = View(tape, Prefix(line[:column]))
        at = number + 1
        said: list[str] = []
        while at - number < _MESSAGE and (text := view.text(at)) is not None and text.strip() and not FRAME.match(text):
            said.append(text.rstrip())
            at += 1
        frames = _frames(view, at)
        if not frames:
            return number
        end = frames[-1].at + 1
        part = Raised(exception=head["type"], message="\n".join(said), frames=tuple(frames), span=(number, end - 1))
        ledger.loose(Found(chain=(part,), span=part.span, writer=view.prefix.key))
        return end


def _frames(view: View, number: int) -> list[Frame]:
    frames: list[Frame] = []
    while len(frames) < _FRAMES and (place := FRAME.match(view.text(number + len(frames)) or "")) is not None:
        function = place["function"]
        frames.append(
            Frame(
                file=place["file"],
                line=int(place["line"]) if len(place["line"]) < 10 else None,
                function=function.rstrip() if function else None,
                at=number + len(frames),
            )
        )
    return frames
