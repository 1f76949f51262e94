r"""How a log is walked: one pass over bytes, state machines only where a needle was hit.

Theory of operation
-------------------
`source` turns any input into windows of clean bytes (UTF-8, `\n` line ends, no ANSI codes, no NULs); the number of
line ends is never changed, so line numbers are the served log's. `engine` scans each window once with hyperscan for
the needles of every dialect and listener. A needle is a literal or a pattern that cannot span lines. What is found costs
Python, the search hardly anything: so a needle is to be as narrow as it can be.

- A *dialect* is started with a cursor that stands on the line of the hit; it reads on from there as far as its
  text goes, and what it has read is not scanned for others.
- A *milestone* is a dialect whose hits mean something only after others': where a step begins, a test run ends. Passing
  logs are full of them, so they are looked at only when one matters.
- A *listener* is given single lines. `feed(line, text)` gets the line's number and its text without the CI's stamp,
  and answers whether it wants the next line as well, whatever that holds (a table, a list). Lines that a dialect
  has consumed are not offered.

Listeners hold no more than they need to answer; a log may have a billion lines.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import ClassVar, Protocol, TypeVar

from bot.extract.chunk import Chunk
from bot.extract.echoes import Echoes
from bot.extract.forms import SENTENCES
from bot.extract.ledger import Ledger
from bot.extract.needles import Hits, Needle, Needles
from bot.extract.numbers import Numbers
from bot.extract.prefixes import unstamped
from bot.extract.tape import Tape


class Listener(Protocol):
    """Something that is told of single lines: the environment's reader, remarks, totals."""

    @property
    def needles(self) -> tuple[Needle, ...]:
        """A line with any of them is fed once, in the order of the log."""
        ...

    def feed(self, line: int, text: str) -> bool:
        """Take a line; whether the next one is wanted too, even without a needle."""
        ...


