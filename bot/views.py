"""What people see, as values: the pages and the JSON API are made of these, and the store's reads fill them.

Everything in them that a log or a stranger wrote is raw: whoever shows it redacts it first (`bot.web.texts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from bot.model import Decision, Fingerprint, Job, Judgement, Mark, Reading
from bot.ports import Region


class Viewer(Struct, frozen=True, kw_only=True):
    """Who looks: a stranger sees what is public, a signed-in person also the private projects they can read."""

    name: str = ""
    operator: bool = False
    projects: frozenset[str] = frozenset()
    """Private projects that the forge lets this person read, as the forge names them."""

    def reads(self, project: str, *, private: bool) -> bool:
        """Whether this viewer may see something of a project."""
        return self.operator or not private or project in self.projects


STRANGER = Viewer()


class Standing(StrEnum):
    """Where a Bug stands, in the order in which people want to hear of it."""

    REPORTED = "reported"
    """A thread upstream is open."""
    DRAFTED = "drafted"
    """A human may send the report."""
    FIXED_UPSTREAM = "fixed upstream"
    """A release without the defect is out: upgrade."""
    WATCHED = "watched"
    """Something is missing before anything is said."""
    HELD = "held"
    """A human, or the recipient, said no."""
    CLOSED = "closed"
    """Its threads are closed."""


class Page(Struct, frozen=True, kw_only=True):
    """Which part of a list is wanted."""

    number: int = 1
    size: int = 25


class Filter(Struct, frozen=True, kw_only=True):
    """What a list of Bugs or failures is narrowed to; empty means everything."""

    words: str = ""
    kind: str = ""
    distribution: str = ""
    project: str = ""
    standing: str = ""


class ThreadRow(Struct, frozen=True, kw_only=True):
    """A thread upstream."""

    url: str
    bug: str
    tracker: str
    title: str
    state: str
    outcome: str
    how: str
    by_human: bool
    opened_at: datetime | None
    changed_at: datetime | None
    culprit: str | None = None
    fixed_in: str | None = None


class BugRow(Struct, frozen=True, kw_only=True):
    """A Bug in a list."""

    key: str
    standing: Standing
    kind: str
    confidence: float
    exception: str
    message: str
    culprit: str | None
    culprit_version: str | None
    trigger: str | None
    last_good: str | None
    first_bad: str | None
    fixed_in: str | None
    tracker: str | None
    symbol: str | None
    first_seen: datetime
    last_seen: datetime
    jobs: int
    projects: tuple[str, ...]
    """Those that the viewer may see; the others are counted in `hidden_projects`."""
    hidden_projects: int
    thread: ThreadRow | None
    decision: Decision | None


class JobRow(Struct, frozen=True, kw_only=True):
    """A failing job in a list."""

    key: str
    project: str
    name: str
    change: str | None
    url: str
    trust: str
    private: bool
    received_at: datetime
    finished_at: datetime | None
    state: str
    reason: str
    kind: str | None
    confidence: float | None
    bug: str | None


class ReportRow(Struct, frozen=True, kw_only=True):
    """A text for upstream, exactly as it was or would be posted."""

    id: int
    kind: str
    target: str
    title: str
    body: str
    prefilled: str
    state: str
    reason: str
    updated_at: datetime
    posted_url: str | None
    judged_right: bool | None


class AdviceRow(Struct, frozen=True, kw_only=True):
    """Our one comment on a change."""

    change: str
    project: str
    body: str
    state: str
    url: str | None
    updated_at: datetime
    judged_right: bool | None


class BugView(Struct, frozen=True, kw_only=True):
    """One Bug, whole."""

    row: BugRow
    fingerprint: Fingerprint | None
    judgement: Judgement | None
    """Of the best job that the viewer may see."""
    shown_job: str | None
    shown_project: str | None
    jobs: tuple[JobRow, ...]
    versions: tuple[tuple[str, str, int], ...]
    """(distribution, version, in how many jobs)."""
    by_day: tuple[tuple[str, int], ...]
    threads: tuple[ThreadRow, ...]
    reports: tuple[ReportRow, ...]
    advice: tuple[AdviceRow, ...]
    marks: tuple[Mark, ...]


class FailureView(Struct, frozen=True, kw_only=True):
    """One failing job with what was read and judged of it."""

    row: JobRow
    job: Job
    decision: Decision | None
    reading: Reading | None = None
    judgement: Judgement | None = None
    fingerprint: Fingerprint | None = None
    regions: tuple[Region, ...] = ()
    failures_total: int = 0
    seconds: float | None = None


class ReleaseRow(Struct, frozen=True, kw_only=True):
    """One release of a distribution that made jobs fail."""

    version: str
    published: datetime | None
    first_red: datetime | None
    projects: int
    bugs: tuple[str, ...]


class DistributionRow(Struct, frozen=True, kw_only=True):
    """A distribution in a list."""

    name: str
    bugs: int
    open_bugs: int
    projects: int
    last_seen: datetime


class ProjectRow(Struct, frozen=True, kw_only=True):
    """A project in a list."""

    name: str
    private: bool
    jobs: int
    bugs: int
    kinds: tuple[tuple[str, int], ...]
    last_seen: datetime


class LedgerSums(Struct, frozen=True, kw_only=True):
    """How right the machine was, so that its precision stands in public."""

    confirmed: int = 0
    refused: int = 0
    duplicate: int = 0
    silent: int = 0
    open: int = 0
    marked_right: int = 0
    marked_wrong: int = 0

    @property
    def precision(self) -> float | None:
        """Of the threads that people answered, the part that they confirmed or knew already."""
        answered = self.confirmed + self.refused + self.duplicate
        return (self.confirmed + self.duplicate) / answered if answered else None


class Switches(Struct, frozen=True, kw_only=True):
    """What keeps Upriver from writing anywhere."""

    shadow: bool = False
    """The quiet start: what would be posted is shown."""
    stopped: bool = False
    stopped_by_settings: bool = False
    """The configuration's stop can't be turned off from a page."""


class DeliveryRow(Struct, frozen=True, kw_only=True):
    """An inbound event that announced something."""

    id: str
    source: str
    event: str
    announced: str
    refers: str
    state: str
    received_at: datetime


class CountRow(Struct, frozen=True, kw_only=True):
    """Deliveries of a day by outcome."""

    day: str
    source: str
    event: str
    outcome: str
    times: int


class BuriedRow(Struct, frozen=True, kw_only=True):
    """Work that could not be done."""

    id: str
    workflow: str
    refers: str
    step: str
    error: str
    message: str
    at: datetime
    times: int
    replayed_at: datetime | None
    replayed_by: str | None


class Overview(Struct, frozen=True, kw_only=True):
    """The figures at the head of the first page."""

    jobs_today: int = 0
    jobs_week: int = 0
    bugs: int = 0
    threads: int = 0
    drafts: int = 0
    buried: int = 0
    kinds: tuple[tuple[str, int], ...] = ()
    last_delivery: datetime | None = None


class Reads(Protocol):
    """What the pages ask of the ledger. Every method shows a viewer only what the viewer may see."""

    async def overview(self, viewer: Viewer) -> Overview:
        """The figures of the first page."""
        ...

    async def bugs(self, viewer: Viewer, wanted: Filter, page: Page) -> tuple[Sequence[BugRow], int]:
        """Bugs, the latest first, and how many there are."""
        ...

    async def bug(self, viewer: Viewer, key: str) -> BugView | None:
        """One Bug (the one that it was merged into), or None where there is none that the viewer may see."""
        ...

    async def failures(self, viewer: Viewer, wanted: Filter, page: Page) -> tuple[Sequence[JobRow], int]:
        """Failing jobs, the latest first."""
        ...

    async def failure(self, viewer: Viewer, key: str) -> FailureView | None:
        """One failing job."""
        ...

    async def threads(self, viewer: Viewer) -> Sequence[ThreadRow]:
        """Threads upstream, the latest first."""
        ...

    async def ledger(self) -> LedgerSums:
        """The sums; they name nobody."""
        ...

    async def distributions(self, viewer: Viewer) -> Sequence[DistributionRow]:
        """Distributions that are to blame for something."""
        ...

    async def releases(self, viewer: Viewer, distribution: str) -> Sequence[ReleaseRow]:
        """The releases of a distribution with which jobs began to fail."""
        ...

    async def projects(self, viewer: Viewer) -> Sequence[ProjectRow]:
        """Projects whose jobs failed."""
        ...

    async def deliveries(self) -> tuple[Sequence[DeliveryRow], Sequence[CountRow]]:
        """The latest deliveries, and the counts of the last days."""
        ...

    async def buried(self) -> Sequence[BuriedRow]:
        """Work that could not be done and that no replay settled."""
        ...
