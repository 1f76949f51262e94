"""The numbers of a window's lines: what was counted once is not counted again."""

from __future__ import annotations

from bisect import bisect_right


class Numbers:
    """A window's lines by their places."""

    __slots__ = ("_lines", "_passed", "_places", "_window")

    def __init__(self, window: bytes, first: int) -> None:
        """`first` is the number of the window's first line."""
        self._window = window
        self._places, self._lines = [0], [first]
        self._passed = 0, first

    def know(self, place: int, line: int) -> None:
        """Take the line of a place behind all that are known."""
        self._places.append(place)
        self._lines.append(line)

    def at(self, place: int) -> int:
        """The number of the line in which a place is. Cheap where places are asked for in their order."""
        index = bisect_right(self._places, place) - 1
        near, number = self._places[index], self._lines[index]
        if near < self._passed[0] <= place:
            near, number = self._passed
        number += self._window.count(b"\n", near, place)
        self._passed = place, number
        if len(self._places) < _MOST and place > near:
            self._places.insert(index + 1, place)
            self._lines.insert(index + 1, number)
        return number


APART = 4 << 10
"""Bytes between two places of which the lines should be known: so many are counted once more at most."""
_MOST = 2_000
"""Places that are remembered, as long as to do so costs next to nothing."""
