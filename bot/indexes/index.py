"""The index as classify's questions see it: one question in, one Fact out, never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field

from bot.facts import (
    ComesFrom,
    Defines,
    Fact,
    Holds,
    MadeHere,
    Metadata,
    Question,
    Releases,
    TopLevels,
    TrackerOf,
    Walk,
)
from bot.indexes import answers
from bot.indexes.archives import Archives
from bot.indexes.asked import (
    Asked,
    answer_comes_from,
    answer_defines,
    answer_holds,
    answer_made_here,
    answer_metadata,
    answer_releases,
    answer_top_levels,
)
from bot.indexes.budget import Budget
from bot.indexes.cache import Cache
from bot.indexes.catalogue import Catalogue
from bot.indexes.limits import Limits
from bot.indexes.probes import READER
from bot.indexes.stripes import Stripes
from bot.indexes.trackers import answer_tracker
from bot.indexes.transport import Tally, Transport
from bot.indexes.trouble import Unknown
from bot.indexes.walks import answer_walk

ANSWERS = f"16.{READER}"
"""Raised where an answer's meaning changes: older ones are then no longer used."""


class PackageIndex(Struct):
    """One or more package indexes behind one cache. Thread-safe; `bot.ports.Index`."""

    cache: Cache
    catalogue: Catalogue
    archives: Archives
    transport: Transport | None
    limits: Limits
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    _busy: Stripes = field(default_factory=Stripes)

    def answer(self, question: Question, as_of: datetime | None) -> Fact[object]:
        """The Fact for a question as of an instant. Never raises: what can't be had is a Fact with its reason."""
        as_of = as_of.replace(tzinfo=UTC) if as_of is not None and as_of.tzinfo is None else as_of
        key = f"{ANSWERS} {self.catalogue.place} {as_of.timestamp() if as_of else 'now'} {question!r}"
        with self._busy.of(key):
            held = self._held(key, question)
            return held if held is not None else self._work_out(key, question, as_of)

    @property
    def tally(self) -> Tally:
        """What the network cost so far."""
        return self.transport.tally if self.transport is not None else Tally()

    def close(self) -> None:
        """Let the connections go."""
        if self.transport is not None:
            self.transport.close()

    def _held(self, key: str, question: Question) -> Fact[object] | None:
        """The Fact from the cache, while it is good."""
        data = self.cache.get("answers", key)
        if data is None:
            return None
        with suppress(ValueError, KeyError, TypeError, msgspec.MsgspecError):
            head, _, body = data.partition(b"\n")
            kept = json.loads(head)
            stale = kept["until"] is not None and self.clock().timestamp() > kept["until"]
            if stale and self.transport is not None:
                return None
            return Fact(
                question=question,
                answer=answers.load(question, body),
                known=True,
                reason=kept["reason"],
                source="cache",
                at=datetime.fromtimestamp(kept["at"], UTC),
            )
        return None

    def _work_out(self, key: str, question: Question, as_of: datetime | None) -> Fact[object]:
        """Ask, and keep what was learnt."""
        before = self.tally.requests
        asked = Asked(
            as_of,
            Budget(self.limits, slow=self.transport is not None and self.transport.slow),
            self.catalogue,
            self.archives,
            self.cache,
            self.limits,
        )
        try:
            answer = self._ask(question, asked)
        except Unknown as error:
            return self._fact(question, None, str(error), "")
        except Exception as error:  # noqa: BLE001 - the port's promise: a hostile file must not end a job
            return self._fact(question, None, f"could not be read: {type(error).__name__}", "")
        now = self.clock().timestamp()
        if not asked.doubts:
            until = None if asked.lasting else now + self.limits.fresh_seconds
            head = json.dumps({"at": now, "until": until, "reason": asked.note})
            self.cache.put("answers", key, head.encode() + b"\n" + answers.dump(answer))
        reason = "; ".join(dict.fromkeys([*asked.doubts, *filter(None, [asked.note])]))
        return self._fact(question, answer, reason, "index" if self.tally.requests > before else "cache")

    def _fact(self, question: Question, answer: object, reason: str, source: str) -> Fact[object]:
        return Fact(
            question=question, answer=answer, known=answer is not None, reason=reason, source=source, at=self.clock()
        )

    def _ask(self, question: Question, asked: Asked) -> object:
        match question:
            case Releases():
                return answer_releases(question, asked)
            case Metadata():
                return answer_metadata(question, asked)
            case Holds():
                return answer_holds(question, asked)
            case TopLevels():
                return answer_top_levels(question, asked)
            case Defines():
                return answer_defines(question, asked)
            case ComesFrom():
                return answer_comes_from(question, asked)
            case MadeHere():
                return answer_made_here(question, asked)
            case TrackerOf():
                return answer_tracker(question, asked)
            case Walk():
                return answer_walk(question, asked)
