"""What the stand-in remembers: mutable records, one a thing that GitHub knows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

ROLES = ("none", "read", "triage", "write", "maintain", "admin")
"""Repository roles from the least to the most."""


@dataclass(slots=True, kw_only=True)
class User:
    """An account: a person, a bot or an organisation."""

    id: int
    login: str
    kind: str = "User"
    """User, Bot or Organization."""
    members: set[str] = field(default_factory=set)
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class App:
    """A GitHub App."""

    id: int
    slug: str
    name: str
    owner: str
    private_key: str
    """PEM; GitHub shows it once, the stand-in keeps it for the demonstration."""
    public_key: str
    webhook_url: str = ""
    webhook_secret: str = ""
    client_id: str = ""
    client_secret: str = ""
    permissions: dict[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    created_at: datetime

    @property
    def bot(self) -> str:
        """The login under which the App writes."""
        return f"{self.slug}[bot]"


@dataclass(slots=True, kw_only=True)
class Installation:
    """An App's installation on an account."""

    id: int
    app: int
    account: str
    repositories: set[int] | None
    """Ids of the chosen repositories; None where all were chosen."""
    permissions: dict[str, str]
    suspended_at: datetime | None = None
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Token:
    """A credential that was given out."""

    text: str
    kind: str
    """classic, fine-grained, installation or user (an App's sign-in)."""
    login: str
    scopes: frozenset[str] = frozenset()
    installation: int | None = None
    repositories: frozenset[int] | None = None
    permissions: dict[str, str] = field(default_factory=dict)
    expires_at: datetime | None = None
    app: int | None = None


@dataclass(slots=True, kw_only=True)
class Reaction:
    """A reaction to a comment."""

    id: int
    user: str
    content: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Comment:
    """A comment on an issue or pull request, in the conversation or on the diff."""

    id: int
    user: str
    body: str
    number: int
    created_at: datetime
    updated_at: datetime
    review: int | None = None
    """The review it belongs to; None for a comment in the conversation."""
    path: str = ""
    in_reply_to: int | None = None
    app: int | None = None
    reactions: list[Reaction] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class FileChange:
    """A file that a pull request changes."""

    filename: str
    patch: str | None = None
    status: str = "modified"
    previous_filename: str | None = None


@dataclass(slots=True, kw_only=True)
class Pull:
    """What a pull request has beyond an issue."""

    head_repository: int | None
    """None where the fork was deleted."""
    head_owner: str
    head_ref: str
    head_sha: str
    base_ref: str
    base_sha: str
    changes: list[FileChange] = field(default_factory=list)
    merged_at: datetime | None = None
    review_comments: list[Comment] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Issue:
    """An issue, or a pull request where `pull` is there."""

    id: int
    number: int
    title: str
    body: str | None
    user: str
    state: str = "open"
    state_reason: str | None = None
    locked: bool = False
    labels: list[str] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    pull: Pull | None = None
    app: int | None = None
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Artifact:
    """An uploaded artifact: a zip."""

    id: int
    name: str
    content: bytes
    run: int
    expired: bool = False
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class WorkflowJob:
    """One job of one attempt of a run; its id is its check run's id too."""

    id: int
    run: int
    attempt: int
    name: str
    conclusion: str | None
    log: bytes
    started_at: datetime
    completed_at: datetime | None
    steps: list[tuple[str, str]] = field(default_factory=list)
    log_late: int = 0
    """How often the log's blob answers 404 before it is there."""
    log_expired: bool = False


@dataclass(slots=True, kw_only=True)
class Run:
    """A workflow run."""

    id: int
    workflow: int
    name: str
    path: str
    number: int
    event: str
    attempt: int
    conclusion: str | None
    head_branch: str
    head_sha: str
    head_repository: int | None
    actor: str
    created_at: datetime
    updated_at: datetime
    jobs: list[WorkflowJob] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class CheckRun:
    """A check run of an App that is not Actions."""

    id: int
    name: str
    app_slug: str
    head_sha: str
    conclusion: str | None
    details_url: str
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    external_id: str = ""
    annotations: list[dict[str, object]] = field(default_factory=list)
    started_at: datetime
    completed_at: datetime | None


@dataclass(slots=True, kw_only=True)
class Status:
    """A commit status."""

    id: int
    sha: str
    state: str
    context: str
    target_url: str | None
    description: str | None
    creator: str
    created_at: datetime


@dataclass(slots=True, kw_only=True)
class Repository:
    """A repository with all that is in it."""

    id: int
    owner: str
    name: str
    created_at: datetime
    private: bool = False
    archived: bool = False
    disabled: bool = False
    has_issues: bool = True
    fork_of: int | None = None
    default_branch: str = "main"
    collaborators: dict[str, str] = field(default_factory=dict)
    interaction_limit: bool = False
    """Interaction limits: who never contributed may not write."""
    files: dict[str, str] = field(default_factory=dict)
    issues: dict[int, Issue] = field(default_factory=dict)
    runs: dict[int, Run] = field(default_factory=dict)
    checks: dict[int, CheckRun] = field(default_factory=dict)
    statuses: list[Status] = field(default_factory=list)
    commits: dict[str, str] = field(default_factory=dict)
    """Branch by commit, for commits that were pushed."""

    @property
    def full_name(self) -> str:
        """`owner/name`."""
        return f"{self.owner}/{self.name}"

    def jobs(self) -> dict[int, tuple[Run, WorkflowJob]]:
        """Every job with its run, by id."""
        return {job.id: (run, job) for run in self.runs.values() for job in run.jobs}


@dataclass(slots=True, kw_only=True)
class Delivery:
    """A webhook that was sent, or tried."""

    id: int
    guid: str
    event: str
    action: str | None
    installation: int | None
    repository: int | None
    app: int
    body: bytes
    redelivery: bool
    delivered_at: datetime
    status: str = "pending"
    status_code: int = 0
    duration: float = 0.0


@dataclass(slots=True, kw_only=True)
class Blob:
    """Something behind an expiring link."""

    content: bytes
    content_type: str
    until: datetime
    misses: int = 0
    """How often it answers 404 before it is there."""
