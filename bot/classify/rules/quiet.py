"""Jobs in which no Python code failed."""

from __future__ import annotations

from bot.classify.rules.framework import Look, Rule, Saw, Strength, rule
from bot.model import EndKind, Kind


@rule(Kind.NONE, Strength.DECISIVE)
def no_failure_is_printed(look: Look) -> Saw | None:
    """The log prints no failure: a green run, a linter's complaint, a threshold that was missed.

    Where the machine speaks and no runner has counted, the run was cut short: that nothing is printed says nothing.
    """
    if look.scene is not None:
        return None
    totals, ending = look.case.reading.totals, look.case.reading.ending
    if not totals and ending.kind is not EndKind.PASSED and any(hit.signature.strong for hit in look.remarks):
        return None
    said = f"; {totals[-1].runner} counted {totals[-1].passed} passed" if totals else ""
    return Saw(says=f"no failure is printed{said}", line=totals[-1].line if totals else None)


@rule(Kind.NONE, Strength.STRONG)
def job_ended_well(look: Look) -> Saw | None:
    """The job says itself that it passed: then whatever tracebacks it prints were handled."""
    ending = look.case.reading.ending
    if look.scene is not None or ending.kind is not EndKind.PASSED:
        return None
    return Saw(says=f"the job passed: {ending.text[:120]}", line=ending.line)


RULES: tuple[Rule, ...] = (no_failure_is_printed, job_ended_well)
