"""The analysis contract: what `upriver analyze --json` prints. Keys are only ever added (design, section 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.fingerprint import fingerprint
from bot.model import Culprit, Handled, Judged, Judgement, Raised, Reading, Trigger, Verdict
from bot.patterns import pattern

_SUGGESTION = pattern(r"\.? ?(?:Did you mean|Or did you forget|Maybe you meant|Perhaps you forgot)")
CUT = 2_000
"""Characters of a message that are printed."""


def answer(
    identity: str,
    reading: Reading,
    judgement: Judgement,
    *,
    groups: Sequence[str | None] = (),
    seconds: float = 0.0,
) -> dict[str, Any]:
    """One job's answer. `groups` are the Bugs' keys of the failures, in order, where grouping was done."""
    verdict = judgement.verdict
    rows = [
        _failure(judged, groups[number] if number < len(groups) else None)
        for number, judged in enumerate(judgement.failures)
    ]
    root = next((row for row in rows if row["root"]), None)
    return {
        "id": identity,
        "verdict": verdict.kind.value,
        "confidence": round(verdict.confidence, 4),
        "action": verdict.action.value,
        "fixed_in": verdict.fixed_in,
        "culprit": _culprit(verdict.culprit),
        "trigger": _trigger(verdict.trigger),
        "tracker": verdict.tracker.url if verdict.tracker else None,
        "fingerprint": root["fingerprint"] if root else None,
        "group": root["group"] if root else None,
        "failures": rows,
        "failures_total": reading.failures_total,
        "handled": [_handled(row) for row in reading.handled],
        "handled_total": reading.handled_total,
        "evidence": _evidence(verdict),
        "summary": verdict.summary,
        "way_round": verdict.way_round.constraint if verdict.way_round else None,
        "would_change": list(verdict.would_change),
        "unknowns": list(verdict.unknowns),
        "doubts": list(reading.doubts),
        "environment": {
            "python": reading.environment.python,
            "platform": reading.environment.platform,
            "distributions": {row.name: row.version for row in reading.environment.installed},
        },
        "ending": {"kind": reading.ending.kind.value, "code": reading.ending.code, "line": reading.ending.line},
        "bytes": reading.bytes,
        "seconds": round(seconds, 4),
    }


def unread(identity: str, error: str) -> dict[str, Any]:
    """The answer for an input that could not be read."""
    return {
        "id": identity,
        "error": error,
        "verdict": None,
        "confidence": 0.0,
        "action": "none",
        "fixed_in": None,
        "culprit": None,
        "trigger": None,
        "tracker": None,
        "fingerprint": None,
        "group": None,
        "failures": [],
        "failures_total": 0,
        "handled": [],
        "evidence": [],
        "environment": {"python": None, "distributions": {}},
        "bytes": 0,
        "seconds": 0.0,
    }


def as_printed(part: Raised) -> str:
    """The message as the log has it: the suggestion, which the model keeps apart, ends its first line again.

    A message is known by its first line; where that is empty, so is the message: a log shows `ValueError:` and, below,
    lines that only look like more of it.
    """
    first, line, rest = part.message.partition("\n")
    if not first.strip():
        return ""
    hint = next((note for note in part.notes if _SUGGESTION.match(note)), "")
    return f"{first}{hint}{line}{rest}"


def _failure(judged: Judged, group: str | None) -> dict[str, Any]:
    failure, verdict = judged.failure, judged.verdict
    outermost = failure.outermost
    owned = judged.owned[-1] if len(judged.owned) == len(failure.chain) else ()
    printed = fingerprint(judged)
    return {
        "exception": failure.exception,
        "message": as_printed(outermost)[:CUT],
        "test": failure.test,
        "root": failure.root,
        "phase": failure.phase.value,
        "dialect": failure.dialect,
        "times": failure.times,
        "verdict": verdict.kind.value,
        "confidence": round(verdict.confidence, 4),
        "culprit": _culprit(verdict.culprit),
        "trigger": _trigger(verdict.trigger),
        "fingerprint": str(printed) if printed else None,
        "group": group,
        "symbol": judged.symbol,
        "frames": [
            {
                "file": frame.file,
                "line": frame.line,
                "function": frame.function,
                "distribution": owned[number].distribution if number < len(owned) else None,
            }
            for number, frame in enumerate(outermost.frames)
        ],
        "chain": [
            {
                "exception": part.exception,
                "message": as_printed(part)[:CUT],
                "relation": part.relation.value if part.relation else None,
                **({} if part.of is None else {"of": part.of}),
            }
            for part in failure.chain
        ],
        "span": list(failure.span),
        "uncertain": failure.uncertain,
    }


def _handled(row: Handled) -> dict[str, Any]:
    outermost = row.chain[-1]
    return {
        "exception": outermost.exception,
        "message": outermost.message[:CUT],
        "span": list(row.span),
        "why": row.why,
        "times": row.times,
    }


def _evidence(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            "rule": row.rule,
            "for": row.supports.value,
            "weight": round(row.weight, 3),
            "says": row.says,
            "line": row.line,
            **({"source": row.source} if row.source else {}),
        }
        for row in verdict.evidence
    ]


def _culprit(culprit: Culprit | None) -> dict[str, Any] | None:
    return {"distribution": culprit.distribution, "version": culprit.version} if culprit else None


def _trigger(trigger: Trigger | None) -> dict[str, Any] | None:
    if trigger is None:
        return None
    return {
        "distribution": trigger.distribution,
        "last_good": trigger.last_good,
        "first_bad": trigger.first_bad,
        "published": trigger.published.isoformat() if trigger.published else None,
    }
