"""A human's `blame`: whom the report is about, whatever the machine thought."""

from __future__ import annotations

from dataclasses import replace

from bot.model import Action, Culprit, Evidence, History, Judgement, Kind, normalized


def blamed(judgement: Judgement, history: History) -> Judgement:
    """The judgement with the distribution that a human named in the machine's place, where one did.

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
    rows = tuple(replace(row, verdict=verdict) if row is root else row for row in judgement.failures)
    return replace(judgement, verdict=verdict, failures=rows)
