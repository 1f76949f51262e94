"""What the ledger hands back beside the model's own values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.model import Command, Decision, Fingerprint, Job, Judgement, Reading, Report, Thread


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisRecord:
    """What was read and judged of a job; failures and handled tracebacks stand in the judgement only."""

    reading: Reading
    judgement: Judgement
    fingerprint: Fingerprint | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BugRecord:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRecord:
    """A thread with what we told in it."""

    thread: Thread
    bug: str
    recipient: str
    title: str = ""
    how: str = "opened"
    checked_at: datetime | None = None
    fixed_in: str | None = None
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Something that was about to be created."""

    at: datetime
    """When it was last tried."""
    tries: int
    """1 where nobody tried before."""
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRecord:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRecord:
    """Our one comment on a change."""

    change: str
    job: str
    bug: str | None
    body: str
    state: str
    posted_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRecord:
    """A command with what came of it."""

    id: str
    command: Command
    state: str
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Buried:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """Whether something may be written now; if not, when to ask again and why."""

    granted: bool
    retry_after: float = 0.0
    reason: str = ""
