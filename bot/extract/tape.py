"""The log as a tape of numbered lines, of which only a stretch is in memory, and the needles' hits on it."""

from __future__ import annotations

import codecs
from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import Any, Protocol

from bot.extract.needles import Hits
from bot.extract.prefixes import NONE, Prefix

BEHIND = 64
"""Lines that stay readable behind the oldest line anybody still reads."""
_HELD = 8 << 20
"""Bytes in memory above which no line behind it is worth keeping: so long are only lines that nobody reads."""

Scan = Callable[[bytes], Hits]
"""The hits in a window."""
Swept = Callable[[bytes, int, int, Hits], None]
"""Told of a window, the number of its first line and that of its lines, and its hits."""


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("upriver-latin", _as_latin)


class Chunk:
    """A window and where its lines are; a line is looked for from the last one that was asked for."""

    __slots__ = (
        "_at",
        "_ends",
        "_lines",
        "_number",
        "_offsets",
        "_passed",
        "_walked",
        "anchors",
        "count",
        "data",
        "due",
        "first",
        "loud",
        "quiet",
        "signs",
    )

    def __init__(self, data: bytes, first: int, hits: Hits) -> None:
        self.data = data
        self.first = first
        self._number, self._at = first, 0
        self._walked = 0
        self._ends = array("I")
        """How much text stands before each line, line ends aside, once many lines were looked for."""
        self.anchors: dict[int, int] = {}
        """Offsets within lines that have hits: those are found at once, their neighbours from them."""
        self.loud: list[tuple[int, int]] = []
        """Lines and needles of the loud hits."""
        self.quiet = deque(hits.quiet)
        """Offsets and needles of the quiet hits that nobody has looked at yet."""
        self.due = 0
        self.signs: list[int] = []
        self.count = self._numbered(hits.loud)
        self._passed = 0, first
        self._lines, self._offsets = list(self.anchors), list(self.anchors.values())

    def _numbered(self, hits: list[tuple[int, int]]) -> int:
        """Give each hit its line; how many lines there are."""
        at, number, count = 0, self.first, self.data.count
        add, anchors = self.loud.append, self.anchors
        told: set[int] = set()
        for offset, needle in hits:
            if offset > at:
                ends = count(b"\n", at, offset)
                at = offset
                if ends:
                    number += ends
                    told.clear()
            if needle not in told:  # a line may repeat a needle a million times
                told.add(needle)
                if number not in anchors:
                    anchors[number] = offset
                add((number, needle))
        return number - self.first + count(b"\n", at) + (not self.data.endswith(b"\n"))

    def number(self, offset: int) -> int:
        """The number of the line that an offset is on; offsets are asked for in their order."""
        index = bisect_right(self._offsets, offset) - 1
        near, number = self._passed
        if index >= 0 and self._offsets[index] > near:
            near, number = self._offsets[index], self._lines[index]
        number += self.data.count(b"\n", near, offset)
        self._passed = offset, number
        return number

    def offset(self, number: int) -> int:
        """Where a line begins."""
        if self._ends:
            return self._ends[number - self.first] + number - self.first
        at, data = self._at, self.data
        anchor = self.anchors.get(number)
        if anchor is not None:
            self._number, at = number, data.rfind(b"\n", 0, anchor - 1) + 1
        elif number - self.first < self._number - number:
            self._number, at = self.first, 0
        steps = number - self._number
        if abs(steps) > 1:
            self._walked += abs(steps)
            if self._walked > _WALKED:
                self._ends = array("I", accumulate(map(len, data.split(b"\n")), initial=0))
                return self._ends[number - self.first] + number - self.first
        for _ in range(steps):
            at = data.find(b"\n", at) + 1
        for _ in range(-steps):
            at = data.rfind(b"\n", 0, at - 1) + 1
        self._number, self._at = number, at
        return at

    def calm(self, number: int, lines: int) -> bool:
        """Whether all of so many lines from one on are here, and no sign on any."""
        if number + lines > self.first + self.count:
            return False
        at = self.offset(number)
        index = bisect_right(self.signs, at)
        if index == len(self.signs):
            return True
        sign = self.signs[index]
        near = self.data.count(b"\n", at, min(sign, at + _NEAR))
        return near >= lines or (sign > at + _NEAR and self.data.count(b"\n", at, min(sign, at + _FAR)) >= lines)

    def line(self, number: int) -> bytes:
        """A line's bytes."""
        at = self.offset(number)
        end = self.data.find(b"\n", at)
        return self.data[at:end] if end >= 0 else self.data[at:]

    def page(self, number: int, size: int) -> bytes:
        """A line and those that follow it within some bytes."""
        at = self.offset(number)
        end = self.data.rfind(b"\n", at, at + size)
        if end < 0:
            end = self.data.find(b"\n", at + size)
        return self.data[at:end] if end >= 0 else self.data[at:]


