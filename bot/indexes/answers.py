"""Answers as JSON and back, for the cache. Only what was known is kept."""

from __future__ import annotations

from typing import Any

import msgspec

from bot.facts import (
    ComesFrom,
    Defines,
    Held,
    Holds,
    MadeHere,
    Metadata,
    Question,
    Release,
    ReleaseMetadata,
    Releases,
    TopLevels,
    TrackerOf,
    Walk,
    Walked,
)
from bot.model import TrackerRef

_ANSWERS: dict[type, Any] = {
    Releases: tuple[Release, ...],
    Metadata: ReleaseMetadata,
    Holds: Held,
    TopLevels: tuple[str, ...],
    Defines: tuple[str, ...],
    ComesFrom: tuple[str, ...],
    MadeHere: bool,
    Walk: Walked,
    TrackerOf: TrackerRef,
}
"""What answers a question."""


def dump(answer: object) -> bytes:
    """An answer in few bytes."""
    return msgspec.json.encode(answer)


def load(question: Question, data: bytes) -> object:
    """The answer to that question as it was dumped. Raises `msgspec.MsgspecError` for what is none."""
    return msgspec.json.decode(data, type=_ANSWERS[type(question)])
