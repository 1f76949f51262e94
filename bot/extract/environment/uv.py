"""uv's lists: ` + x==2`, ` - x==1` (gone), ` ~ x==1` (put there again) below `Installed 3 packages in 12ms`."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.extract.environment.ledger import Ledger
from bot.extract.environment.names import distribution, is_version
from bot.extract.environment.pins import at_url
from bot.extract.environment.statement import Said, Session
from bot.patterns import pattern

KEY = "nstalled "
"""Of `Installed 3 packages`, `Uninstalled 1 package`."""
_COUNT = pattern(rb"\d+ packages? in ")
_ROW = pattern(rb"[^\n]{0,300}? [+~-] [A-Za-z0-9][^\n=]{0,120}==[^\n]*\n?")
_ENTRY = pattern(r" ([+~-]) ([A-Za-z0-9][\w.-]*)==([\w.!+-]+)(?: \(from ([^\s)]+)\))?\s*$", re.ASCII)
_SIGNS = (" + ", " - ", " ~ ")
_AT = " @ "


@lru_cache(maxsize=64)
def _rows(width: int) -> re.Pattern[bytes]:
    """Rows whose sign stands after so many characters."""
    return re.compile(rb"(?:[^\n]{%d} [+~-] [^\n]*+\n?)*+" % width)


class _Below:
    """How far a list reaches: its signs stand below each other."""

    def __init__(self) -> None:
        self._width: int | None = None

    def end(self, window: bytes, at: int) -> int:
        """Where the last row ends."""
        if self._width is None:
            row = _ROW.match(window, at)
            if row is None:
                return at
            stop = window.index(b"==", at)
            self._width = max(window.rfind(sign.encode(), at, stop) for sign in _SIGNS) - at
        found = _rows(self._width).match(window, at)
        end = found.end() if found is not None else at
        return end if end == at else end - window.endswith(b"\n", at, end)


def below(window: bytes, at: int) -> _Below | None:
    """What belongs to a heading, whose key ends at a place."""
    return _Below() if _COUNT.match(window, at) else None


def read(region: bytes, number: int, ledger: Ledger, session: Session) -> None:
    """Read the rows of a list."""
    for line, text in enumerate(region.decode("utf-8", "replace").split("\n"), number):
        found = _ENTRY.search(text)
        name = distribution(found[2]) if found else None
        if found is None or name is None or not is_version(found[3]):
            at = text.find(_AT)
            if at >= 0:  # ` + x @ file:///w`
                at_url(ledger, session, Said(line, text, _AT, at))
        elif found[1] != "-":
            ledger.say((name, found[3]), line, "uv", url=found[4])
        elif ledger.version(name) == found[3]:
            ledger.withdraw(name, line)
