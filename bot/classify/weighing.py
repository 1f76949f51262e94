"""From what rules saw to a kind and a confidence.

Each kind of verdict has a score: its prior plus the weights of the evidence for (or against) it. The scores become
probabilities (softmax over the kinds that are possible here), the probability of the winner is calibrated by its
standing: what rests on one witness, or was said without an answer of the index, has been wrong more often than the sum
of its weights tells. All numbers are in `weights.toml`, which `bench/weights.py` fits and writes.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cache

from msgspec import Struct

from bot.classify import shipped
from bot.classify.rules import RULES, Look, Rule, Saw
from bot.model import EndKind, Evidence, Kind


class Weights(Struct, frozen=True, kw_only=True):
    """The fitted numbers."""

    priors: Mapping[Kind, float]
    strengths: Mapping[str, float]
    rules: Mapping[str, float]
    """How far a rule's own weight is from its group's."""
    threshold: float
    """`upstream` is said from this probability on; below it the next best kind is."""
    calibration: Mapping[str, tuple[tuple[float, float], ...]]
    """For each standing, (probability, share that was right), rising; between them it is interpolated."""

    def of(self, rule: Rule) -> float:
        """A rule's weight in log-odds: negative where it speaks against."""
        size = max(0.0, self.strengths[rule.strength] + self.rules.get(rule.name, 0.0))
        return -size if rule.against else size


class Weighed(Struct, frozen=True, kw_only=True):
    """What the evidence amounts to."""

    kind: Kind
    confidence: float
    probabilities: Mapping[Kind, float]
    evidence: tuple[Evidence, ...]


def weights_from(text: str) -> Weights:
    """Weights from their file's text."""
    import tomllib

    raw = tomllib.loads(text)
    return Weights(
        priors={Kind(name): float(value) for name, value in raw["priors"].items()},
        strengths={str(name): float(value) for name, value in raw["strengths"].items()},
        rules={str(name): float(value) for name, value in raw["rules"].items()},
        threshold=float(raw["threshold"]["upstream"]),
        calibration={
            name: tuple((float(said), float(was)) for said, was in rows) for name, rows in raw["calibration"].items()
        },
    )


@cache
def weights() -> Weights:
    """The fitted weights that come with the package."""
    return weights_from(shipped.text("weights.toml"))


def seen(look: Look) -> list[tuple[Rule, Saw]]:
    """The rules that saw something, in their order."""
    return [(rule, saw) for rule in RULES if (saw := rule.see(look)) is not None]


def possible(look: Look) -> tuple[Kind, ...]:
    """The kinds that can be said at all: nobody to blame, no blame; no failure, no project's fault."""
    if look.scene is None:
        return (Kind.NONE, Kind.ENVIRONMENT)
    blamed = look.found is not None and bool(look.found.culprit)
    return (Kind.UPSTREAM, Kind.PROJECT, Kind.ENVIRONMENT) if blamed else (Kind.PROJECT, Kind.ENVIRONMENT)


def weigh(look: Look, using: Weights | None = None) -> Weighed:
    """The kind that the evidence speaks for, how surely, and the evidence."""
    chosen = using or weights()
    rows = seen(look)
    probabilities = spread(((rule, 1) for rule, _ in rows), possible(look), chosen)
    kind = best(probabilities, chosen.threshold)
    evidence = tuple(
        Evidence(
            rule=rule.name,
            supports=rule.supports,
            weight=round(chosen.of(rule), 2),
            says=saw.says,
            line=saw.line,
            source=saw.source,
        )
        for rule, saw in rows
    )
    ordered = sorted(evidence, key=lambda row: (row.supports is not kind, -row.weight))
    return Weighed(
        kind=kind,
        confidence=calibrated(standing(kind, look, [rule for rule, _ in rows]), probabilities[kind], chosen),
        probabilities=probabilities,
        evidence=tuple(ordered),
    )


WITNESSES = 2
"""So many ways of knowing it independently are needed for blame that a machine may act upon."""


def standing(kind: Kind, look: Look, fired: Iterable[Rule]) -> str:
    """What a verdict's confidence is calibrated by: its kind, and what it lacks.

    `upstream-thin` is blame that rests on one way of knowing, or of a distribution that no list shows installed;
    `project-blind` was said where a third party asked and the index could not answer everything, `project-afar` where none
    of the project's own code raised it, and `project-met` where besides something came in a new series behind an unchanged
    third party that the project called: whose fault it is was inferred, against what changed. `none-red` is said of a job
    that ended badly, for a reason that no line was read as.
    """
    found = look.found
    if kind is Kind.UPSTREAM and found is not None:
        ways = {way for rule in fired if rule.supports is kind and not rule.against for way in rule.ways}
        placed = found.culprit_version is not None and not found.notes.get("culprit-version")
        return kind.value if len(ways) >= WITNESSES and placed else f"{kind.value}-thin"
    if kind is Kind.PROJECT and found is not None and found.unknown and look.scene is not None and look.scene.asking:
        return f"{kind.value}-blind"
    if kind is Kind.NONE and look.case.reading.ending.kind is not EndKind.PASSED:
        return f"{kind.value}-red"
    if kind is Kind.PROJECT and look.scene is not None and not look.scene.raised_by_project:
        return f"{kind.value}-{'met' if found is not None and found.behind else 'afar'}"
    return kind.value


def spread(fired: Iterable[tuple[Rule, int]], kinds: tuple[Kind, ...], using: Weights) -> dict[Kind, float]:
    """Probabilities of the possible kinds."""
    scores = {kind: using.priors[kind] for kind in kinds}
    for rule, _ in fired:
        if rule.supports in scores:
            scores[rule.supports] += using.of(rule)
    top = max(scores.values())
    raised = {kind: math.exp(score - top) for kind, score in scores.items()}
    total = sum(raised.values())
    return {kind: value / total for kind, value in raised.items()}


def best(probabilities: Mapping[Kind, float], threshold: float) -> Kind:
    """The likeliest kind; blame needs more than being the likeliest."""
    ranked = sorted(probabilities, key=lambda kind: -probabilities[kind])
    if ranked[0] is Kind.UPSTREAM and probabilities[Kind.UPSTREAM] < threshold:
        return ranked[1]
    return ranked[0]


def calibrated(by: str, probability: float, using: Weights) -> float:
    """How often such a probability was right, by the verdict's standing."""
    rows = using.calibration.get(by) or using.calibration.get(by.partition("-")[0]) or ()
    if not rows:
        return probability
    at = bisect_right([said for said, _ in rows], probability)
    if at == 0:
        return rows[0][1]
    if at == len(rows):
        return rows[-1][1]
    (low, was_low), (high, was_high) = rows[at - 1], rows[at]
    share = (probability - low) / (high - low) if high > low else 0.0
    return was_low + share * (was_high - was_low)
