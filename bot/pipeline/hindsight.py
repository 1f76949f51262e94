"""What a judgement could not know when it was made: whom a human blames, and which release has mended it since."""

from __future__ import annotations

from msgspec.structs import replace
from packaging.version import InvalidVersion, Version

from bot.model import Action, Culprit, Evidence, Fix, History, Judgement, Kind, Verdict, normalized


def hindsight(judgement: Judgement, history: History) -> Judgement:
    """The judgement as it reads today: about the distribution that a human named, and with the release that mends it."""
    return _mended(_blamed(judgement, history), history.fix)


def _blamed(judgement: Judgement, history: History) -> Judgement:
    """With the distribution that a human named in the machine's place, where one did.

    Where its reports belong nobody looked up, so nothing is opened for it by a machine.
    """
    mark = next((row for row in reversed(history.marks) if row.word == "blame"), None)
    root = judgement.root
    if mark is None or root is None:
        return judgement
    name = normalized(mark.argument)
    said = Evidence(
        rule="a-human's-word", supports=Kind.UPSTREAM, weight=5.0, says=f"{mark.actor or 'Somebody'} names {name}"
    )
    verdict = root.verdict
    if verdict.culprit is None or verdict.culprit.distribution != name:
        verdict = replace(
            verdict, culprit=Culprit(distribution=name), tracker=None, fixed_in=None, action=Action.REPORT
        )
    verdict = replace(verdict, kind=Kind.UPSTREAM, evidence=(said, *verdict.evidence))
    return _with(judgement, verdict)


def _mended(judgement: Judgement, fix: Fix | None) -> Judgement:
    """With the release that came out since; not where the job had that release and failed all the same."""
    verdict, root = judgement.verdict, judgement.root
    if fix is None or root is None or verdict.action is not Action.REPORT or verdict.culprit is None:
        return judgement
    if verdict.culprit.distribution != fix.distribution or at_least(verdict.culprit.version, fix.version):
        return judgement
    said = Evidence(
        rule="released-since",
        supports=Kind.UPSTREAM,
        weight=0.0,
        says=f"{fix.distribution} {fix.version} came out since, without the defect",
    )
    return _with(
        judgement,
        replace(
            verdict,
            action=Action.ALREADY_FIXED,
            fixed_in=fix.version,
            way_round=fix.way_round or verdict.way_round,
            evidence=(*verdict.evidence, said),
        ),
    )


def at_least(version: str | None, wanted: str) -> bool:
    """Whether a version is surely that one or a later one; what is not known, or no version, is not."""
    try:
        return version is not None and Version(version) >= Version(wanted)
    except InvalidVersion:
        return False


def _with(judgement: Judgement, verdict: Verdict) -> Judgement:
    root = judgement.root
    rows = tuple(replace(row, verdict=verdict) if row is root else row for row in judgement.failures)
    return replace(judgement, verdict=verdict, failures=rows)
