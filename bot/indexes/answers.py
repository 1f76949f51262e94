"""Answers as JSON and back, for the cache. Only what was known is kept."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from bot.facts import (
    ComesFrom,
    Defines,
    Held,
    Holds,
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


def dump(answer: object) -> bytes:
    """An answer in few bytes."""
    from dataclasses import asdict

    if isinstance(answer, tuple):
        value: Any = [asdict(item) if isinstance(item, Release) else item for item in answer]
    else:
        value = asdict(answer)  # type: ignore[call-overload]
    return json.dumps(value, separators=(",", ":"), default=_instant).encode()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def load(question: Question, data: bytes) -> object:
    """The answer to that question as it was dumped."""
    value = json.loads(data)
    match question:
        case Releases():
            return tuple(Release(**{**row, "uploaded": _time(row["uploaded"])}) for row in value)
        case Metadata():
            urls = tuple((label, url) for label, url in value["urls"])
            return ReleaseMetadata(**{**value, "requires": tuple(value["requires"]), "urls": urls})
        case Holds():
            return Held(**{**value, "elsewhere": tuple(value["elsewhere"])})
        case TopLevels() | Defines() | ComesFrom():
            return tuple(value)
        case Walk():
            return Walked(**{**value, "looked": tuple(value["looked"]), "changed": _time(value["changed"])})
        case TrackerOf():
            return TrackerRef(**value)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