_WALKED = 2_000
"""Lines that are passed in looking for others, before all are numbered."""
_NEAR, _FAR = 8 << 10, 64 << 10
PAGE = 6_000
"""Bytes that are cut into lines at once."""


def _anew(_who: object, reads: Callable[..., int], tape: Tape, number: int, ledger: object) -> int:
    return reads(tape, number, ledger)


class Tape:
    """Numbered lines of a log. `text(n)` is line n, or None past the end; earlier than `BEHIND` may be forgotten.

    Windows are kept as bytes, and only lines that somebody asks for are cut out of them and decoded.
    """

    def __init__(self, windows: Iterator[bytes], scan: Scan, swept: Swept) -> None:
        self._windows = windows
        self._scan = scan
        self._swept = swept
        self.chunks: deque[Chunk] = deque()
        """The windows in memory."""
        self._known: dict[int, str] = {}
        self._room = _KNOWN
        self._ended = False
        self.next = 1
        """The number of the first line not in memory yet."""
        self.read_to = 1
        """Lines before this one have been read by dialects; hits there begin nothing."""
        self.begun = 1
        """The line of the hit that is being looked at."""
        self.taken: set[int] = set()
        """Lines after `read_to` that were read all the same, between those of another writer."""
        self.hits: deque[tuple[int, int]] = deque()
        self.low = self.high = self.calm_to = 1
        """The first and the last line that were asked for since somebody set these, and up to which it was asked for
        nothing but signs."""
        self.again: Callable[..., int] = _anew
        """As `bot.extract.echoes.Echoes.read`: for what dialects read of which parts may be repeated."""
        self.pages: dict[str, tuple[int, Sequence[str | None]]] = {}
        """The page that was looked at last without each prefix."""
        self.memo: dict[int, Any] = {}
        """What dialects remember of this log."""
        self.bytes = 0

    @property
    def lines(self) -> int:
        """How many lines were seen so far."""
        return self.next - 1

    def text(self, number: int) -> str | None:
        """A line; more is read where it is needed."""
        if number > self.high:
            self.high = number
        elif number < self.low:
            self.low = number
        known = self._known.get(number)
        if known is not None:
            return known
        while number >= self.next:
            if not self.load():
                return None
        return self.behind(number)

    def behind(self, number: int) -> str | None:
        """A line that was read already; None where it is forgotten or has not been."""
        self.low = min(self.low, number)
        known = self._known.get(number)
        if known is not None:
            return known
        chunk = self._holds(number)
        if chunk is None:
            return None
        text = _decoded(chunk.line(number))
        self._room -= len(text) + _SHORT
        if self._room < 0:
            self._known.clear()
            self._room = _KNOWN
        self._known[number] = text
        return text

    def page(self, number: int, size: int = PAGE) -> str | None:
        """A line and some that follow it; None past the end. They count as asked for when somebody says so."""
        while number >= self.next:
            if not self.load():
                return None
        chunk = self._holds(number)
        return None if chunk is None else _all_decoded(chunk.page(number, size))

    def calm(self, number: int, lines: int) -> bool:
        """Whether no sign stands on so many lines from one on; False where that is not known."""
        chunk = self._holds(number)
        if chunk is None or not chunk.calm(number, lines):
            return False
        self.calm_to = max(self.calm_to, number + lines)
        return True

    def _holds(self, number: int) -> Chunk | None:
        chunks = self.chunks
        if chunks and chunks[-1].first <= number < self.next:
            return chunks[-1]
        if number < self.next:
            for chunk in reversed(self.chunks):
                if number >= chunk.first:
                    return chunk
        return None

    def place(self, number: int) -> tuple[bytes, int] | None:
        """The window that holds a line, and where the line begins in it."""
        chunk = self._holds(number)
        return None if chunk is None else (chunk.data, chunk.offset(number))

    def stretch(self, number: int) -> tuple[int, bytes] | None:
        """The bytes from the first to the last line that were asked for, and how many stand before a line.

        None where they are not all in one window, and where somebody asked for what there is not.
        """
        chunk = self._holds(number)
        if chunk is None or self.low < chunk.first or self.high >= chunk.first + chunk.count - 1:
            return None
        first = chunk.offset(self.low)
        at = chunk.offset(number)
        return at - first, chunk.data[first : chunk.offset(self.high + 1)]

    def load(self) -> bool:
        """Take in a window; False at the end."""
        if self._ended:
            return False
        window = next(self._windows, None)
        if window is None:
            self._ended = True
            return False
        self.bytes += len(window)
        hits = self._scan(window)
        chunk = Chunk(window, self.next, hits)
        self._swept(window, chunk.first, chunk.count, hits)
        chunk.due, chunk.signs = hits.due, hits.signs
        self._forget()
        self.chunks.append(chunk)
        self.next += chunk.count
        self.hits.extend(chunk.loud)
        return True

    def _forget(self) -> None:
        """Let go of windows that nobody looks back to, but never of the last one."""
        while self.hits and self.hits[0][0] < self.read_to:
            self.hits.popleft()
        looked_at = max(self.read_to, self.begun)
        held = sum(len(chunk.data) for chunk in self.chunks)
        while len(self.chunks) > 1 and self.chunks[1].first <= looked_at - (BEHIND if held < _HELD else 0):
            held -= len(self.chunks.popleft().data)
        if self.taken and self.chunks:
            base = self.chunks[0].first
            self.taken = {line for line in self.taken if line >= base}


