"""What counts only where nobody says better: downloads, echoed pins. Read at the end, in the last windows that have any."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import ClassVar

from bot.extract.environment import pins, pip
from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import distribution
from bot.extract.environment.spans import Spans
from bot.extract.numbers import Numbers
from bot.extract.prefixes import unstamped
from bot.patterns import pattern

RULES = pip.WEAK
KEPT = 3
"""Windows that are kept."""
_PINNED = pattern(rb"==\d")
_KEYS = tuple(rule.key.encode() for rule in RULES)
_LONGEST = 4_000
_FIRST = pattern(rb"(?:Collecting |\s[+~] |(?:Downloading|Using cached) (?:\S*/)?)([A-Za-z0-9](?:[\w.]|-(?!\d))*)")


class Late:
    """The last windows with weak statements."""

    marks: ClassVar[tuple[bytes, ...]] = (*_KEYS, *(digit.encode() for digit in pins.DIGITS))

    def __init__(self) -> None:
        self._windows: deque[tuple[bytes, Numbers, list[tuple[int, int]]]] = deque(maxlen=KEPT)

    def keep(self, window: bytes, numbers: Numbers, read: list[tuple[int, int]]) -> None:
        """A window has some; what stands in some places of it is read anyway."""
        self._windows.append((window, numbers, read))

    def settle(self, ledger: Ledger, said: Callable[[int, str], object], spans: Spans) -> None:
        """Read them, but for what is known already or stands within spans; of lines that are alike the last one."""
        known = set(ledger.names())
        for line, (numbers, start) in self._lines().items():
            named = _FIRST.search(line)
            if named is not None and distribution(named[1].decode()) in known:
                continue
            number = numbers.at(start)
            if number not in spans:
                said(number, unstamped(line.decode("utf-8", "replace")))
        self._windows.clear()

    def _lines(self) -> dict[bytes, tuple[Numbers, int]]:
        """The lines with weak statements, in order: the numbers of their windows, and where in these they begin."""
        lines: dict[bytes, tuple[Numbers, int]] = {}
        for window, numbers, read in self._windows:
            end, left = -1, deque(read)
            for at in _places(window):
                while left and left[0][0] <= at:
                    end = max(end, left.popleft()[1])
                if at <= end:
                    continue
                start, end = window.rfind(b"\n", 0, at) + 1, window.find(b"\n", at)
                end = end if end >= 0 else len(window)
                line = window[start : min(end, start + _LONGEST)]
                lines.pop(line, None)
                lines[line] = numbers, start
        return lines


def _places(window: bytes) -> list[int]:
    """Where weak statements are, in order. Literals apart, since each is found faster than all of them together."""
    places = [found.start() for found in _PINNED.finditer(window)]
    for key in _KEYS:
        at = window.find(key)
        while at >= 0:
            places.append(at)
            at = window.find(key, at + len(key))
    return sorted(places)
