"""Whose fault it is: evidence, verdicts, judgements."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from bot.model.jobs import Edits, Trust
from bot.model.names import DistributionName
from bot.model.reading import Failure, Frame, Reading


class Case(Struct, frozen=True, kw_only=True):
    """All that classify judges: what was read, and what is known of the job beside it."""

    reading: Reading
    passing: Reading | None = None
    """The last green run of the same job."""
    project: DistributionName | None = None
    as_of: datetime | None = None
    """When the job ran; releases published later do not exist."""
    edits: Edits | None = None
    trust: Trust = Trust.TRUSTED


class Kind(StrEnum):
    """Whose the failure is."""

    UPSTREAM = "upstream"
    PROJECT = "project"
    ENVIRONMENT = "environment"
    NONE = "none"


class Action(StrEnum):
    """What is due upstream as of the job's time."""

    REPORT = "report"
    ALREADY_FIXED = "already-fixed"
    NONE = "none"


class Culprit(Struct, frozen=True, kw_only=True):
    """The distribution that has to change."""

    distribution: DistributionName
    version: str | None = None


class Trigger(Struct, frozen=True, kw_only=True):
    """The release, or interpreter (`cpython`), whose arrival made it fail."""

    distribution: DistributionName
    last_good: str | None = None
    first_bad: str | None = None
    published: datetime | None = None
    """When `first_bad` was uploaded, where known."""


class Evidence(Struct, frozen=True, kw_only=True):
    """What a rule saw and what it speaks for."""

    rule: str
    supports: Kind
    weight: float
    """Log-odds; negative speaks against `supports`."""
    says: str
    """One sentence for a human, quoting what was seen."""
    line: int | None = None
    source: str = ""
    """Where the Fact behind it comes from (index, log, diff, tracker); empty for the log itself."""


class WayRound(Struct, frozen=True, kw_only=True):
    """What the change's author can do today."""

    constraint: str
    """A requirement specifier such as `importlib-metadata<5` or `flask>=2.2.4`; empty where none is known."""
    says: str


class TrackerRef(Struct, frozen=True, kw_only=True):
    """Where the culprit's reports belong, and how surely."""

    url: str
    corroborated: bool = False
    """Whether something beside the package's own metadata ties the repository to the distribution."""
    why: str = ""


class Verdict(Struct, frozen=True, kw_only=True):
    """Whose a failure is, how surely and why, and what would change that."""

    kind: Kind
    confidence: float
    """Calibrated: of verdicts said with 0.9, nine in ten are right."""
    culprit: Culprit | None = None
    trigger: Trigger | None = None
    action: Action = Action.NONE
    fixed_in: str | None = None
    tracker: TrackerRef | None = None
    evidence: tuple[Evidence, ...] = ()
    would_change: tuple[str, ...] = ()
    way_round: WayRound | None = None
    summary: str = ""
    """The explanation in plain words, a few sentences."""
    unknowns: tuple[str, ...] = ()
    """Facts that could not be had, and why."""
    security: str | None = None
    """Why the failure may be a security matter, or None."""


class OwnedFrame(Struct, frozen=True, kw_only=True):
    """A frame with its owner: a distribution, or None for project, stdlib, harness and generated code."""

    frame: Frame
    distribution: DistributionName | None
    role: str
    """third-party, project, stdlib, harness, generated, vendored or unknown."""
    module: str | None = None
    """Dotted module name inside its owner, where it could be told."""
    verified: bool | None = None
    """True where the frame's source line equals the released file's line, False where it differs, None unknown."""


class Judged(Struct, frozen=True, kw_only=True):
    """One failure with its verdict; `owned` mirrors `failure.chain`."""

    failure: Failure
    verdict: Verdict
    owned: tuple[tuple[OwnedFrame, ...], ...] = ()
    symbol: str | None = None
    """The static fact that failures of one defect share: `werkzeug.urls.url_quote`, `Client.__init__(proxies)`."""


class Judgement(Struct, frozen=True, kw_only=True):
    """The job's verdict (its root's) and every failure's."""

    verdict: Verdict
    failures: tuple[Judged, ...] = ()

    @property
    def root(self) -> Judged | None:
        """The judged root failure, or None where the log shows no failure."""
        return next((judged for judged in self.failures if judged.failure.root), None)