_KNOWN = 1_000_000
"""Characters of decoded lines that are kept."""


def _all_decoded(page: bytes) -> str:
    if b"\r" not in page:
        try:
            return page.decode()
        except UnicodeDecodeError:
            pass
    return "\n".join(map(_decoded, page.split(b"\n")))


def _decoded(line: bytes) -> str:
    try:
        text = line.decode()
    except UnicodeDecodeError:
        text = line.decode("utf-8", "upriver-latin")
    return _shown(text) if "\r" in text else text


def _shown(line: str) -> str:
    """What a terminal shows of a line with carriage returns: the last stretch, where it is not blank."""
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")


class Text(Protocol):
    """Numbered lines that a dialect reads."""

    def text(self, number: int, /) -> str | None:
        """A line without its prefix; None past the end and where another writer's prefix stands."""
        ...

    def behind(self, number: int, /) -> str | None:
        """A line that was read already, without its prefix."""
        ...

    def calm(self, number: int, lines: int, /) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        ...

    def run(self, number: int, size: int = ..., /) -> str:
        """A line and those that follow it, as far as they are in hand; empty where they are not."""
        ...

    def ended(self, number: int, /) -> bool:
        """Whether there is no such line."""
        ...

    def at(self, number: int, /) -> int:
        """The served log's number of a line."""
        ...

    @property
    def writer(self) -> str:
        """What tells this writer from another."""
        ...


_SINGLY = 4
_ENOUGH = 24
"""Lines that are left of a page when a run is still taken from it."""


_PREFIXES = 16
"""Prefixes without which a page is kept."""
_NOTHING: tuple[int, Sequence[str | None]] = 0, ()


