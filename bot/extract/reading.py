"""A log and its artifacts to a Reading."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from bot.extract.dialects import DIALECTS, MILESTONES
from bot.extract.ending import EndingListener, Passed
from bot.extract.engine import SIGNS, Engine, Listener
from bot.extract.environment import EnvironmentReader
from bot.extract.ledger import Ledger
from bot.extract.needles import Needles, Shelf
from bot.extract.remarks import RemarkListener
from bot.extract.source import windows
from bot.model import Failure, Reading

_LISTENERS: tuple[type[EndingListener | RemarkListener], ...] = (EndingListener, RemarkListener)
_NEEDLES = Needles(
    [*(n for one in DIALECTS for n in one.needles), *(n for one in _LISTENERS for n in one.needles)],
    [*(n for one in MILESTONES for n in one.needles), *Passed.needles, *SIGNS],
    EnvironmentReader.marks,
    EnvironmentReader.needles,
    EnvironmentReader.tellers,
)


def read(stream: BinaryIO, artifacts: Sequence[tuple[str, BinaryIO]] = (), *, shelf: Shelf | None = None) -> Reading:
    """Everything that a log and its artifacts say; a shelf saves a process the compiling of what is looked for.

    Compression and encoding are detected; nothing is opened. Raises `errors.Unreadable` for what is no log: a broken
    archive, a decompression bomb. Any other input gives a Reading.
    """
    _NEEDLES.ready(shelf)
    reading = _log(stream)
    if not artifacts:
        return reading
    from bot.extract.artifacts import merge, parse

    return merge(reading, parse(artifacts, _log))


def _log(stream: BinaryIO) -> Reading:
    """What a log says by itself."""
    ledger = Ledger()
    ending, remarks, environment = EndingListener(), RemarkListener(), EnvironmentReader()
    listeners: list[Listener] = [ending, remarks]
    engine = Engine(_NEEDLES, DIALECTS, listeners, [*MILESTONES, Passed(ending)], [environment], [remarks])
    tape = engine.run(windows(stream), ledger)
    last = ending.result(tape.lines)
    failures, total, handled, handled_total = ledger.close(last)
    return Reading(
        failures=failures,
        failures_total=total,
        handled=handled,
        handled_total=handled_total,
        environment=environment.result(_paths(failures), [failure.span for failure in failures]),
        totals=tuple(ledger.totals_seen),
        ending=last,
        remarks=remarks.result(),
        doubts=tuple(ledger.doubts),
        bytes=tape.bytes,
        lines=tape.lines,
    )


def _paths(failures: Sequence[Failure]) -> Iterator[str]:
    """The files of the first failures' frames, which give the interpreter away where nobody names it."""
    for failure in failures[:50]:
        for part in failure.chain:
            yield from (frame.file for frame in part.frames)
