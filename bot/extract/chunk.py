"""A window of the log in memory, whose lines are found by their numbers."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import deque
from itertools import accumulate

from bot.extract.needles import Hits
from bot.extract.numbers import APART, Numbers


class Chunk:
    """A window and where its lines are; a line is looked for from the last one that was asked for."""

    __slots__ = (
        "_at",
        "_ends",
        "_number",
        "_walked",
        "anchors",
        "count",
        "data",
        "due",
        "first",
        "loud",
        "numbers",
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
        self.numbers = Numbers(data, first)
        self.count = self._numbered(hits.loud)

    def _numbered(self, hits: list[tuple[int, int]]) -> int:
        """Give each hit its line; how many lines there are."""
        at, number, count = 0, self.first, self.data.count
        add, anchors, know = self.loud.append, self.anchors, self.numbers.know
        told: set[int] = set()
        for offset, needle in hits:
            if offset > at:
                line = number
                if offset > at + APART:
                    at, number = self._walk(at, number, offset)
                number += count(b"\n", at, offset)
                at = offset
                if number != line:
                    told.clear()
            if needle not in told:  # a line may repeat a needle a million times
                told.add(needle)
                if number not in anchors:
                    anchors[number] = offset
                    know(offset, number)
                add((number, needle))
        at, number = self._walk(at, number, len(self.data))
        return number - self.first + count(b"\n", at) + (not self.data.endswith(b"\n"))

    def _walk(self, at: int, number: int, end: int) -> tuple[int, int]:
        """Go towards a place without a hit in between; what was counted on the way is kept."""
        while at + APART < end:
            number += self.data.count(b"\n", at, at + APART)
            at += APART
            self.numbers.know(at, number)
        return at, number

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

    def note(self, number: int, offset: int) -> None:
        """Where a line begins: those near it will be asked for."""
        self._number, self._at = number, offset

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