class View:
    """A tape's lines as they were before a prefix was put in front of them."""

    __slots__ = ("_asked", "_before", "_first", "_lines", "prefix", "singly", "tape", "transform")

    def __init__(self, tape: Tape, prefix: Prefix = NONE, transform: Callable[[str], str | None] | None = None) -> None:
        self.tape = tape
        self.singly = _SINGLY
        """How often lines are asked for one by one, before pages are taken: most hits begin nothing."""
        self.prefix = prefix
        self.transform = transform
        self._asked = 0
        self._first = 0
        self._lines: Sequence[str | None] = ()
        self._before: tuple[int, Sequence[str | None]] = 0, ()

    def text(self, number: int) -> str | None:
        """A line without the prefix; None past the end and where another prefix stands."""
        tape = self.tape
        tape.high = max(tape.high, number)
        index = number - self._first
        if 0 <= index < len(self._lines):
            return self._lines[index]
        return self._elsewhere(number)

    def _elsewhere(self, number: int) -> str | None:
        first, lines = self._before
        if 0 <= number - first < len(lines):
            return lines[number - first]
        if self.transform is None and self._shared(number):
            return self._lines[number - self._first]
        self._asked += 1
        if self._asked <= self.singly:
            line = self.tape.text(number)
            return None if line is None else self._bare(line)
        return self._lines[0] if self._turn(number, PAGE) else None

    def _shared(self, number: int) -> bool:
        """Whether somebody else has taken the page with a line."""
        first, lines = self.tape.pages.get(self.prefix.mask, _NOTHING)
        if not 0 <= number - first < len(lines):
            return False
        self._before = self._first, self._lines
        self._first, self._lines = first, lines
        return True

    def _turn(self, number: int, size: int) -> bool:
        """Take a page; whether there is one. The page before is kept, since readers look ahead and come back."""
        page = self.tape.page(number, size)
        if page is None:
            return False
        self._before = self._first, self._lines
        lines = self.prefix.lines(page)
        transform = self.transform
        if transform is not None:
            lines = [None if line is None else transform(line) for line in lines]
        self._first, self._lines = number, lines
        if transform is None and len(page) <= 4 * size:
            if len(self.tape.pages) > _PREFIXES:
                self.tape.pages.clear()
            self.tape.pages[self.prefix.mask] = number, lines
        return True

    def page(self, number: int, size: int = PAGE) -> Sequence[str | None]:
        """A line and those after it; empty past the end. They count as looked at when `text` is asked for them."""
        index = number - self._first
        if not 0 <= index < len(self._lines) and not self._shared(number) and not self._turn(number, size):
            return ()
        return self._lines[number - self._first :]

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        return self.tape.calm(number, lines)

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and those after it that are this writer's, some `size` characters of them, each with its end.

        They count as looked at only when `text` is asked for them.
        """
        index = number - self._first
        left = len(self._lines) - index
        if not (index >= 0 and left >= _ENOUGH and size <= PAGE) and not self._turn(number, size):
            return ""
        return _joined(self._lines[number - self._first :])

    def _bare(self, line: str) -> str | None:
        bare = self.prefix.strip(line)
        return bare if self.transform is None or bare is None else self.transform(bare)

    def behind(self, number: int) -> str | None:
        """A line that was read already, without the prefix."""
        line = self.tape.behind(number)
        return None if line is None else self._bare(line)

    def ended(self, number: int) -> bool:
        """Whether the log has no such line."""
        return self.tape.text(number) is None

    def at(self, number: int) -> int:
        """A tape's numbers are the log's."""
        return number

    @property
    def writer(self) -> str:
        """The prefix with its digits masked."""
        return self.prefix.key


_SHORT = 60
"""Characters of a line, more or less."""


def _joined(lines: Sequence[str | None]) -> str:
    """Lines up to the first that is not there, each with its end."""
    if None in lines:
        lines = lines[: lines.index(None)]
    return "\n".join((*lines, "")) if lines else ""  # type: ignore[arg-type]  # it holds no None any more


class Stretch:
    """Lines that were taken out of a view, with their numbers; there is nothing before and after them."""

    __slots__ = ("_first", "_lines")

    def __init__(self, lines: Sequence[str], first: int) -> None:
        self._lines, self._first = lines, first

    def lines(self, first: int, end: int | None = None) -> Sequence[str]:
        """The lines from one to before another."""
        return self._lines[max(0, first - self._first) : None if end is None else max(0, end - self._first)]

    def part(self, first: int, end: int) -> Stretch:
        """The lines from one to before another, alone."""
        return Stretch(self.lines(first, end), first)

    def text(self, number: int) -> str | None:
        """A line."""
        index = number - self._first
        return self._lines[index] if 0 <= index < len(self._lines) else None

    behind = text

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        del number, lines
        return False

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it, up to one that is not there."""
        index = max(0, number - self._first)
        return _joined(self._lines[index : index + size // _SHORT])

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return not 0 <= number - self._first < len(self._lines)

    def at(self, number: int) -> int:
        """The numbers are the log's."""
        return number

    @property
    def writer(self) -> str:
        """A stretch has one writer."""
        return ""


class Indented:
    """Lines that have one prefix more."""

    __slots__ = ("_prefix", "_text", "at", "calm", "ended")

    def __init__(self, text: Text, prefix: str) -> None:
        self._text, self._prefix = text, Prefix(prefix)
        self.ended, self.at, self.calm = text.ended, text.at, text.calm

    def text(self, number: int) -> str | None:
        """A line."""
        line = self._text.text(number)
        return None if line is None else self._prefix.strip(line)

    behind = text

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it."""
        run = self._text.run(number, size)
        return _joined(self._prefix.lines(run[:-1])) if run else ""

    @property
    def writer(self) -> str:
        """It is known already whose lines they are."""
        return ""


class Lines:
    """Lines that were printed inside one line of the log (JSON): all of them have its number."""

    __slots__ = ("_at", "_lines", "writer")

    def __init__(self, lines: list[str], at: int, writer: str = "") -> None:
        self._lines = lines
        self._at = at
        self.writer = writer

    def text(self, number: int) -> str | None:
        """A line, numbered from 0."""
        return self._lines[number] if 0 <= number < len(self._lines) else None

    behind = text

    def calm(self, number: int, lines: int) -> bool:
        """Whether it is known that no sentence that links tracebacks stands on so many lines from one on."""
        del number, lines
        return False

    def run(self, number: int, size: int = PAGE) -> str:
        """A line and some that follow it."""
        index = max(0, number)
        return _joined(self._lines[index : index + size // _SHORT])

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return not 0 <= number < len(self._lines)

    def at(self, number: int) -> int:
        """Wherever in the line it is."""
        del number
        return self._at
