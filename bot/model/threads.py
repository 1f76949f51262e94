"""One bug, one thread: fingerprints, what is known of a Bug, who receives reports, and what is decided."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from bot.model.deciding import WayRound
from bot.model.jobs import Trust
from bot.model.names import DistributionName


class FingerprintPart(Struct, frozen=True, kw_only=True):
    """Something seen, whether it counts, and why."""

    name: str
    value: str
    counts: bool
    why: str


class Fingerprint(Struct, frozen=True, kw_only=True):
    """What stays of a failure when it is hit elsewhere."""

    scheme: str
    """Dated, such as `2026-11`; old schemes stay readable."""
    digest: str
    """Sixteen hexadecimal digits."""
    parts: tuple[FingerprintPart, ...] = ()
    family: str = ""
    """The coarser digest (culprit, type, place) within which similarity is looked for."""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.digest}"


class Occurrence(Struct, frozen=True, kw_only=True):
    """One Bug seen in one Job."""

    job: str
    project: str
    change: str | None
    attempt: int
    trust: Trust
    private: bool
    at: datetime
    url: str = ""
    versions: tuple[tuple[str, str], ...] = ()


class Thread(Struct, frozen=True, kw_only=True):
    """Where a report landed upstream."""

    url: str
    tracker: str
    state: str = "open"
    """open, closed, fixed, refused, duplicate."""
    by_human: bool = False
    """Whether a person opened it and we only joined."""
    opened_at: datetime | None = None
    commented_at: datetime | None = None


class Mark(Struct, frozen=True, kw_only=True):
    """A human's standing order on a Bug: held, ignored, not-upstream, blamed, confirmed."""

    word: str
    argument: str = ""
    actor: str = ""
    at: datetime | None = None
    until: datetime | None = None


class Fix(Struct, frozen=True, kw_only=True):
    """A release that came out after a Bug was met and no longer has it."""

    distribution: str
    version: str
    way_round: WayRound | None = None
    green: int = 0
    """Jobs that failed by the Bug and have passed since with that release or a later one."""


class History(Struct, frozen=True, kw_only=True):
    """What the store knows of a Bug when policy decides."""

    bug: str
    occurrences: tuple[Occurrence, ...] = ()
    threads: tuple[Thread, ...] = ()
    marks: tuple[Mark, ...] = ()
    drafted: bool = False
    advised_changes: tuple[str, ...] = ()
    fix: Fix | None = None


class Recipient(Struct, frozen=True, kw_only=True):
    """The owner of a tracker and what it allows, as last looked up."""

    name: str
    """`github.com/pallets`: an owner, not a repository."""
    channel: str = "link"
    """app, token or link: the best one that is open to us."""
    refused: str | None = None
    """Why nothing may be written there (opt-out file, stop, archived, locked, issues disabled), or None."""
    draft_only: str | None = None
    """The line of a policy that allows no automated report, or None."""
    opened_today: int = 0
    commented_today: int = 0
    makes: DistributionName | None = None
    """The distribution that the repository's own project file names, where that was read."""
    stands: tuple[Thread, ...] = ()
    """Threads found on the tracker that carry the fingerprint or that people opened for this bug."""


class Budget(Struct, frozen=True, kw_only=True):
    """What may still be written, everywhere, and what an operator allows."""

    writes_left: int = 0
    opens_left_in_run: int = 3
    stopped: bool = False
    """The one switch that stops all writing."""
    shadow: bool = True
    """Quiet start: show what would be done, do nothing."""
    may_open: bool = False
    """Whether a machine may open at all (configured allowance)."""
    threshold: float = 0.95
    """Confidence that a machine needs to open."""
    advise_threshold: float = 0.8


class ChangeAnswer(StrEnum):
    """What the change hears."""

    SILENT = "silent"
    ADVISE = "advise"


class UpstreamAnswer(StrEnum):
    """What is done upstream."""

    NOTHING = "nothing"
    HOLD = "hold"
    DRAFT = "draft"
    OPEN = "open"
    COMMENT = "comment"


class Decision(Struct, frozen=True, kw_only=True):
    """Two answers, each with its reason."""

    change: ChangeAnswer
    change_reason: str
    upstream: UpstreamAnswer
    upstream_reason: str
    thread: str | None = None
    """The thread to comment in or that the bug already has."""


class Report(Struct, frozen=True, kw_only=True):
    """Text to post upstream. `body` ends with the visible fingerprint and a hidden marker."""

    title: str
    body: str
    tracker: str
    fingerprint: str
    prefilled: str = ""
    """The link by which a human opens it under their own name."""
