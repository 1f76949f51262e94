"""Tracebacks as CPython's and PyPy's `traceback` print them, in chains and in groups.

Theory of operation
-------------------
A header, frames, an exception with its message; then perhaps one of two sentences and the next header. `block` reads
one, `chain` reads them all, `group` reads the tree that exception groups are drawn as: each level has a margin
(two blanks a level, a bar, a blank), and inside a margin everything is printed as outside. Members come before their
group in the result, as causes come before what they caused.

How the lines look is `forms`, what is printed straight is read by `straight`, and `links` finds the sentences. Nothing
here knows where a traceback stands; `bot.extract.tracebacks` finds the prefix and what the block means.
"""

from __future__ import annotations

import re

from msgspec import Struct, field
from msgspec.structs import replace

from bot.extract import messages
from bot.extract.forms import (
    EXCEPTION,
    FRAME,
    HEADER,
    RECORD,
    REPEATED,
    SENTENCES,
    WRAPPED,
    is_anchor,
    is_header,
    looks_like_type,
    parted,
)
from bot.extract.margins import Margin, Under
from bot.extract.straight import MOST_FRAMES, straight
from bot.extract.text import Text
from bot.model import Frame, Raised, Relation
from bot.patterns import pattern

_CUT = 4_000
"""Characters of a message that are kept."""
_DEEP = 100
"""Levels of nested groups and links of a chain that are read."""


class Read(Struct):
    """What was read of a chain: its parts, outermost last, and the number of the first line that is not its."""

    parts: list[Raised] = field(default_factory=list)
    end: int = 0
    uncertain: str | None = None


def chain(view: Text, number: int, *, whole: bool = False, deep: int = 0) -> Read:
    """Read a chain whose header (or exception, or group) stands at `number`.

    `whole` says that the text is a message's up to the end of the view (a runner's section): then what follows the
    exception is its message; elsewhere only what plainly belongs to it.
    """
    read = Read(end=number)
    for _ in range(_DEEP):
        first = len(read.parts)
        part = _one(view, read.end, whole=whole, deep=deep)
        if not part.parts:
            break
        _append(read, part)
        read.uncertain = read.uncertain or part.uncertain
        following = _sentence(view, part.end)
        if following is None:
            break
        relation, start = following
        header = _next_header(view, start)
        if header is None:
            break
        del first
        read.parts[-1] = replace(read.parts[-1], relation=relation, of=len(read.parts))
        read.end = header
    _settle(read)
    return read


def _append(read: Read, part: Read) -> None:
    """Add a part, shifting what its members refer to."""
    shift = len(read.parts)
    read.parts.extend(replace(p, of=p.of + shift) if p.of is not None else p for p in part.parts)
    read.end = part.end


def _settle(read: Read) -> None:
    """In a chain whose next link is a group, the link refers to the group, which comes after its members."""
    last = len(read.parts) - 1
    for index, part in enumerate(read.parts):
        if part.of is not None and part.relation is not Relation.GROUP_MEMBER and part.of <= last:
            target = part.of
            while target < last and read.parts[target].relation is Relation.GROUP_MEMBER:
                target = _owner(read.parts, target)
            if target != part.of:
                read.parts[index] = replace(part, of=target)
    if read.parts and read.parts[-1].relation is not None:
        # the log ends, or another writer begins, after the sentence
        read.parts[-1] = replace(read.parts[-1], relation=None, of=None)


def _owner(parts: list[Raised], index: int) -> int:
    of = parts[index].of
    return of if of is not None and of > index else index + 1


def _sentence(view: Text, number: int) -> tuple[Relation, int] | None:
    """The sentence that links to the next traceback, past blank lines; the number of the line after it."""
    for ahead in range(4):
        line = view.text(number + ahead)
        if line is None:
            return None
        text = line.strip()
        if text in SENTENCES:
            return SENTENCES[text], number + ahead + 1
        if text:
            return None
    return None


def _next_header(view: Text, number: int) -> int | None:
    for ahead in range(4):
        line = view.text(number + ahead)
        if line is None:
            return None
        if line.strip():
            return number + ahead
    return None


def _one(view: Text, number: int, *, whole: bool, deep: int = 0) -> Read:
    line = view.text(number)
    if line is None:
        return Read(end=number)
    if line.lstrip().startswith(("+ Exception Group Traceback", "| ")):
        return _group(view, number, depth=1)
    if line.startswith("Exception Group Traceback") or line.rstrip() == HEADER:
        return block(view, number, whole=whole, deep=deep)
    return _bare(view, number, whole=whole, deep=deep)


def _bare(view: Text, number: int, *, whole: bool, deep: int = 0) -> Read:
    """An exception without a traceback: `Type: message`, or a remote traceback in triple quotes."""
    line = view.text(number) or ""
    found = EXCEPTION.match(line)
    if found is None:
        return Read(end=number)
    return _raised(view, number, [], number, whole=whole, deep=deep)


