"""Reading and Facts to a Judgement: a verdict for every failure, the root's for the job."""

from __future__ import annotations

from msgspec import Struct

from bot.classify import ownership, telling
from bot.classify.differences import differences, newer, version_of
from bot.classify.inquiry import Found, inquire
from bot.classify.rules import Look
from bot.classify.scene import Scene
from bot.classify.wayround import project_way_round, way_round
from bot.classify.weighing import Weighed, Weights, weigh
from bot.facts import Facts, Question
from bot.model import (
    Action,
    Case,
    Culprit,
    DistributionName,
    Failure,
    Judged,
    Judgement,
    Kind,
    Trigger,
    Verdict,
    WayRound,
)

_JUDGED = 64
"""So many failures are told apart by their messages; beyond that by their places."""
_ASKED = 4
"""So many distinct root failures are asked about; more of them rarely show another defect."""


class Judging(Struct, frozen=True, kw_only=True):
    """One failure's look and what it weighs; for the benchmarks, which fit on what rules saw."""

    look: Look
    weighed: Weighed


def questions(case: Case, facts: Facts) -> tuple[Question, ...]:
    """What is wanted next and not asked yet."""
    wanted: dict[Question, None] = {}
    for scene in _roots(case, facts):
        wanted.update(dict.fromkeys(inquire(scene).open))
    return tuple(question for question in wanted if question not in facts)


def judge(case: Case, facts: Facts) -> Judgement:
    """The verdict for every failure, and the job's."""
    return judged_with(case, facts, None)


def judged_with(case: Case, facts: Facts, using: Weights | None) -> Judgement:
    """`judge` with given weights."""
    scenes = _scenes(case, facts)
    if not scenes:
        return Judgement(verdict=_verdict(Look(case=case), using))
    verdicts: dict[tuple[object, ...], tuple[Verdict, str | None]] = {}
    rows = []
    for scene in scenes:
        key = _key(scene) if len(verdicts) < _JUDGED else _coarse(scene)
        if key not in verdicts:
            found = inquire(scene)
            verdicts[key] = (_verdict(Look(case=case, scene=scene, found=found), using), _symbol(found))
        verdict, symbol = verdicts[key]
        rows.append(
            Judged(
                failure=scene.failure,
                verdict=verdict,
                owned=scene.chain,
                symbol=symbol,
            )
        )
    root = _speaking(rows)
    return Judgement(verdict=root.verdict, failures=tuple(rows))


def _speaking(rows: list[Judged]) -> Judged:
    """The failure that speaks for the job: the first root, unless the machine speaks in more than half of all."""
    root = next((row for row in rows if row.failure.root), rows[0])
    machine = [row for row in rows if row.verdict.kind is Kind.ENVIRONMENT]
    return machine[0] if len(machine) * 2 > len(rows) and root not in machine else root


def judging(case: Case, facts: Facts, using: Weights | None = None) -> Judging:
    """The look at the failure that speaks for the job, and what it weighs."""
    judged = list(judged_with(case, facts, using).failures)
    speaking = _speaking(judged).failure if judged else None
    scene = next((scene for scene in _scenes(case, facts) if scene.failure is speaking), None)
    look = Look(case=case, scene=scene, found=inquire(scene)) if scene is not None else Look(case=case)
    return Judging(look=look, weighed=weigh(look, using))


def _scenes(case: Case, facts: Facts) -> list[Scene]:
    """A scene for each failure; ground and differences are worked out once."""
    if not case.reading.failures:
        return []
    base = ownership.ground(case, facts)
    changes = differences(case)
    return [
        Scene(case=case, facts=facts, ground=base, differences=changes, failure=failure)
        for failure in case.reading.failures
    ]


def _roots(case: Case, facts: Facts) -> list[Scene]:
    """The distinct root failures' scenes, a few at most."""
    scenes = _scenes(case, facts)
    chosen: dict[tuple[object, ...], Scene] = {}
    for scene in [scene for scene in scenes if scene.failure.root] or scenes[:1]:
        chosen.setdefault(_key(scene), scene)
        if len(chosen) >= _ASKED:
            break
    return list(chosen.values())


def _key(scene: Scene) -> tuple[object, ...]:
    """What failures of one defect share, as far as the log alone tells; frames with their lines."""
    failure: Failure = scene.failure
    return (
        failure.phase,
        failure.dialect,
        tuple((part.exception, part.message, part.relation) for part in failure.chain),
        tuple((frame.file, frame.line, frame.function) for part in failure.chain for frame in part.frames),
    )


