"""The log as a tape of numbered lines, of which only a stretch is in memory, and the needles' hits on it."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from bot.extract.prefixes import NONE, Prefix

BEHIND = 64
"""Lines that stay readable behind the oldest line anybody still reads."""

Scan = Callable[[bytes, int, int], list[tuple[int, int]]]
"""Offsets and needles of the hits in a window, in order, given the number of its first line and that of its lines."""


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("upriver-latin", _as_latin)


class _Chunk:
    """A window and where its lines are; a line is looked for from the last one that was asked for."""

    __slots__ = ("_at", "_number", "anchors", "count", "data", "first")

    def __init__(self, data: bytes, first: int) -> None:
        self.data = data
        self.first = first
        self.count = data.count(b"\n") + (not data.endswith(b"\n"))
        self._number, self._at = first, 0
        self.anchors: dict[int, int] = {}
        """Offsets within lines that have hits: those are found at once, their neighbours from them."""

    def line(self, number: int) -> bytes:
        """A line's bytes."""
        at, data = self._at, self.data
        anchor = self.anchors.get(number)
        if anchor is not None:
            self._number, at = number, data.rfind(b"\n", 0, anchor - 1) + 1
        elif number - self.first < self._number - number:
            self._number, at = self.first, 0
        for _ in range(number - self._number):
            at = data.find(b"\n", at) + 1
        for _ in range(self._number - number):
            at = data.rfind(b"\n", 0, at - 1) + 1
        self._number, self._at = number, at
        end = data.find(b"\n", at)
        return data[at:end] if end >= 0 else data[at:]

    def page(self, number: int) -> list[bytes]:
        """A line and those that follow it within a page."""
        first = self.line(number)
        at = self._at
        end = self.data.rfind(b"\n", at, at + _PAGE)
        return self.data[at:end].split(b"\n") if end > at + len(first) else [first]


_PAGE = 6_000
"""Bytes that are cut into lines at once."""
_RUN = 3
"""Lines in a row after which more are expected to be asked for."""


class Tape:
    """Numbered lines of a log. `text(n)` is line n, or None past the end; earlier than `BEHIND` may be forgotten.

    Windows are kept as bytes, and only lines that somebody asks for are cut out of them and decoded.
    """

    def __init__(self, windows: Iterator[bytes], scan: Scan) -> None:
        self._windows = windows
        self._scan = scan
        self._chunks: deque[_Chunk] = deque()
        self._known: dict[int, str] = {}
        self._run = self._last = 0
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
        self.bytes = 0

    @property
    def lines(self) -> int:
        """How many lines were seen so far."""
        return self.next - 1

    def text(self, number: int) -> str | None:
        """A line; more is read where it is needed."""
        known = self._known.get(number)
        if known is not None:
            return known
        while number >= self.next:
            if not self._load():
                return None
        return self.behind(number)

    def behind(self, number: int) -> str | None:
        """A line that was read already; None where it is forgotten or has not been."""
        known = self._known.get(number)
        if known is not None or number >= self.next or number < 1:
            return known
        for chunk in reversed(self._chunks):
            if number >= chunk.first:
                return self._cut(chunk, number)
        return None

    def _cut(self, chunk: _Chunk, number: int) -> str:
        """A line out of its window; when lines are asked for one after the other, a page of them at once."""
        if len(self._known) > _KNOWN:
            self._known.clear()
        self._run = self._run + 1 if number == self._last + 1 else 0
        self._last = number
        if self._run < _RUN:
            text = self._known[number] = _decoded(chunk.line(number))
            return text
        page = chunk.page(number)
        self._known.update(enumerate(map(_decoded, page), number))
        self._last = number + len(page) - 1
        return self._known[number]

    def advance(self) -> bool:
        """Go on to the next window with a hit; False at the end."""
        while not self.hits:
            if not self._load():
                return False
        return True

    def _load(self) -> bool:
        """Take in a window."""
        if self._ended:
            return False
        window = next(self._windows, None)
        if window is None:
            self._ended = True
            return False
        self.bytes += len(window)
        chunk = _Chunk(window, self.next)
        hits = self._scan(window, chunk.first, chunk.count)
        self._forget()
        self._chunks.append(chunk)
        self.next += chunk.count
        if hits:
            self._number(chunk, hits)
        return True

    def _number(self, chunk: _Chunk, hits: list[tuple[int, int]]) -> None:
        at, number, count = 0, chunk.first, chunk.data.count
        add, anchors = self.hits.append, chunk.anchors
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
                anchors[number] = offset
                add((number, needle))

    def _forget(self) -> None:
        """Let go of windows that nobody looks back to, but never of the last one."""
        while self.hits and self.hits[0][0] < self.read_to:
            self.hits.popleft()
        oldest = max(self.read_to, self.begun) - BEHIND
        while len(self._chunks) > 1 and self._chunks[1].first <= oldest:
            self._chunks.popleft()
        if self.taken and self._chunks:
            base = self._chunks[0].first
            self.taken = {line for line in self.taken if line >= base}


_KNOWN = 4_096
"""Decoded lines that are kept."""


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


_LOOKED_AT = 1_000
"""Lines that a view remembers: state machines look ahead and back a little, and at most lines twice."""


class View:
    """A tape's lines as they were before a prefix was put in front of them."""

    __slots__ = ("_seen", "prefix", "tape", "transform")

    def __init__(self, tape: Tape, prefix: Prefix = NONE, transform: Callable[[str], str | None] | None = None) -> None:
        self.tape = tape
        self.prefix = prefix
        self.transform = transform
        self._seen: dict[int, str | None] = {}

    def text(self, number: int) -> str | None:
        """A line without the prefix; None past the end and where another prefix stands."""
        seen = self._seen
        if number in seen:
            return seen[number]
        line = self.tape.text(number)
        if line is not None:
            line = self.prefix.strip(line)
            if self.transform is not None and line is not None:
                line = self.transform(line)
        if len(seen) > _LOOKED_AT:
            seen.clear()
        seen[number] = line
        return line

    def behind(self, number: int) -> str | None:
        """A line that was read already, without the prefix."""
        line = self.tape.behind(number)
        if line is None:
            return None
        line = self.prefix.strip(line)
        return line if self.transform is None or line is None else self.transform(line)

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

    def ended(self, number: int) -> bool:
        """Whether there is no such line."""
        return not 0 <= number < len(self._lines)

    def at(self, number: int) -> int:
        """Wherever in the line it is."""
        del number
        return self._at
