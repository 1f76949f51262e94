"""uv's lists, cut out of windows: ` + x==2`, ` - x==1` (gone), ` ~ x==1` (put there again) below `Installed 3 packages`.

A list is kept as bytes and read at the end, or when too many are kept: a log may print thousands, and the same one
again and again. Where two lists name one distribution, the later one counts; so of equal ones only the last is kept.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import ClassVar

from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import distribution, is_version
from bot.extract.environment.spans import Spans
from bot.patterns import pattern

_KEPT = 2_000
_HEADING = pattern(rb"nstalled \d+ packages? in [^\n]*\n")
_ROW = pattern(rb"[^\n]{0,300}? [+~-] [A-Za-z0-9][^\n=]{0,120}==[^\n]*\n")
_ENTRY = pattern(r" ([+~-]) ([A-Za-z0-9][\w.-]*)==([\w.!+-]+)(?: \(from ([^\s)]+)\))?\s*$", re.ASCII)


@lru_cache(maxsize=64)
def _rows(width: int) -> re.Pattern[bytes]:
    """Rows whose sign stands after so many characters."""
    return re.compile(rb"(?:[^\n]{%d} [+~-] [^\n]*+\n?)*+" % width)


class Lists:
    """The lists of a log."""

    marks: ClassVar[tuple[bytes, ...]] = (b"nstalled ",)

    def __init__(self) -> None:
        self._lists: dict[bytes, int] = {}
        self._going: re.Pattern[bytes] | None = None

    @property
    def open(self) -> bool:
        """Whether a list reaches the end of the last window."""
        return self._going is not None

    def sweep(self, window: bytes, first: int, ledger: Ledger) -> None:
        """Take the lists of a window."""
        at, number, counted = 0, first, 0
        if self._going is not None:
            at = self._take(window, 0, first, self._going, ledger)
        while (heading := _HEADING.search(window, at)) is not None:
            start = at = heading.end()
            row = _ROW.match(window, start)
            if row is None:
                continue
            number += window.count(b"\n", counted, start)
            counted = start
            width = window.index(b"==", start) - start
            width = max(window.rfind(sign, start, start + width) for sign in (b" + ", b" - ", b" ~ ")) - start
            at = self._take(window, start, number, _rows(width), ledger)

    def _take(self, window: bytes, start: int, number: int, rows: re.Pattern[bytes], ledger: Ledger) -> int:
        found = rows.match(window, start)
        end = found.end() if found is not None else start
        self._going = rows if end == len(window) else None
        if end > start:
            region = window[start:end]
            self._lists.pop(region, None)
            self._lists[region] = number
            if len(self._lists) > _KEPT:
                oldest = next(iter(self._lists))
                _read(oldest, self._lists.pop(oldest), ledger, Spans())
        return end

    def settle(self, ledger: Ledger, spans: Spans) -> None:
        """Read what is kept."""
        for region, number in self._lists.items():
            _read(region, number, ledger, spans)
        self._lists.clear()


def _read(region: bytes, number: int, ledger: Ledger, spans: Spans) -> None:
    if number in spans:
        return
    for line, text in enumerate(region.decode("utf-8", "replace").split("\n"), number):
        found = _ENTRY.search(text)
        name = distribution(found[2]) if found else None
        if found is None or name is None or not is_version(found[3]):
            continue
        if found[1] != "-":
            ledger.say((name, found[3]), line, "uv", url=found[4])
        elif ledger.version(name) == found[3]:
            ledger.withdraw(name, line)