def block(view: Text, number: int, *, whole: bool = False, deep: int = 0) -> Read:
    """Read one traceback whose header stands at `number`.

    Nearly all are printed straight, and are read in bulk; what stands between the lines of others is looked at one by one.
    """
    read = straight(view, number)
    if read is not None:
        return _raised(view, number, read[0], read[1], whole=whole, deep=deep)
    frames: list[Frame] = []
    at = number + 1
    line = view.text(at)
    spaced = line is not None and not line.strip()
    strange = 0
    uncertain = None
    wrapped = False
    while line is not None or _others(view, at):
        if line is None:
            at, uncertain = at + 1, _BETWEEN
            strange += 1
            if strange > _FOREIGN:
                break
            line = view.text(at)
            continue
        found = FRAME.match(line)
        if found is not None:
            at = _frame(view, at, found, frames, spaced=spaced)
            strange = 0
        elif WRAPPED.match(line) and (folded := _wrapped(view, at, line)) is not None:
            first, wrapped = view.at(at if '"' in line else at + 1), True
            at = _frame(view, at + folded[1], folded[0], frames, spaced=spaced)
            frames[-1] = replace(frames[-1], at=first)
            strange = 0
        elif (
            REPEATED.match(line)
            or (frames and (line.startswith("  ") or not line.strip()) and _goes_on(view, at))
            or (not line.strip() and spaced)
        ):
            at += 1
        else:
            closing, resumed = _closing(view, at)
            if closing is not None:
                uncertain = None if wrapped else uncertain or (_BETWEEN if closing > at else None)
                return _finish(view, number, frames, closing, whole=whole, deep=deep, uncertain=uncertain)
            strange += 1
            if resumed is None or strange > _FOREIGN:
                break
            at, uncertain = resumed, _BETWEEN
        line = view.text(at)
    if not frames:
        return Read(end=number)
    cut = Raised(exception="", frames=tuple(frames), span=(view.at(number), view.at(at - 1)))
    return Read(parts=[cut], end=at, uncertain="its end is missing")


def _wrapped(view: Text, number: int, line: str) -> tuple[re.Match[str], int] | None:
    """A frame whose line was wrapped anywhere between its words, as uv does, and the lines that it was wrapped over."""
    joined = line.rstrip()
    for further in range(1, 4):
        joined = f"{joined} {(view.text(number + further) or '').strip()}"
        found = FRAME.match(joined)
        if found is not None and (found["function"] or not joined.endswith((",", " in"))):
            return found, further
    return None


_FOREIGN = 50
"""Lines of other writers that may stand inside a traceback."""


def _others(view: Text, number: int) -> bool:
    """Whether a line is there, only not this writer's."""
    return view.writer != "" and not view.ended(number)


def _goes_on(view: Text, number: int) -> bool:
    """Whether the frames go on after a line that is none: locals, a blank, a source of several lines."""
    for ahead in range(1, 40):
        line = view.text(number + ahead)
        if line is None and _others(view, number + ahead):
            continue
        if line is None:
            return False
        if FRAME.match(line):
            return True
        if line.strip() and not line.startswith(" "):
            return EXCEPTION.match(line) is not None
    return False


_BETWEEN = "other lines stand between its lines"


def _closing(view: Text, number: int) -> tuple[int | None, int | None]:
    """Where the exception stands, or else where the frames go on, past what others printed in between."""
    found = EXCEPTION.match(view.text(number) or "")
    if found and looks_like_type(found["type"]):
        return number, None
    for ahead in range(1, 7):
        text = view.text(number + ahead)
        if text is None and _others(view, number + ahead):
            continue
        if text is None or HEADER in text:
            break
        if FRAME.match(text) or WRAPPED.match(text):
            return None, number + ahead
        later = EXCEPTION.match(text)
        if later and looks_like_type(later["type"]) and not RECORD.match(text):
            return number + ahead, None
    return (number if found else None), None


def _frame(view: Text, number: int, found: re.Match[str], frames: list[Frame], *, spaced: bool) -> int:
    """Take a frame with its source and anchors; the number of the line after them."""
    source: str | None = None
    at = number + 1
    while True:
        line = view.text(at)
        if line is None:
            break
        if spaced:
            if not line.strip():
                at += 1
                break
            if FRAME.match(line) or (source is not None and EXCEPTION.match(line) and not is_anchor(line)):
                break
        elif not line.startswith("    ") or FRAME.match(line) or WRAPPED.match(line):
            break
        if source is None and not REPEATED.match(line):
            source = line.strip()
        at += 1
    if len(frames) < MOST_FRAMES:
        function = found["function"]
        frames.append(
            Frame(
                file=found["file"],
                line=int(found["line"]) if len(found["line"]) < 10 else None,
                function=function.rstrip() if function else None,
                source=source,
                at=view.at(number),
            )
        )
    return at


def _finish(
    view: Text, number: int, frames: list[Frame], at: int, *, whole: bool, uncertain: str | None, deep: int = 0
) -> Read:
    read = _raised(view, number, frames, at, whole=whole, deep=deep)
    read.uncertain = uncertain
    return read


