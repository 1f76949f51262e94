"""What counts only where nobody says better: downloads, echoed pins. Read at the end, in the last windows that have any."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from typing import ClassVar

from bot.extract.environment import pins, pip
from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import distribution
from bot.extract.environment.spans import Spans
from bot.extract.prefixes import unstamped
from bot.model import DistributionName
from bot.patterns import pattern

RULES = pip.WEAK
KEPT = 3
"""Windows that are kept."""
_WEAK = pattern(rb"%s|==\d" % b"|".join(re.escape(rule.key.encode()) for rule in RULES))
_LONGEST = 4_000
_COLLECTING = pattern(rb"Collecting ([A-Za-z0-9][\w.-]*)")
_FIRST = pattern(
    r"(?:Collecting |\s[+~] |(?:Downloading|Using cached) (?:\S*/)?)([A-Za-z0-9](?:[\w.]|-(?!\d))*)", re.ASCII
)


class Late:
    """The last windows with weak statements."""

    marks: ClassVar[tuple[bytes, ...]] = tuple(rule.key.encode() for rule in RULES) + tuple(
        digit.encode() for digit in pins.DIGITS
    )

    def __init__(self) -> None:
        self._windows: deque[tuple[bytes, int]] = deque(maxlen=KEPT)
        self._collected: dict[int, set[DistributionName]] = {}

    def keep(self, window: bytes, first: int) -> None:
        """A window has some."""
        self._windows.append((window, first))

    def collected(self) -> set[DistributionName]:
        """The distributions that pip collected from an index, as far as the windows reach."""
        seen = {first: self._collected.get(first) or _collected(window) for window, first in self._windows}
        self._collected = seen
        return set().union(*seen.values())

    def settle(self, ledger: Ledger, said: Callable[[int, str], object], spans: Spans) -> None:
        """Read them, but for what is known already or stands within spans."""
        known = set(ledger.names())
        for window, first in self._windows:
            number, counted, at = first, 0, 0
            while (found := _WEAK.search(window, at)) is not None:
                start, end = window.rfind(b"\n", 0, found.start()) + 1, window.find(b"\n", found.end())
                at = end if end >= 0 else len(window)
                text = window[start : min(at, start + _LONGEST)].decode("utf-8", "replace")
                named = _FIRST.search(text)
                if named is not None and distribution(named[1]) in known:
                    continue
                number += window.count(b"\n", counted, start)
                counted = start
                if number not in spans:
                    said(number, unstamped(text))
        self._windows.clear()


def _collected(window: bytes) -> set[DistributionName]:
    names = {name.decode() for name in _COLLECTING.findall(window)}
    return {known for name in names if (known := distribution(name)) is not None}
