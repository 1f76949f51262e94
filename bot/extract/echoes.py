"""What a dialect read of a stretch of bytes, kept, so that the same bytes are not read again.

Logs repeat themselves: a fixture that is broken prints one traceback for each of a thousand tests, a service under
load one for each request. What a dialect finds depends on nothing but the lines that it looked at, so where they are
the same to the byte its findings are, too, some lines further down. An echo holds what was told to the ledger, and
these lines' hash, which has 64 bits and a key of the process' own; told again, it costs a hash.

Whatever else an answer depends on keeps it from being kept: lines of two windows, a look past the end, lines that were
taken out by another writer's block, an answer of the ledger's.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

from msgspec import Struct
from msgspec.structs import replace

from bot.extract.found import Found
from bot.extract.ledger import Ledger, loose_key, test_key
from bot.extract.tape import Tape
from bot.model import Totals

_LARGEST = 512 << 10
"""Bytes of a stretch that is kept."""
_MOST = 24 << 20
"""What is kept in all, in bytes: of the stretches that are known by their hashes, and of what was found in them."""
_AGAIN = 6
"""How often a log's bytes are hashed at most: one may be made of stretches that differ in their last byte."""
_FOUND, _FRAME = 300, 200
"""Bytes that what was found takes, and each of its frames, more or less."""
_HEAD = 160
"""Bytes by which a stretch is looked up."""
_ALIKE = 8
"""Stretches with one head that are kept."""


Reads = Callable[[Tape, int, Ledger], int]
"""Reads from a line on, and tells the ledger; the number of the first line not read."""


class _Echo(Struct, frozen=True):
    line: int
    end: int
    before: int
    """Bytes of the stretch before the line."""
    size: int
    digest: int
    lines: tuple[int, int]
    """Lines that were looked at before the line and after it."""
    calm: int
    """Lines after the line up to which no sign must stand."""
    read_before: int
    """How many lines of the stretch had been read by others."""
    told: tuple[Callable[[Ledger, int], object], ...]


class Echoes:
    """Reads, or tells what was told the last time."""

    def __init__(self) -> None:
        self._known: dict[tuple[Hashable, bytes], list[_Echo]] = {}
        self._bytes = 0
        self._hashed = 0
        self._passed = 0
        """Bytes of stretches that found no room; when they are many, what is kept is not what is repeated."""

    def read(self, who: Hashable, reads: Reads, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from a line on; `who` stands for the reader and for whatever it knows beside the tape's lines."""
        place = tape.place(number)
        if place is None:
            return reads(tape, number, ledger)
        data, at = place
        key = who, data[at : at + _HEAD]
        for echo in self._known.get(key, ()):
            first = at - echo.before
            if self._hashed > _AGAIN * tape.bytes:
                break
            self._hashed += echo.size
            if first >= 0 and _fits(echo, tape, data, first, number) and _calm(echo, tape, number):
                tape.low = min(tape.low, number - echo.lines[0])
                tape.high = max(tape.high, number + echo.lines[1])
                tape.note(number + echo.lines[1] + 1, first + echo.size)
                shift = number - echo.line
                for tell in echo.told:
                    tell(ledger, shift)
                return echo.end + shift
        return self._listened(reads, tape, number, ledger, key)

    def _listened(self, reads: Reads, tape: Tape, number: int, ledger: Ledger, key: tuple[Hashable, bytes]) -> int:
        outer = tape.low, tape.high, tape.calm_to
        tape.low = tape.high = tape.calm_to = number
        read_to, taken = tape.read_to, len(tape.taken)
        recorder = _Recorder(ledger)
        end = reads(tape, number, recorder)
        stretch = tape.stretch(number)
        if stretch is not None and not (recorder.answered or taken or tape.taken) and len(stretch[1]) <= _LARGEST:
            before, text = stretch
            lines = number - tape.low, tape.high - number
            read_before = max(0, read_to - tape.low)
            calm = tape.calm_to - number if tape.calm_to > tape.high + 1 else 0
            told = tuple(recorder.told)
            self._keep(
                key, _Echo(number, end, before, len(text), hash(text), lines, calm, read_before, told), recorder.weight
            )
        if recorder.answered and isinstance(ledger, _Recorder):
            ledger.answered = True
        tape.low, tape.high = min(outer[0], tape.low), max(outer[1], tape.high)
        tape.calm_to = max(outer[2], tape.calm_to)
        return end

    def _keep(self, key: tuple[Hashable, bytes], echo: _Echo, weight: int) -> None:
        if self._bytes > _MOST:
            self._passed += echo.size + weight
            if self._passed < 2 * _MOST:
                return
            self._known.clear()
            self._bytes = self._passed = 0
        alike = self._known.setdefault(key, [])
        if len(alike) < _ALIKE:
            alike.append(echo)
            self._bytes += echo.size + weight


def _fits(echo: _Echo, tape: Tape, data: bytes, first: int, number: int) -> bool:
    """Whether a stretch is the same to the byte, and so for its reader, too."""
    return (
        not tape.taken
        and (not first or data[first - 1] == _NEWLINE)
        and max(0, tape.read_to - (number - echo.lines[0])) == echo.read_before
        and hash(data[first : first + echo.size]) == echo.digest
    )


_NEWLINE = 10


def _calm(echo: _Echo, tape: Tape, number: int) -> bool:
    after = echo.lines[1] + 1
    return not echo.calm or tape.calm(number + after, echo.calm - after)


class _Recorder(Ledger):
    """A ledger that passes on what it is told, and remembers it."""

    def __init__(self, ledger: Ledger) -> None:
        self._to = ledger
        self.told: list[Callable[[Ledger, int], object]] = []
        self.answered = False
        """Whether the ledger was asked anything."""
        self.weight = _FOUND

    def _weigh(self, found: Found) -> None:
        self.weight += _FOUND + _FRAME * sum(len(part.frames) for part in found.chain)

    def _say(self, tell: Callable[[Ledger, int], object]) -> None:
        tell(self._to, 0)
        self.told.append(tell)

    def tested(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """Pass it on."""
        key = key or test_key(found)
        self._weigh(found)
        self._say(lambda ledger, lines: ledger.tested(found, shift + lines, key))

    def loose(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """Pass it on."""
        key = key or loose_key(found)
        self._weigh(found)
        self._say(lambda ledger, lines: ledger.loose(found, shift + lines, key))

    def captured(self, found: Found, shift: int = 0) -> None:
        """Pass it on."""
        self._weigh(found)
        self._say(lambda ledger, lines: ledger.captured(found, shift + lines))

    def problem(self, found: Found, rank: int = 0, shift: int = 0) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.problem(found, rank, shift + lines))

    def row(self, kind: str, test: str, exception: str, message: str, notes: tuple[str, ...], number: int) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.row(kind, test, exception, message, notes, number + lines))

    def live(self, kind: str, test: str, number: int) -> None:
        """Pass it on."""
        self._say(lambda ledger, lines: ledger.live(kind, test, number + lines))

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
