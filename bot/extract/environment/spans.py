"""Stretches of a log, asked whether a line is in one of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from bot.model import Span


class Spans:
    """Spans joined and in order, so that a question costs a bisection however many there are."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, last in sorted(spans):
            if self._ends and first <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], last)
            else:
                self._starts.append(first)
                self._ends.append(last)

    def __contains__(self, line: int) -> bool:
        index = bisect_right(self._starts, line) - 1
        return index >= 0 and line <= self._ends[index]
