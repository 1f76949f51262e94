"""Tracebacks between whose lines nothing else stands, read in bulk; nearly all are printed so."""

from __future__ import annotations

from bot.extract.forms import EXCEPTION, is_anchor, looks_like_type
from bot.extract.text import Text
from bot.model import Frame
from bot.patterns import pattern

MOST_FRAMES = 2_200
"""Frames of one traceback that are kept; Python's own limit is a thousand, Python 2 prints each."""
_LOCATED = r' {0,4}File "(?P<file>[^"\n]*)", line (?P<line>\d{1,9})(?:, in (?P<function>[^\n]*))?[^\S\n]*\n'
_STRAIGHT = pattern(
    _LOCATED + r'(?P<source>(?: {4}(?! *File "| *\[Previous line )[^\n]*\n)*)'
    r"(?P<more>(?:[^\S\n]*\[Previous line repeated \d+ more times?\]\n)?)"
)
"""A frame with what is printed below it, in text without prefixes."""
_SPACED = pattern(
    _LOCATED + r'(?P<source>(?:(?! *File "| *\[Previous line )[^\S\n]*[^\s][^\n]*\n)*)(?P<more>(?:[^\S\n]*\n)*)'
)
"""The same with a blank line after each, and with the source indented or not."""
_BLANKS = pattern(r"[^\n]*\n(?:[^\S\n]*\n)*")
_LONGEST = 200_000
"""Characters of a traceback that are read in bulk."""


def straight(view: Text, number: int) -> tuple[list[Frame], int] | None:
    """The frames of a traceback between whose lines nothing else stands, and where its exception stands."""
    size = _FIRST
    while (run := view.run(number, size)) and size < _LONGEST:
        frames, at, offset = _in_bulk(view, run, number)
        if offset >= len(run):
            size *= 4
            if len(run) < size // 8:
                return None  # it ends here
            continue
        line = run[offset : run.index("\n", offset)]
        found = EXCEPTION.match(line) if frames and len(frames) < MOST_FRAMES else None
        return (frames, at) if found is not None and looks_like_type(found["type"]) else None
    return None


_FIRST = 6_000


def _in_bulk(view: Text, run: str, number: int) -> tuple[list[Frame], int, int]:
    """The frames of a run of lines, and the line and the offset after them."""
    frames: list[Frame] = []
    head = _BLANKS.match(run)
    offset = head.end() if head else len(run)
    at = number + run.count("\n", 0, offset)
    spaced = at > number + 1
    match = _SPACED.match if spaced else _STRAIGHT.match
    while (found := match(run, offset)) is not None:
        file, line, function, source, more = found.groups()
        below = source.count("\n")
        if spaced and below > 1 and _raises(source):
            break
        frames.append(
            Frame(
                file=file,
                line=int(line),
                function=function.rstrip() if function else None,
                source=source[: source.index("\n")].strip() if source else None,
                at=view.at(at),
            )
        )
        at += 1 + below + more.count("\n")
        offset = found.end()
    return frames, at, offset


def _raises(source: str) -> bool:
    """Whether an exception stands right below the source, without the blank line that is due."""
    return any(EXCEPTION.match(line) and not is_anchor(line) for line in source.split("\n")[1:])
