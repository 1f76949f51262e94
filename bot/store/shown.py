"""Rows of the ledger as the values that pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from bot.model import Decision
from bot.pipeline.values import from_json
from bot.views import BugRow, JobRow, Standing, ThreadRow, Viewer

OPEN = "open"


def _standing(row: Row[Any], found: Sequence[ThreadRow], *, held: bool) -> Standing:
    if row.fix:
        return Standing.FIXED_UPSTREAM
    if any(thread.state == OPEN for thread in found):
        return Standing.REPORTED
    if found:
        return Standing.CLOSED
    if held:
        return Standing.HELD
    if row.action == "already-fixed":
        return Standing.FIXED_UPSTREAM
    return Standing.DRAFTED if row.drafted_at is not None else Standing.WATCHED


def bug_row(
    row: Row[Any],
    viewer: Viewer,
    seen: Sequence[Row[Any]],
    found: Sequence[ThreadRow],
    words: Mapping[str, tuple[str, str]],
    *,
    held: bool,
) -> BugRow:
    """A Bug, with its jobs by project, its threads, and words that the viewer may see."""
    shown = [one for one in seen if viewer.reads(one.project, private=bool(one.private))]
    exception, message = words[row.key]
    return BugRow(
        key=row.key,
        standing=_standing(row, found, held=held),
        kind=row.kind,
        confidence=row.confidence,
        exception=exception,
        message=message,
        culprit=row.culprit,
        culprit_version=row.culprit_version,
        trigger=row.trigger,
        last_good=row.last_good,
        first_bad=row.first_bad,
        fixed_in=row.fix["version"] if row.fix else row.fixed_in,
        tracker=row.tracker,
        symbol=row.symbol,
        first_seen=min((one.first for one in shown), default=row.created_at),
        last_seen=max((one.last for one in shown), default=row.seen_at),
        jobs=sum(one.times for one in shown),
        projects=tuple(sorted(one.project for one in shown)),
        hidden_projects=len(seen) - len(shown),
        thread=next((one for one in found if one.state == OPEN), found[0] if found else None),
        decision=from_json(Decision, row.decision) if row.decision else None,
    )


def job_row(row: Row[Any]) -> JobRow:
    """A failing job."""
    return JobRow(
        key=row.key,
        project=row.project,
        name=row.name,
        change=row.change_id,
        url=row.url,
        trust=row.trust,
        private=row.private,
        received_at=row.received_at,
        finished_at=row.finished_at,
        state=row.state,
        reason=row.reason,
        kind=row.kind,
        confidence=row.confidence,
        bug=row.bug,
    )


def thread_row(row: Row[Any]) -> ThreadRow:
    """A thread; with its library where the query joined the Bug."""
    return ThreadRow(
        url=row.url,
        bug=row.bug,
        tracker=row.tracker,
        title=row.title,
        state=row.state,
        outcome=row.outcome,
        how=row.how,
        by_human=row.by_human,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        culprit=getattr(row, "culprit", None),
        fixed_in=row.fixed_in,
    )