def _raised(view: Text, number: int, frames: list[Frame], at: int, *, whole: bool, deep: int = 0) -> Read:
    """The exception at line `at`, with what follows as its message and notes."""
    found = EXCEPTION.match(view.text(at) or "")
    if found is None:
        return Read(end=at)
    first = (found["message"] or "").rstrip()
    quoted = _quoting(view, at, first, deep) if not whole and deep < _QUOTED else None
    if quoted is not None:
        more, end = quoted
    else:
        more, end = messages.further(view, at + 1, whole=whole, remote=first == "" and found["message"] is not None)
    if not frames and more and more[0].strip() in messages.FENCES:
        frames = _remote_frames(view, at + 2)
    message, suggestion = parted("\n".join([first, *more])[:_CUT])
    raised = Raised(
        exception=found["type"],
        message=message,
        frames=tuple(frames),
        notes=(suggestion,) if suggestion else (),
        span=(view.at(number), view.at(end - 1)),
    )
    return Read(parts=[raised], end=end)


_QUOTED = 20
"""Tracebacks that are quoted in the message of one that is quoted itself."""


def _remote_frames(view: Text, number: int) -> list[Frame]:
    """The frames of a traceback that another process printed into a message."""
    for at in range(number, number + 3):
        line = view.text(at)
        if line is not None and is_header(line):
            parts = block(view, at).parts
            return list(parts[-1].frames) if parts else []
    return []


def _quoting(view: Text, at: int, first: str, deep: int) -> tuple[list[str], int] | None:
    """`child failed:` with a traceback right below: it is quoted in the message, and no failure of its own."""
    below = view.text(at + 1)
    if not first.endswith(":") or below is None or not is_header(below):
        return None
    end = chain(view, at + 1, deep=deep + 1).end
    lines = [(view.text(number) or "").rstrip() for number in range(at + 1, min(end, at + 401))]
    return (lines, end) if end > at + 1 else None


# ------------------------------------------------------------------------------------------------------ groups

_MEMBER = pattern(r"\s*\+(?:-\+)?-{16} (?:\d+|\.\.\.) -{16}\s*$")
_END = pattern(r"\s*\+-{16,}\s*$")


def _group(view: Text, number: int, *, depth: int) -> Read:
    """A group drawn as a tree, from its header (`+ Exception Group…`) or, headless, from its first margin line."""
    line = view.text(number) or ""
    indent = len(line) - len(line.lstrip())
    margin = Margin(view, indent)
    headed = line.lstrip().startswith("+")
    inside = block(Under(margin, number), number, whole=True) if headed else _bare(margin, number, whole=True)
    if not inside.parts:
        return Read(end=number)
    own = inside.parts[-1]
    read = Read(end=inside.end, uncertain=inside.uncertain)
    _members(view, read, depth)
    own = replace(own, span=(own.span[0], view.at(read.end - 1)))
    top = len(read.parts)
    read.parts = [
        replace(part, relation=Relation.GROUP_MEMBER, of=top) if part.relation is None else part for part in read.parts
    ]
    read.parts.append(own)
    return read


def _members(view: Text, read: Read, depth: int) -> None:
    """Read the members that follow a group's message, each with its own chain."""
    while depth < _DEEP:
        line = view.text(read.end)
        if line is None or not _MEMBER.match(line):
            if line is not None and _END.match(line):
                read.end += 1
            return
        below = view.text(read.end + 1)
        if below is None:
            read.end += 1
            return
        indent = len(below) - len(below.lstrip())
        member = _member(Margin(view, indent), read.end + 1, depth)
        if not member.parts:
            read.end = _past(view, read.end + 1)
            continue
        _append(read, member)
        read.uncertain = read.uncertain or member.uncertain


def _past(view: Text, number: int) -> int:
    """The next line of a tree's frame, past members that were left out ("and 5 more exceptions")."""
    while (line := view.text(number)) is not None and line.lstrip().startswith("|"):
        number += 1
    return number


def _member(margin: Margin, number: int, depth: int) -> Read:
    """A member's chain, inside its margin; a nested group is drawn one level further in."""
    read = Read(end=number)
    for _ in range(_DEEP):
        line = margin.text(read.end)
        if line is None:
            break
        part = _nested(margin, read.end, depth)
        if not part.parts:
            break
        _append(read, part)
        following = _sentence(margin, part.end)
        header = _next_header(margin, following[1]) if following else None
        if following is None or header is None:
            break
        read.parts[-1] = replace(read.parts[-1], relation=following[0], of=len(read.parts))
        read.end = header
    _settle(read)
    return read


def _nested(margin: Margin, number: int, depth: int) -> Read:
    line = margin.text(number) or ""
    if line.startswith("Exception Group Traceback") or line.rstrip() == HEADER:
        read = block(margin, number, whole=True)
    else:
        read = _bare(margin, number, whole=True)
    if not read.parts:
        return read
    inner = Read(end=read.end)
    following = margin.view.text(read.end)
    if following is not None and _MEMBER.match(following) and "+-+" in following:
        _members(margin.view, inner, depth + 1)
        top = len(inner.parts)
        parts = [replace(p, relation=Relation.GROUP_MEMBER, of=top) if p.relation is None else p for p in inner.parts]
        return Read(parts=[*parts, read.parts[-1]], end=inner.end, uncertain=read.uncertain)
    return read
