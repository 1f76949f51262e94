"""What every stage is given, and what several of them do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from bot.errors import Permanent
from bot.pipeline.budgets import Budgets
from bot.pipeline.durable import Durable
from bot.pipeline.engine import Engine
from bot.pipeline.ledger import Ledger
from bot.pipeline.rules import Rules
from bot.pipeline.spool import Spool
from bot.ports import Analyst, Source, Tracker
from bot.render.redact import leaks, redact

Observe = Callable[..., None]
"""Told of what happened: `observe("verdict", kind="upstream")`; its first parameter is positional-only. Names and labels are in `docs/operations.md`."""


class Work(Struct, frozen=True, kw_only=True):
    """The stages' world."""

    engine: Engine
    durable: Durable
    ledger: Ledger
    sources: Mapping[str, Source]
    trackers: Sequence[Tracker]
    analyst: Analyst
    rules: Rules
    spool: Spool
    budgets: Budgets
    clock: Callable[[], datetime]
    observe: Observe

    def source(self, name: str) -> Source:
        """The source of that name. Raises `Permanent` where it is no longer configured."""
        if name not in self.sources:
            raise Permanent(f"no source named {name} is configured")
        return self.sources[name]

    def tracker(self, url: str) -> Tracker | None:
        """The first tracker that speaks to that URL, or None."""
        return next((tracker for tracker in self.trackers if tracker.takes(url)), None)


def safe(text: str) -> str:
    """The text as it may leave the house. Raises `Permanent` where redaction does not hold: rather silent than leaky."""
    clean = redact(text)
    if found := leaks(clean):
        raise Permanent(f"the text still holds {', '.join(found)} after redaction, and is not posted")
    return clean


def row(value: Any) -> dict[str, Any]:
    """A JSON object that a step returned."""
    if not isinstance(value, dict):
        raise TypeError(f"a step returned {type(value).__name__}")
    return value
