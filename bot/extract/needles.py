"""The needles of everybody who reads a log, in one database that is searched once for each window."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from hyperscan import Database


class Pattern(Struct, frozen=True):
    """A needle that is no plain literal: a regular expression as hyperscan knows them, within one line.

    It costs no more than a literal, and spares the Python that would reject what a literal hits wrongly.
    """

    expression: bytes
    example: bytes
    """A text that it matches; the fuzzers sow it."""


Needle = bytes | Pattern
"""What lines are looked for: a literal (case matters) or a pattern. It cannot span lines."""


class Hits(Struct):
    """What was found in a window, each in order: where a needle ends, and its number."""

    loud: list[tuple[int, int]] = field(default_factory=list)
    quiet: list[tuple[int, int]] = field(default_factory=list)
    swept: list[tuple[int, int]] = field(default_factory=list)
    told: list[tuple[int, int]] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    signs: list[int] = field(default_factory=list)
    """Where the quiet needles end that say that tracebacks are linked."""
    due: int = 0
    """Where in the window the last quiet hits are that are looked at in any case."""


class Shelf(Protocol):
    """Keeps the database from one process to the next. What it gives may be of another version, or broken."""

    def get(self) -> bytes | None:
        """What was put there, or None."""
        ...

    def put(self, data: bytes) -> None:
        """Keep it if that can be done."""
        ...


class Needles:
    """Loud needles are offered to their readers at each hit, quiet ones only where that can change anything.

    The hits of swept needles and of tellers are told together with their window, and of a mark it is told only that a
    window has it.
    """

    def __init__(
        self,
        loud: Sequence[Needle],
        quiet: Sequence[Needle] = (),
        marks: Sequence[bytes] = (),
        swept: Sequence[Needle] = (),
        tellers: Sequence[Needle] = (),
    ) -> None:
        self.quiet = tuple(dict.fromkeys(quiet))
        self.loud = tuple(dict.fromkeys(needle for needle in loud if needle not in self.quiet))
        self.marks = tuple(dict.fromkeys(marks))
        self.swept = tuple(dict.fromkeys(swept))
        self.tellers = tuple(dict.fromkeys(tellers))
        self.all: tuple[Needle, ...] = (*self.loud, *self.quiet)
        self._database: Database | None = None

    @property
    def examples(self) -> tuple[bytes, ...]:
        """A text for each."""
        return tuple(
            needle if isinstance(needle, bytes) else needle.example
            for needle in (*self.all, *self.swept, *self.tellers, *self.marks)
        )

    def ready(self, shelf: Shelf | None = None) -> Database:
        """Have the database, from the shelf if it is there: to compile it takes longer than to read most logs."""
        if self._database is None:
            self._database = _made((*self.all, *self.swept, *self.tellers), self.marks, shelf)
        return self._database

    def scan(self, window: bytes) -> Hits:
        """Search a window."""
        database = self._database or self.ready()
        hits = Hits()
        loud, quiet, swept, told = hits.loud.append, hits.quiet.append, hits.swept.append, hits.told.append
        marked = hits.marks.append
        first_quiet, first_swept = len(self.loud), len(self.all)
        first_teller = first_swept + len(self.swept)
        first_mark = first_teller + len(self.tellers)

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if number < first_quiet:
                loud((end, number))
            elif number < first_swept:
                quiet((end, number))
            elif number < first_teller:
                swept((end, number - first_swept))
            elif number < first_mark:
                told((end, number - first_teller))
            else:
                marked(number - first_mark)

        database.scan(window, match_event_handler=hit)
        return hits


def _made(needles: Sequence[Needle], marks: Sequence[bytes], shelf: Shelf | None) -> Database:
    import hyperscan

    expressions = tuple(map(_expression, (*needles, *marks)))
    flags = [hyperscan.HS_FLAG_MULTILINE] * len(needles) + [hyperscan.HS_FLAG_SINGLEMATCH] * len(marks)
    # compared as a whole, so that nothing but what would be compiled now is ever used
    head = repr((getattr(hyperscan, "__version__", ""), expressions, flags)).encode() + b"\n"
    kept = shelf.get() if shelf is not None else None
    if kept is not None and kept.startswith(head):
        with suppress(hyperscan.error):  # it has a checksum, and knows for which processor it was made
            database = hyperscan.loadb(kept[len(head) :], hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(expressions=expressions, ids=tuple(range(len(flags))), elements=len(flags), flags=flags)
    if shelf is not None:
        shelf.put(head + hyperscan.dumpb(database))
    return database


def _expression(needle: Needle) -> bytes:
    if isinstance(needle, Pattern):
        return needle.expression
    return b"".join(b"\\x%02x" % byte for byte in needle)
