"""Tracebacks as IPython prints them in shells, notebooks, nbclient and papermill.

A rule, `Type      Traceback (most recent call last)`, then places with a few source lines each, the exception last.
A chain's sentence is followed by a second such header without a rule. Old versions give a place's line only by the
arrow on its source line.
"""

from __future__ import annotations

import re
from typing import ClassVar

from bot.extract.forms import EXCEPTION, raised
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.links import chained
from bot.extract.needles import Needle, Pattern
from bot.extract.prefixes import NONE, Prefix, unstamped
from bot.extract.tape import Tape
from bot.extract.text import View
from bot.extract.tracebacks import is_record
from bot.model import Frame, Raised
from bot.patterns import pattern

_HEAD = pattern(r"(?P<type>[^\W\d][\w.]*) {2,}Traceback \(most recent call last\)\s*$")
_PLACE = pattern(
    r"""(?:File\s(?P<file>(?:[A-Za-z]:)?[^:\n]+|<[^>]+>):(?P<line>\d+)
      | (?P<cell>(?:Cell|Input)\sIn\s?\[[\d ]*\])(?:,\sline\s(?P<row>\d+))?
      | (?P<old>(?:[A-Za-z]:)?[^\s:]*[/\\][^:\n]*?|[\w.-]+\.py[cx]?|<[^>]+>)(?=\sin\s)
    )(?:,?\sin\s(?P<function>.+?))?\s*$""",
    re.VERBOSE,
)
_CELL_PLACE = pattern(r"\s+Cell In ?\[[\d ]*\], line \d+\s*$")
"""Where a cell cannot be parsed: another error, not this one's message."""
_CODE = pattern(r"\s*(?P<arrow>-+>)?\s*(?P<row>\d+)(?:\s(?P<source>.*))?$")
_LINES = 20_000
_CELL = 60
"""Lines of a cell's source that are looked past."""


class IpythonReport:
    """A header with the exception's name in front."""

    needles: ClassVar[tuple[Needle, ...]] = (
        Pattern(rb"[^\s]  +Traceback \(most recent call last\)", b"KeyError    Traceback (most recent call last)"),
    )

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read the chain from its first header."""
        found = _HEAD.search(tape.text(number) or "")
        if found is None or not _bare(found):
            return number
        view = View(tape, Prefix(found.string[: found.start()]) if found.start() else NONE)
        parts, end = chain(view, number)
        if not any(part.frames for part in parts):
            return number
        found_all = _found(tape, view, parts, (number, end - 1))
        if not (_quoted(view, number) and ledger.explained(found_all)):
            ledger.loose(found_all)
        return end


def is_head(line: str) -> bool:
    """Whether a line is such a header."""
    return "  Traceback (" in line and _HEAD.match(line) is not None


def chain(view: View, number: int) -> tuple[list[Raised], int]:
    """The parts of a chain from its first header on, and the line after it."""
    return chained(view, number, _block, _HEAD)


def _quoted(view: View, number: int) -> bool:
    """Whether nbclient quotes the traceback of a cell in its own exception's message."""
    for back in range(1, _CELL):
        line = view.behind(number - back)
        if line is None:
            return False
        if line.rstrip().endswith("while executing the following cell:") or line.startswith(
            "Exception encountered at "
        ):
            return True
    return False


def _bare(found: re.Match[str]) -> bool:
    """Whether nothing but a prefix stands before the name: no word that a name would belong to."""
    return not found.string[: found.start()][-1:].isalnum()


def _found(tape: Tape, view: View, parts: list[Raised], span: tuple[int, int]) -> Found:
    above = [unstamped(tape.behind(span[0] - back) or "").strip() for back in (1, 2)]
    lines = tuple(text for text in above if text.strip("-"))
    return Found(
        chain=tuple(parts),
        span=span,
        dialect="ipython",
        before=lines,
        writer=view.prefix.key,
        logged=bool(lines) and is_record(lines[0]),
    )


def _block(view: View, number: int) -> tuple[Raised, int]:
    """From a header to the exception's last line."""
    head = _HEAD.match(view.text(number) or "")
    name = head["type"] if head else ""
    frames: list[Frame] = []
    end = number + 1
    while end - number < _LINES and (line := view.text(end)) is not None:
        if _SHOWN.match(line):
            return _exception(view, number, end, name, frames)
        place = _PLACE.match(line)
        code = _CODE.match(line)
        if place is not None and code is None and not line[:1].isspace():
            frames.append(_frame(place, end))
        elif code is not None and frames and code["arrow"]:
            frames[-1] = _pointed(frames[-1], code)
        elif line.strip() and code is None and not line[:1].isspace():
            return _exception(view, number, end, name, frames)
        end += 1
    return Raised(exception=name, frames=tuple(frames), span=(number, end - 1)), end


def _begins(view: View, number: int) -> bool:
    """Whether another traceback begins, with its rule or without."""
    line = view.text(number) or ""
    return is_head(line) or (line.startswith("-----") and not line.strip("-") and is_head(view.text(number + 1) or ""))


_SHOWN = pattern(r"[^\W\d][\w.]*(?:Error|Exception|Warning|Exit|Interrupt|Iteration|Failure)(?:: |:?\s*$)")


def _frame(place: re.Match[str], at: int) -> Frame:
    line = place["line"] or place["row"]
    function = place["function"]
    return Frame(
        file=place["file"] or place["cell"] or place["old"],
        line=int(line) if line and len(line) < 10 else None,
        function=re.split(r"\((?!_)", function, maxsplit=1)[0] if function else "<module>",
        at=at,
    )


def _pointed(frame: Frame, code: re.Match[str]) -> Frame:
    """The line that the arrow points to; old versions say it nowhere else."""
    row = int(code["row"]) if len(code["row"]) < 10 else None
    return Frame(
        file=frame.file,
        line=frame.line if frame.line is not None else row,
        function=frame.function,
        source=frame.source or (code["source"] or "").strip() or None,
        at=frame.at,
    )


def _exception(view: View, first: int, number: int, name: str, frames: list[Frame]) -> tuple[Raised, int]:
    line = (view.text(number) or "").rstrip()
    found = EXCEPTION.match(line)
    if found is None or found["type"].rpartition(".")[2] != name.rpartition(".")[2]:
        return Raised(exception=name, frames=tuple(frames), span=(first, number - 1)), number
    said = [found["message"] or ""]
    end = number + 1
    while len(said) < 200 and (more := view.text(end)) is not None and more.strip():
        if is_record(more) or _CELL_PLACE.match(more) or _begins(view, end):
            break
        said.append(more.rstrip())
        end += 1
    return raised(found["type"], "\n".join(said), frames, (first, end - 1)), end