class Dialect(Hashable, Protocol):
    """A way in which failures are printed."""

    @property
    def needles(self) -> tuple[Needle, ...]:
        """On whose lines this dialect may begin."""
        ...

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from the line of a hit; the number of the first line not read, or `number` where nothing begins.

        What is read and told must depend on the tape's lines alone.
        """
        ...


class Milestone(Protocol):
    """A line that closes or opens a stretch of the log: of interest only where something was found in that."""

    @property
    def needles(self) -> tuple[Needle, ...]:
        """What such lines have."""
        ...

    lasting: ClassVar[bool]
    """Whether the last ones of a log matter by themselves."""

    def matters(self, ledger: Ledger) -> bool:
        """Whether such a line would change anything now."""
        ...

    def start(self, tape: Tape, number: int, ledger: Ledger) -> int:
        """Read from the line of a hit, as a dialect does."""
        ...


class Sweeper(Protocol):
    """Something that is told of a window as a whole: what is printed so often that a call a line would be too dear."""

    @property
    def open(self) -> bool:
        """Whether the next window is wanted in any case, since a list may go on in it."""
        ...

    def sweep(self, window: bytes, numbers: Numbers, hits: Hits) -> None:
        """Take a window in which something swept, a teller or a mark was hit, and the numbers of its lines.

        It is swept once, before its lines are offered to anybody.
        """
        ...


class Collector(Protocol):
    """Something that keeps the first and the last lines with one quiet needle."""

    @property
    def collects(self) -> Needle:
        """What such lines have."""
        ...

    def collect(self, window: bytes, numbers: Numbers, offsets: list[int]) -> None:
        """Take a window, the numbers of its lines, and where in it the needle ends."""
        ...


_LAST = 3
"""Quiet hits of a window, from its end, that are looked at in any case: of these one is likely what it seems."""


SIGNS: tuple[Needle, ...] = tuple(sentence.encode() for sentence in SENTENCES)
"""Quiet needles: where they are not, nobody has to look for the sentences that link tracebacks."""


class Engine:
    """Walks a log once and hands each hit to whom it concerns."""

    def __init__(
        self,
        needles: Needles,
        dialects: Sequence[Dialect],
        listeners: Sequence[Listener],
        milestones: Sequence[Milestone] = (),
        sweepers: Sequence[Sweeper] = (),
        collectors: Sequence[Collector] = (),
    ) -> None:
        self._needles = needles
        self._sweepers = sweepers
        self._collectors = [(one, needles.all.index(one.collects)) for one in collectors]
        self._dialects = _by_needle(needles, dialects)
        self._listeners = _by_needle(needles, listeners)
        self._milestones = _by_needle(needles, milestones)
        self._lasting = {number for number, parts in enumerate(self._milestones) if any(one.lasting for one in parts)}
        self._signs = {number for number, needle in enumerate(needles.all) if needle in SIGNS}
        self._echoes = Echoes()
        self._reached: dict[Milestone, int] = {}

    def run(self, windows: Iterator[bytes], ledger: Ledger) -> Tape:
        """Read a log to its end."""
        tape = Tape(windows, self._needles.scan, self._sweep)
        tape.again = self._echoes.read
        wanted: list[Listener] = []
        hits = tape.hits
        while True:
            if wanted:
                wanted = self._next(tape, wanted)
                continue
            if not hits:
                self._pass(tape, None, ledger)
                tape.begun = tape.next  # all in memory was looked at; where nothing is ever found, nothing else says so
                if not tape.load():
                    return tape
                continue
            number, needle = hits.popleft()
            if number < tape.read_to or number in tape.taken:
                continue
            self._pass(tape, number, ledger)
            if number < tape.read_to:
                continue
            tape.begun = number
            if not self._begin(tape, number, needle, ledger):
                wanted = self._tell(tape, number, needle)

    def _sweep(self, window: bytes, numbers: Numbers, hits: Hits) -> None:
        for sweeper in self._sweepers:
            if hits.swept or hits.told or hits.marks or sweeper.open:
                sweeper.sweep(window, numbers, hits)
        for collector, wanted in self._collectors:
            offsets = [offset for offset, needle in hits.quiet if needle == wanted]
            if offsets:
                collector.collect(window, numbers, offsets)
        hits.signs = [offset for offset, needle in hits.quiet if needle in self._signs]
        last = [offset for offset, needle in hits.quiet if needle in self._lasting][-_LAST:]
        hits.due = last[0] if last else len(window) + 1

    def _begin(self, tape: Tape, number: int, needle: int, ledger: Ledger) -> bool:
        for dialect in self._dialects[needle]:
            end = self._echoes.read(dialect, dialect.start, tape, number, ledger)
            if end > number:
                tape.read_to = max(tape.read_to, end)
                return True
        return False

    def _pass(self, tape: Tape, before: int | None, ledger: Ledger) -> None:
        """Go past the quiet hits before a line; those that matter are looked at."""
        for chunk in tuple(tape.chunks):
            if before is not None and before < chunk.first:
                return
            quiet = chunk.quiet
            if not quiet:
                continue
            inside = before is not None and before < chunk.first + chunk.count
            end = chunk.anchors[before] if inside and before is not None else len(chunk.data)
            while quiet and quiet[0][0] <= end:
                offset, needle = quiet.popleft()
                for one in self._milestones[needle]:
                    if one.matters(ledger) or (offset >= chunk.due and one.lasting):
                        self._reach(one, tape, chunk, offset, ledger)
            if inside:
                return

    def _reach(self, one: Milestone, tape: Tape, chunk: Chunk, offset: int, ledger: Ledger) -> None:
        number = chunk.numbers.at(offset)
        if number >= tape.read_to and number not in tape.taken and self._reached.get(one) != number:
            self._reached[one] = number  # a line may repeat a needle a million times
            chunk.anchors.setdefault(number, offset)
            tape.begun = max(tape.begun, number)
            tape.read_to = max(tape.read_to, one.start(tape, number, ledger))

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
        number = tape.begun = self._fed
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


PartT = TypeVar("PartT", Dialect, Listener, Milestone)


def _by_needle(needles: Needles, parts: Sequence[PartT]) -> list[list[PartT]]:
    return [[part for part in parts if needle in part.needles] for needle in needles.all]
