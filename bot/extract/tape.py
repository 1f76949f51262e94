"""The log as a tape of numbered lines, of which only a stretch is in memory, and the needles' hits on it."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bot.extract.chunk import PAGE, Chunk
from bot.extract.needles import Hits
from bot.extract.numbers import Numbers

BEHIND = 64
"""Lines that stay readable behind the oldest line anybody still reads."""
_HELD = 8 << 20
"""Bytes in memory above which no line behind it is worth keeping: so long are only lines that nobody reads."""

Scan = Callable[[bytes], Hits]
"""The hits in a window."""
Swept = Callable[[bytes, Numbers, Hits], None]
"""Told of a window, the numbers of its lines, and its hits."""


def _as_latin(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("latin-1"), error.end


codecs.register_error("upriver-latin", _as_latin)


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
        self._room -= len(text) + 60
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

    def note(self, number: int, offset: int) -> None:
        """Where in its window a line begins: those near it will be asked for."""
        chunk = self._holds(number)
        if chunk is not None:
            chunk.note(number, offset)

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
        self._swept(window, chunk.numbers, hits)
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
