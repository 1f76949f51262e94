"""What a dialect read of a stretch of bytes, kept, so that the same bytes are not read again.

Logs repeat themselves: a fixture that is broken prints one traceback for each of a thousand tests, a service under
load one for each request. What a dialect finds depends on nothing but the lines that it looked at, so where they are
the same to the byte its findings are, too, some lines further down. An echo holds what was told to the ledger, and
these lines' hash, which has 64 bits and a key of the process' own; told again, it costs a hash.

Whatever else an answer depends on keeps it from being kept: lines of two windows, a look past the end, lines that were
taken out by another writer's block, an answer of the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.extract.found import Found
from bot.extract.ledger import Ledger, loose_key, test_key
from bot.extract.tape import Tape
from bot.model import Totals
from bot.values import dataclass, replace

if TYPE_CHECKING:
    from bot.extract.engine import Dialect

_LARGEST = 512 << 10
"""Bytes of a stretch that is kept."""
_MOST = 10 << 20
"""Bytes of all stretches of which something is kept: what was found in them takes about as much memory."""
_HEAD = 160
"""Bytes by which a stretch is looked up."""
_ALIKE = 8
"""Stretches with one head that are kept."""


@dataclass(frozen=True, slots=True)
class _Echo:
    before: int
    """Bytes of the stretch before the line of the hit."""
    size: int
    digest: int
    read_before: int
    """How many lines of the stretch had been read by others."""
    told: tuple[Callable[[Ledger, int], object], ...]
    line: int
    end: int


class Echoes:
    """Starts dialects, or tells what they told the last time."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, bytes], list[_Echo]] = {}
        self._bytes = 0

    def start(self, dialect: Dialect, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from the line of a hit, as `Dialect.start`."""
        place = tape.place(number)
        if place is None:
            return dialect.start(tape, number, ledger)
        data, at = place
        key = (id(dialect), data[at : at + _HEAD])
        for echo in self._known.get(key, ()):
            first = at - echo.before
            if first >= 0 and _fits(echo, tape, data, first, number):
                shift = number - echo.line
                for tell in echo.told:
                    tell(ledger, shift)
                return echo.end + shift
        return self._listened(dialect, tape, number, ledger, key)

    def _listened(self, dialect: Dialect, tape: Tape, number: int, ledger: Ledger, key: tuple[int, bytes]) -> int:
        tape.low = tape.high = number
        read_to, taken = tape.read_to, len(tape.taken)
        recorder = _Recorder(ledger)
        end = dialect.start(tape, number, recorder)
        stretch = tape.stretch(number)
        if stretch is None or recorder.answered or taken or tape.taken:
            return end
        before, text = stretch
        if len(text) <= _LARGEST:
            before_it = max(0, read_to - tape.low)
            self._keep(key, _Echo(before, len(text), hash(text), before_it, tuple(recorder.told), number, end))
        return end

    def _keep(self, key: tuple[int, bytes], echo: _Echo) -> None:
        if self._bytes > _MOST:
            self._known.clear()
            self._bytes = 0
        alike = self._known.setdefault(key, [])
        if len(alike) < _ALIKE:
            alike.append(echo)
            self._bytes += echo.size + 300


def _fits(echo: _Echo, tape: Tape, data: bytes, first: int, number: int) -> bool:
    """Whether a stretch is the same to the byte, and so for its reader, too."""
    if tape.taken or (first and data[first - 1] != 10) or hash(data[first : first + echo.size]) != echo.digest:
        return False
    low = number - data.count(b"\n", first, first + echo.before)
    return max(0, tape.read_to - low) == echo.read_before


class _Recorder(Ledger):
    """A ledger that passes on what it is told, and remembers it."""

    def __init__(self, ledger: Ledger) -> None:
        self._to = ledger
        self.told: list[Callable[[Ledger, int], object]] = []
        self.answered = False
        """Whether the ledger was asked anything."""

    def _say(self, tell: Callable[[Ledger, int], object]) -> None:
        tell(self._to, 0)
        self.told.append(tell)

    def tested(self, found: Found, shift: int = 0, key: object = None) -> None:
        """Pass it on."""
        key = test_key(found)
        self._say(lambda ledger, lines: ledger.tested(found, shift + lines, key))

    def loose(self, found: Found, shift: int = 0, key: object = None) -> None:
        """Pass it on."""
        key = loose_key(found)
        self._say(lambda ledger, lines: ledger.loose(found, shift + lines, key))

    def captured(self, found: Found, shift: int = 0) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.captured(found, shift + lines))

    def problem(self, found: Found, rank: int = 0, shift: int = 0) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.problem(found, rank, shift + lines))

    def row(self, kind: str, test: str, exception: str, message: str, notes: tuple[str, ...], number: int) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.row(kind, test, exception, message, notes, number + lines))

    def totals(self, totals: Totals) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.totals(replace(totals, line=totals.line + lines)))

    def session(self) -> None:
        """Pass it on."""
        self._say(lambda ledger, _: ledger.session())

    def boundary(self) -> None:
        """Pass it on."""
        self._say(lambda ledger, _: ledger.boundary())

    def explained(self, found: Found) -> bool:
        """Pass it on; what comes of it depends on what was found before."""
        self.answered = True
        return self._to.explained(found)
