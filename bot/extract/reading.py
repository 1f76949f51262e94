"""A log and its artifacts to a Reading."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from bot.extract.dialects import DIALECTS
from bot.extract.engine import Engine, Listener, Needles
from bot.extract.ending import EndingListener
from bot.extract.ledger import Ledger
from bot.extract.remarks import RemarkListener
from bot.extract.source import windows
from bot.model import Reading

_LISTENERS: tuple[type[EndingListener] | type[RemarkListener], ...] = (EndingListener, RemarkListener)
_NEEDLES = Needles([needle for part in (*DIALECTS, *_LISTENERS) for needle in part.needles])


def read(stream: BinaryIO, artifacts: Sequence[tuple[str, BinaryIO]] = ()) -> Reading:
    """Everything that a log and its artifacts say.

    Compression and encoding are detected; nothing is opened. Raises `errors.Unreadable` for what is no log: a broken
    archive, a decompression bomb. Any other input gives a Reading.
    """
    del artifacts
    ledger = Ledger()
    ending, remarks = EndingListener(ledger), RemarkListener()
    listeners: list[Listener] = [ending, remarks]
    tape = Engine(DIALECTS, listeners, _NEEDLES).run(windows(stream), ledger)
    last = ending.result(tape.lines)
    failures, total, handled, handled_total = ledger.close(last)
    return Reading(
        failures=failures,
        failures_total=total,
        handled=handled,
        handled_total=handled_total,
        totals=tuple(ledger.totals_seen),
        ending=last,
        remarks=remarks.result(),
        doubts=tuple(ledger.doubts),
        bytes=tape.bytes,
        lines=tape.lines,
    )