def _coarse(scene: Scene) -> tuple[object, ...]:
    """The same without values: in a log with hundreds of different messages the place tells enough."""
    return (
        scene.failure.phase,
        scene.failure.dialect,
        tuple((part.exception, part.relation) for part in scene.failure.chain),
        tuple((frame.file, frame.function) for part in scene.failure.chain for frame in part.frames[-3:]),
    )


def _symbol(found: Found) -> str | None:
    """The static fact that failures of one defect share."""
    return found.symbol if found.basis in {"api", "stdlib", "undeclared"} and found.culprit else None


def _verdict(look: Look, using: Weights | None) -> Verdict:
    weighed = weigh(look, using)
    found, kind = look.found, weighed.kind
    trigger = found.trigger if found is not None and kind in {Kind.UPSTREAM, Kind.PROJECT} else None
    culprit = (
        Culprit(
            distribution=DistributionName(found.culprit),
            version=found.culprit_version if not found.notes.get("culprit-version") else None,
        )
        if kind is Kind.UPSTREAM and found is not None and found.culprit
        else None
    )
    fixed_in = fixed(found) if culprit and found else None
    action = Action.NONE
    if culprit and found:
        action = Action.ALREADY_FIXED if fixed_in else Action.REPORT if _still_due(found) else Action.NONE
    way = _way(look, culprit, trigger, action, fixed_in)
    return Verdict(
        kind=kind,
        confidence=weighed.confidence,
        culprit=culprit,
        trigger=trigger,
        action=action,
        fixed_in=fixed_in,
        tracker=found.tracker if culprit and found else None,
        evidence=weighed.evidence,
        would_change=telling.would_change(look, kind, trigger),
        way_round=way,
        summary=telling.summary(
            look,
            kind,
            culprit=culprit,
            trigger=trigger,
            action=action,
            fixed_in=fixed_in,
            way=way,
            evidence=weighed.evidence,
        ),
        unknowns=_unknowns(found, culprit, action) if found else (),
        security=_security(look, kind),
    )


def fixed(found: Found) -> str | None:
    """The first release of the culprit without the defect, if it stays away in the newest one."""
    still = found.still
    mended = still is not None and still.next_other and not still.newest_at and not found.rewritten
    otherwise = found.forbidden_in or found.declared_in
    if otherwise is not None and not mended:
        return otherwise
    if still is None or not still.at or not still.next_other or still.newest_at:
        return None
    if found.rewritten:
        return None
    if found.notes.get("culprit-version") != "older" and not newer(still.next_other, found.culprit_version):
        return None
    return still.next_other


_BY_THE_LINE = frozenset(["api", "stdlib", "undeclared", "syntax", "slip", "abi"])
"""Defects that stand as long as the line does. Others a later release may have mended elsewhere."""


def _still_due(found: Found) -> bool:
    """Whether the culprit's newest release is known to have the defect: a report about an old one helps nobody."""
    still = found.still
    if found.basis == "native" and found.still is None:
        return False  # who of those that load it has to change is not known without a frame
    if found.basis in _BY_THE_LINE and still is not None and still.at and (still.newest_at or found.rewritten):
        return True
    usable = [
        row.version for row in found.releases if not row.prerelease and not row.yanked and version_of(row.version)
    ]
    return bool(usable) and not any(newer(version, found.culprit_version) for version in usable)


def _unknowns(found: Found, culprit: Culprit | None, action: Action) -> tuple[str, ...]:
    """What could not be known, and what follows from it."""
    if culprit is None or action is not Action.NONE:
        return found.unknown
    return (
        *found.unknown,
        f"{culprit.distribution}: whether its newest release still has the defect, so no report is due",
    )


def _way(
    look: Look, culprit: Culprit | None, trigger: Trigger | None, action: Action, fixed_in: str | None
) -> WayRound | None:
    if look.scene is None or look.found is None:
        return None
    if culprit is not None:
        return way_round(look.scene, look.found, culprit=culprit, trigger=trigger, action=action, fixed_in=fixed_in)
    return project_way_round(trigger)


def _security(look: Look, kind: Kind) -> str | None:
    """Why a failure may be a security matter: then nothing is opened in public."""
    if look.scene is None or kind is not Kind.UPSTREAM:
        return None
    if look.scene.failure.dialect.startswith("faulthandler") or "Segmentation fault" in look.scene.message:
        return "native code crashed, which input may be able to provoke"
    return None
