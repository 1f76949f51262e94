"""A runner's whole output as one line holds it: a string of a record, with escaped line ends. It is read as a log.

Whatever is found stands on that line. What such a text says of distributions and of the job's end is not asked for.
"""

from __future__ import annotations

import io
from functools import lru_cache

from msgspec.structs import replace

from bot.extract.engine import SIGNS, Dialect, Engine
from bot.extract.found import Found
from bot.extract.ledger import Ledger
from bot.extract.needles import Needles
from bot.extract.source import windows
from bot.model import Frame, Raised, Totals


def read_inside(text: str, number: int, ledger: Ledger) -> None:
    """Read a text, and tell the ledger what was found, as of one line."""
    from bot.extract.dialects import MILESTONES  # which names the dialect that calls this

    needles, dialects = _readers()
    engine = Engine(needles, dialects, (), MILESTONES)
    engine.run(windows(io.BytesIO(text.encode("utf-8", "replace") + b"\n")), _Inside(ledger, number))


@lru_cache(maxsize=1)
def _readers() -> tuple[Needles, tuple[Dialect, ...]]:
    """All dialects but the one for records, so that a text within a text within a text is not followed."""
    from bot.extract.dialects import DIALECTS, MILESTONES
    from bot.extract.structured import Structured

    dialects = tuple(one for one in DIALECTS if not isinstance(one, Structured))
    loud = [needle for one in dialects for needle in one.needles]
    return Needles(loud, [*(needle for one in MILESTONES for needle in one.needles), *SIGNS]), dialects


class _Inside(Ledger):
    """A ledger for which all that it is told stands on one line."""

    def __init__(self, ledger: Ledger, number: int) -> None:
        self._to, self._number = ledger, number
        self.open = True
        self.totals_seen = []

    @property
    def pending(self) -> bool:
        """It isn't asked what it knows, so that what it is told depends on the text alone."""
        return True

    def tested(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """Pass it on."""
        del shift, key
        self._to.tested(_at(found, self._number))

    def loose(self, found: Found, shift: int = 0, key: int = 0) -> None:
        """Pass it on."""
        del shift, key
        self._to.loose(replace(_at(found, self._number), writer="json", logged=True))

    def captured(self, found: Found, shift: int = 0) -> None:
        """Pass it on."""
        del shift
        self._to.captured(_at(found, self._number))

    def problem(self, found: Found, rank: int = 0, shift: int = 0) -> None:
        """Pass it on."""
        del shift
        self._to.problem(_at(found, self._number), rank)

    def row(self, kind: str, test: str, exception: str, message: str, notes: tuple[str, ...], number: int) -> None:
        """Pass it on."""
        del number
        self._to.row(kind, test, exception, message, notes, self._number)

    def live(self, kind: str, test: str, number: int) -> None:
        """Pass it on."""
        del number
        self._to.live(kind, test, self._number)

    def totals(self, totals: Totals) -> None:
        """Pass it on."""
        self._to.totals(replace(totals, line=self._number))

    def session(self) -> None:
        """Pass it on."""
        self._to.session()

    def boundary(self) -> None:
        """Steps of a job do not begin inside a line."""

    def explained(self, found: Found) -> bool:
        """Pass it on."""
        return self._to.explained(_at(found, self._number))


def _at(found: Found, number: int) -> Found:
    chain = tuple(_part_at(part, number) for part in found.chain)
    return replace(found, chain=chain, moved=0, span=(number, number))


def _part_at(part: Raised, number: int) -> Raised:
    frames = tuple(
        Frame(file=frame.file, line=frame.line, function=frame.function, source=frame.source, at=number)
        for frame in part.frames
    )
    return replace(part, frames=frames, span=(number, number))
