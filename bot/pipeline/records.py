"""What the ledger hands back beside the model's own values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import Struct, field

from bot.model import Command, Decision, Fingerprint, Job, Judgement, Reading, Report, Thread


class JobRecord(Struct, frozen=True, kw_only=True):
    """A job with what became of it."""

    job: Job
    state: str
    reason: str = ""
    received_at: datetime
    spool: str | None = None
    fingerprint: str | None = None
    bug: str | None = None
    decision: Decision | None = None
    decided_at: datetime | None = None


class AnalysisRecord(Struct, frozen=True, kw_only=True):
    """What was read and judged of a job; failures and handled tracebacks stand in the judgement only."""

    reading: Reading
    judgement: Judgement
    fingerprint: Fingerprint | None


class BugRecord(Struct, frozen=True, kw_only=True):
    """A Bug as the trusted job that shows it best made it."""

    key: str
    fingerprint: Fingerprint
    judgement: Judgement
    job: str
    created_at: datetime
    tracker: str | None = None
    culprit: str | None = None
    drafted_at: datetime | None = None
    fingerprints: tuple[str, ...] = ()
    """Every fingerprint that stands for it, of any scheme."""


class ThreadRecord(Struct, frozen=True, kw_only=True):
    """A thread with what we told in it."""

    thread: Thread
    bug: str
    recipient: str
    title: str = ""
    how: str = "opened"
    checked_at: datetime | None = None
    fixed_in: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


class Intent(Struct, frozen=True, kw_only=True):
    """Something that was about to be created."""

    at: datetime
    """When it was last tried."""
    tries: int
    """1 where nobody tried before."""
    result: str | None


class ReportRecord(Struct, frozen=True, kw_only=True):
    """A text for upstream."""

    id: int
    bug: str
    kind: str
    target: str
    report: Report
    state: str
    reason: str
    updated_at: datetime
    posted_url: str | None = None


class AdviceRecord(Struct, frozen=True, kw_only=True):
    """Our one comment on a change."""

    change: str
    job: str
    bug: str | None
    body: str
    state: str
    posted_id: str | None = None
    url: str | None = None


class CommandRecord(Struct, frozen=True, kw_only=True):
    """A command with what came of it."""

    id: str
    command: Command
    state: str
    outcome: str


class Buried(Struct, frozen=True, kw_only=True):
    """Work that could not be done."""

    id: str
    workflow: str
    refers: str
    step: str
    error: str
    message: str
    arguments: list[Any]
    at: datetime
    times: int = 1
    """Which of its runs this was."""
    replayed_at: datetime | None = None
    settled_at: datetime | None = None


class Spent(Struct, frozen=True, kw_only=True):
    """Whether something may be written now; if not, when to ask again and why."""

    granted: bool
    retry_after: float = 0.0
    reason: str = ""
