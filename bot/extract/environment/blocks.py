"""Where in a log statements stand: lines of hits that are near each other are one block, which is read at the end.

A block is kept as bytes, so that one that is printed again and again is read once: what its last copy says stands, as
the last word always does. Some statements go on below their line (tables, freezes), and a block reaches as far as they do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from bot.extract.environment.spans import Spans
from bot.extract.numbers import Numbers
from bot.patterns import pattern

_GAP = 4_096
"""Bytes between two hits of a block."""
_KEPT = 6 << 20
"""Bytes of blocks that are kept; beyond that the oldest are read at once."""
_BEFORE = 64 << 10
"""Bytes before an installation's last line in which pip says what it collects."""
_COLLECTING = pattern(rb"Collecting ([A-Za-z0-9][\w.-]*)")


class Rows(Protocol):
    """What stands below a statement's line and belongs to it."""

    def end(self, window: bytes, at: int) -> int:
        """Where it ends, from the beginning of a line on: at a line's end, before its newline, or at `at` if nothing is there."""
        ...


class Block(Struct):
    """Some lines with statements."""

    line: int
    """The number of the first line of its last copy."""
    hits: tuple[int, ...]
    """Where in it needles end."""
    collected: tuple[bytes, ...]
    """What pip collected from an index, as it says before it says what it installed."""


class Blocks:
    """The blocks of a log."""

    def __init__(
        self,
        read: Callable[[bytes, Block, Spans], None],
        read_list: Callable[[bytes, int], None],
        below: Callable[[bytes, int, int], Rows | None],
        *,
        headings: frozenset[int],
        lists: frozenset[int],
        last: frozenset[int],
    ) -> None:
        """`below` tells what belongs to a heading's line; the `last` needles are those with which a block is over.

        The rows of `lists` are kept without their headings, which say how long it took.
        """
        self._read, self._read_list, self._below = read, read_list, below
        self._headings, self._lists_of, self._last = headings, lists, last
        self._kept: dict[bytes, Block] = {}
        self._lists: dict[bytes, int] = {}
        self._listing = False
        self._size = 0
        self._going: Rows | None = None
        self.rows: list[tuple[int, int]] = []
        """Where in the last window rows stand that belong to statements."""
        self._before = b""
        """What stands before a window."""

    @property
    def open(self) -> bool:
        """Whether rows reach the end of the last window."""
        return self._going is not None

    def sweep(self, window: bytes, numbers: Numbers, hits: Sequence[tuple[int, int]]) -> None:
        """Take a window with the hits in it, in order."""
        self.rows = []
        if not hits and self._going is None:
            return
        cutter = _Cutter(window, numbers)
        start, end, headed = -1, -1, -1
        ends: list[int] = []
        if self._going is not None and self._listing:
            self._list(cutter, self._going, 0)
        elif self._going is not None:
            start, end = 0, self._extended(self._going, window, 0)
        for at, needle in hits:
            if start >= 0 and at - end > _GAP:
                self._keep(cutter, start, end, ends)
                start = -1
            if at <= cutter.done:
                continue
            if needle in self._lists_of:
                rows = self._below(window, at, needle)
                if rows is not None and (below := window.find(b"\n", at) + 1):
                    self._list(cutter, rows, below)
                continue
            if start < 0:
                start, end, ends = window.rfind(b"\n", 0, at) + 1, -1, []
            ends.append(at)
            if at > end:
                end = at
                if needle in self._headings and at > headed:  # of a line the first one
                    below = window.find(b"\n", at) + 1
                    headed = below or len(window)
                    rows = self._below(window, at, needle)
                    end = end if rows is None else max(end, self._extended(rows, window, below))
            if needle in self._last:
                self._keep(cutter, start, end, ends, collecting=True)
                start = -1
        if start >= 0:
            self._keep(cutter, start, end, ends)
        self._before = (self._before + window)[-_BEFORE:] if len(window) < _BEFORE else window[-_BEFORE:]

    def _list(self, cutter: _Cutter, rows: Rows, at: int) -> None:
        """Keep the rows of a list; of those that are alike the last ones count."""
        end = self._extended(rows, cutter.window, at)
        self._listing = True
        if end > at:
            region = cutter.window[at:end]
            cutter.done = max(cutter.done, end)
            if self._lists.pop(region, None) is None:
                self._size += len(region)
            self._lists[region] = cutter.numbers.at(at)
            self._bound()

    def _extended(self, rows: Rows, window: bytes, at: int) -> int:
        end = rows.end(window, at) if at or self._going is rows else at
        self._going = rows if end >= len(window) - 1 else None
        self._listing = False
        if end > at:
            self.rows.append((at, end))
        return end

    def _keep(self, cutter: _Cutter, start: int, end: int, ends: list[int], *, collecting: bool = False) -> None:
        data, line = cutter.cut(start, end)
        block = self._kept.pop(data, None)
        if block is None:
            names = self._collected(cutter, start, end) if collecting else ()
            block = Block(line, tuple([at - start for at in ends]), names)
            self._size += _cost(data, block)
        block.line = line
        self._kept[data] = block
        if collecting:
            cutter.installed = end
        self._bound()

    def _bound(self) -> None:
        if self._size > _KEPT:
            self._read_down_to(_KEPT // 2, Spans())

    def _collected(self, cutter: _Cutter, start: int, end: int) -> tuple[bytes, ...]:
        """What was collected since the installation before."""
        before = self._before[start - _BEFORE :] if start < _BEFORE and not cutter.installed else b""
        near = max(cutter.installed, start - _BEFORE)
        return tuple(set(_COLLECTING.findall(before) + _COLLECTING.findall(cutter.window, near, end)))

    def settle(self, spans: Spans) -> None:
        """Read what is kept, but for lines within spans."""
        self._read_down_to(-1, spans)

    def _read_down_to(self, size: int, spans: Spans) -> None:
        for data in list(self._kept):
            if self._size <= size:
                return
            block = self._kept.pop(data)
            self._size -= _cost(data, block)
            self._read(data, block, spans)
        for region in list(self._lists):
            if self._size <= size:
                return
            line = self._lists.pop(region)
            self._size -= len(region)
            if line not in spans:
                self._read_list(region, line)


def _cost(data: bytes, block: Block) -> int:
    """Bytes that are kept for a block, about."""
    return len(data) + 40 * len(block.hits) + 500


class _Cutter:
    """Cuts blocks out of a window."""

    __slots__ = ("done", "installed", "numbers", "window")

    def __init__(self, window: bytes, numbers: Numbers) -> None:
        self.window = window
        self.numbers = numbers
        self.done = -1
        """Where the last block ended."""
        self.installed = 0
        """Where pip's last installation ended."""

    def cut(self, start: int, end: int) -> tuple[bytes, int]:
        """The lines from one place to another, and the number of the first one."""
        stop = self.window.find(b"\n", end)
        stop = stop if stop >= 0 else len(self.window)
        self.done = max(self.done, stop)
        return self.window[start:stop], self.numbers.at(start)
