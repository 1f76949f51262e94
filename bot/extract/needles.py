"""The needles of everybody who reads a log, in one database that is searched once for each window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hyperscan import Database


@dataclass(frozen=True, slots=True)
class Pattern:
    """A needle that is no plain literal: a regular expression as hyperscan knows them, within one line.

    It costs no more than a literal, and spares the Python that would reject what a literal hits wrongly.
    """

    expression: bytes
    example: bytes
    """A text that it matches; the fuzzers sow it."""


Needle = bytes | Pattern
"""What lines are looked for: a literal (case matters) or a pattern. It cannot span lines."""


@dataclass(slots=True)
class Hits:
    """What was found in a window, each in order: where a needle ends, and its number."""

    loud: list[tuple[int, int]] = field(default_factory=list)
    quiet: list[tuple[int, int]] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    due: int = 0
    """Where in the window the last quiet hits are that are looked at in any case."""


class Needles:
    """Loud needles are offered to their readers at each hit, quiet ones only where that can change anything.

    Of a mark it is told only that a window has it.
    """

    def __init__(self, loud: Sequence[Needle], quiet: Sequence[Needle] = (), marks: Sequence[bytes] = ()) -> None:
        self.quiet = tuple(dict.fromkeys(quiet))
        self.loud = tuple(dict.fromkeys(needle for needle in loud if needle not in self.quiet))
        self.marks = tuple(dict.fromkeys(marks))
        self.all: tuple[Needle, ...] = (*self.loud, *self.quiet)
        self._database: Database | None = None

    @property
    def examples(self) -> tuple[bytes, ...]:
        """A text for each."""
        return tuple(needle if isinstance(needle, bytes) else needle.example for needle in (*self.all, *self.marks))

    def scan(self, window: bytes) -> Hits:
        """Search a window."""
        if self._database is None:
            self._database = _compiled(self.all, self.marks)
        hits = Hits()
        loud, quiet, marked = hits.loud.append, hits.quiet.append, hits.marks.append
        first_quiet, first_mark = len(self.loud), len(self.all)

        def hit(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            if number < first_quiet:
                loud((end, number))
            elif number < first_mark:
                quiet((end, number))
            else:
                marked(number - first_mark)

        self._database.scan(window, match_event_handler=hit)
        return hits


def _compiled(needles: Sequence[Needle], marks: Sequence[bytes]) -> Database:
    import hyperscan

    count = len(needles) + len(marks)
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=tuple(map(_expression, (*needles, *marks))),
        ids=tuple(range(count)),
        elements=count,
        flags=[hyperscan.HS_FLAG_MULTILINE] * len(needles) + [hyperscan.HS_FLAG_SINGLEMATCH] * len(marks),
    )
    return database


def _expression(needle: Needle) -> bytes:
    if isinstance(needle, Pattern):
        return needle.expression
    return b"".join(b"\\x%02x" % byte for byte in needle)
