"""The log as a tape of numbered lines, of which only a stretch is in memory, and the needles' hits on it."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from bot.extract.prefixes import NONE, Prefix

BEHIND = 64
"""Lines that stay readable behind the oldest line anybody still reads."""

Scan = Callable[[bytes], list[tuple[int, int]]]
"""Offsets and needles of the hits in a window, in order."""


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("upriver-latin", _as_latin)


class Tape:
    """Numbered lines of a log. `text(n)` is line n, or None past the end; earlier than `BEHIND` is forgotten."""

    def __init__(self, windows: Iterator[bytes], scan: Scan) -> None:
        self._windows = windows
        self._scan = scan
        self._lines: list[str] = []
        self._base = 1
        self._raw: tuple[bytes, list[tuple[int, int]]] | None = None
        self._ended = False
        self._unended = False
        self.next = 1
        """The number of the first line not in memory yet."""
        self.read_to = 1
        """Lines before this one have been read by dialects; hits there begin nothing."""
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
        while number >= self.next:
            if not self._load():
                return None
        index = number - self._base
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def behind(self, number: int) -> str | None:
        """A line that was read already; None where it is forgotten or has not been."""
        index = number - self._base
        return self._lines[index] if 0 <= index < len(self._lines) else None

    def advance(self) -> bool:
        """Go on to the next window with a hit; False at the end."""
        while not self.hits:
            if not self._load(keep=BEHIND):
                return False
        return True

    def _load(self, keep: int | None = None) -> bool:
        """Take in a window. Windows without a hit are not split into lines unless somebody reads on into them."""
        if self._ended:
            return False
        window = next(self._windows, None)
        if window is None:
            self._ended = True
            return False
        self.bytes += len(window)
        hits = self._scan(window)
        first = self.next
        if keep is not None and not hits:
            self._skip(window)
            return True
        self._forget()
        fresh = _split(window)
        self._lines.extend(fresh)
        self.next += len(fresh)
        if hits:
            self._number(window, hits, first)
        return True

    def _skip(self, window: bytes) -> None:
        """Pass over a window in which nothing begins, keeping its last lines for whoever looks back."""
        count = window.count(b"\n") + (not window.endswith(b"\n"))
        cut = len(window)
        for _ in range(min(BEHIND, count)):
            cut = window.rfind(b"\n", 0, cut - 1) + 1
            if not cut:
                break
        self._lines = _split(window[cut:])
        self.next += count
        self._base = self.next - len(self._lines)
        self.taken.clear()

    def _number(self, window: bytes, hits: list[tuple[int, int]], number: int) -> None:
        at = 0
        for offset, needle in hits:
            number += window.count(b"\n", at, offset)
            at = offset
            self.hits.append((number, needle))

    def _forget(self) -> None:
        """Let go of lines that nobody looks back to."""
        while self.hits and self.hits[0][0] < self.read_to:
            self.hits.popleft()
        oldest = self.hits[0][0] if self.hits else self.next
        spare = min(max(self.read_to, 1), oldest) - BEHIND - self._base
        if spare > 4 * BEHIND:
            del self._lines[:spare]
            self._base += spare
        if self.taken:
            self.taken = {line for line in self.taken if line >= self._base}


def _split(window: bytes) -> list[str]:
    try:
        text = window.decode()
    except UnicodeDecodeError:
        text = window.decode("utf-8", "upriver-latin")
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    if "\r" in text:
        lines = [_shown(line) if "\r" in line else line for line in lines]
    return lines


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


class View:
    """A tape's lines as they were before a prefix was put in front of them."""

    __slots__ = ("prefix", "tape", "transform")

    def __init__(self, tape: Tape, prefix: Prefix = NONE, transform: Callable[[str], str | None] | None = None) -> None:
        self.tape = tape
        self.prefix = prefix
        self.transform = transform

    def text(self, number: int) -> str | None:
        """A line without the prefix; None past the end and where another prefix stands."""
        line = self.tape.text(number)
        if line is None:
            return None
        line = self.prefix.strip(line)
        return line if self.transform is None or line is None else self.transform(line)

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
