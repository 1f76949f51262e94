r"""How a log is walked: one pass over bytes, state machines only where a needle was hit.

Theory of operation
-------------------
`source` turns any input into windows of clean bytes (UTF-8, `\n` line ends, no ANSI codes, no NULs); the number of
line ends is never changed, so line numbers are the served log's. `engine` scans each window once with hyperscan for
the needles of every dialect and listener. A needle is a bytes literal that cannot span lines.

- A *dialect* is started with a cursor that stands on the line of the hit; it reads on from there as far as its
  text goes, and what it has read is not scanned for others.
- A *listener* is given single lines. `feed(line, text)` gets the line's number and its text without the CI's stamp,
  and answers whether it wants the next line as well, whatever that holds (a table, a list). Lines that a dialect
  has consumed are not offered.

Listeners hold no more than they need to answer; a log may have a billion lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from bot.extract.ledger import Ledger
from bot.extract.prefixes import unstamped
from bot.extract.tape import Scan, Tape

if TYPE_CHECKING:
    from hyperscan import Database


class Listener(Protocol):
    """Something that is told of single lines: the environment's reader, remarks, totals."""

    needles: ClassVar[tuple[bytes, ...]]
    """Bytes literals (case matters); a line with any of them is fed once, in the order of the log."""

    def feed(self, line: int, text: str) -> bool:
        """Take a line; whether the next one is wanted too, even without a needle."""
        ...


class Dialect(Protocol):
    """A way in which failures are printed."""

    needles: ClassVar[tuple[bytes, ...]]
    """Bytes literals on whose lines this dialect may begin."""

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from the line of a hit; the number of the first line not read, or `number` where nothing begins."""
        ...


class Sweeper(Protocol):
    """Something that is told of a window as a whole: what is printed so often that a call a line would be too dear."""

    marks: ClassVar[tuple[bytes, ...]]
    """Bytes literals; where a window has any, it is swept once, before its lines are offered to anybody."""

    @property
    def open(self) -> bool:
        """Whether the next window is wanted in any case, since a list may go on in it."""
        ...

    def sweep(self, window: bytes, first: int, count: int, marks: frozenset[bytes]) -> None:
        """Take a window of so many lines, the number of the first one, and the marks that are in it."""
        ...


class Needles:
    """The needles of all dialects and listeners, and the marks of sweepers, in one database, compiled once."""

    def __init__(self, literals: Sequence[bytes], marks: Sequence[bytes] = ()) -> None:
        self.literals = tuple(dict.fromkeys(literals))
        self.marks = tuple(dict.fromkeys(marks))
        self._database: Database | None = None

    def scan(self, window: bytes) -> tuple[list[tuple[int, int]], frozenset[bytes]]:
        """Offsets and numbers of the literals found in a window, in order, and the marks that are in it."""
        if self._database is None:
            self._database = _compiled(self.literals, self.marks)
        hits: list[tuple[int, int]] = []
        marked: list[int] = []
        plain = len(self.literals)

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if number < plain:
                hits.append((end, number))
            else:
                marked.append(number - plain)

        self._database.scan(window, match_event_handler=hit)
        return hits, frozenset(self.marks[number] for number in marked)


def _compiled(literals: tuple[bytes, ...], marks: tuple[bytes, ...]) -> Database:
    import hyperscan

    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=(*literals, *marks),
        ids=tuple(range(len(literals) + len(marks))),
        elements=len(literals) + len(marks),
        flags=[0] * len(literals) + [hyperscan.HS_FLAG_SINGLEMATCH] * len(marks),
        literal=True,
    )
    return database


class Engine:
    """Walks a log once and hands each hit to whom it concerns."""

    def __init__(
        self,
        dialects: Sequence[Dialect],
        listeners: Sequence[Listener],
        needles: Needles,
        sweepers: Sequence[Sweeper] = (),
    ) -> None:
        self._needles = needles
        self._sweepers = [(one, frozenset(one.marks)) for one in sweepers]
        self._dialects = _by_needle(needles, dialects)
        self._listeners = _by_needle(needles, listeners)

    def run(self, windows: Iterator[bytes], ledger: Ledger) -> Tape:
        """Read a log to its end."""
        scan: Scan = self._scan
        tape = Tape(windows, scan)
        wanted: list[Listener] = []
        while True:
            if wanted:
                wanted = self._next(tape, wanted)
                continue
            if not tape.advance():
                return tape
            number, needle = tape.hits.popleft()
            if number < tape.read_to or number in tape.taken:
                continue
            tape.begun = number
            if not self._begin(tape, number, needle, ledger):
                wanted = self._tell(tape, number, needle)

    def _scan(self, window: bytes, first: int, count: int) -> list[tuple[int, int]]:
        hits, marked = self._needles.scan(window)
        for sweeper, marks in self._sweepers:
            seen = marked & marks
            if seen or sweeper.open:
                sweeper.sweep(window, first, count, seen)
        return hits

    def _begin(self, tape: Tape, number: int, needle: int, ledger: Ledger) -> bool:
        for dialect in self._dialects[needle]:
            end = dialect.start(tape, number, ledger)
            if end > number:
                tape.read_to = max(tape.read_to, end)
                return True
        return False

    def _tell(self, tape: Tape, number: int, needle: int) -> list[Listener]:
        """Feed a line to its listeners: those of all needles on it, each once."""
        listeners = list(self._listeners[needle])
        while tape.hits and tape.hits[0][0] == number:
            other = tape.hits[0][1]
            if self._dialects[other]:
                break
            tape.hits.popleft()
            listeners.extend(one for one in self._listeners[other] if one not in listeners)
        if not listeners:
            return []
        text = unstamped(tape.text(number) or "")
        self._fed = number
        return [one for one in listeners if one.feed(number, text)]

    def _next(self, tape: Tape, wanted: list[Listener]) -> list[Listener]:
        """Feed the line after the last one fed to whoever wants it."""
        self._fed += 1
        number = self._fed
        raw = tape.text(number)
        if raw is None or number in tape.taken:
            return []
        needles = []
        while tape.hits and tape.hits[0][0] <= number:
            at, needle = tape.hits[0]
            if at == number and self._dialects[needle]:
                return []
            tape.hits.popleft()
            needles.append(needle)
        text = unstamped(raw)
        also = [one for needle in needles for one in self._listeners[needle] if one not in wanted]
        return [one for one in [*wanted, *dict.fromkeys(also)] if one.feed(number, text)]

    _fed = 0


PartT = TypeVar("PartT", Dialect, Listener)


def _by_needle(needles: Needles, parts: Sequence[PartT]) -> list[list[PartT]]:
    return [[part for part in parts if literal in part.needles] for literal in needles.literals]
