"""The numbers of a window's lines, for those who ask for some of them: what was counted once is not counted again."""

from __future__ import annotations

from bisect import bisect_right


class Numbers:
    """A window's lines by their places."""

    __slots__ = ("_known", "_lines", "_window")

    def __init__(self, window: bytes, first: int) -> None:
        self._window = window
        self._known = [0]
        self._lines = [first]

    def at(self, place: int) -> int:
        """The number of the line in which a place is."""
        index = bisect_right(self._known, place)
        line = self._lines[index - 1] + self._window.count(b"\n", self._known[index - 1], place)
        self._known.insert(index, place)
        self._lines.insert(index, line)
        return line
