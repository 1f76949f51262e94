"""The vocabulary of Upriver as values: frozen, slotted, without I/O, clocks or pydantic.

Names are the design's (`ARCHITECTURE.md`, "Vocabulary"). Line numbers count from 1 in the log as
it was served; a span is (first, last), both included. Instants are aware datetimes in UTC.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import NewType

from msgspec import Struct, field

DistributionName = NewType("DistributionName", str)
"""A normalized distribution name (PEP 503), such as `pyyaml`; never an import name."""

Span = tuple[int, int]

KEPT_FAILURES = 1_000
"""How many distinct failures a Reading keeps; the others are counted."""


def normalized(name: str) -> DistributionName:
    """The distribution name in PEP 503's normal form."""
    return DistributionName(re.sub(r"[-_.]+", "-", name).lower())


# ---------------------------------------------------------------------------------------------- reading


class Relation(StrEnum):
    """How a part of a chain relates to the part named by `Raised.of` (the next one unless said otherwise)."""

    CAUSE = "cause"
    CONTEXT = "context"
    GROUP_MEMBER = "group-member"


class Frame(Struct, frozen=True, kw_only=True):
    """One frame as printed. `line` and `function` are None where the dialect prints none."""

    file: str
    line: int | None = None
    function: str | None = None
    source: str | None = None
    """The source line printed for the frame, stripped; None where none is printed."""
    at: int = 0
    """The log's line on which the frame's location stands."""


class Raised(Struct, frozen=True, kw_only=True):
    """One exception as printed: a part of a chain or of an exception group."""

    exception: str
    """As printed, qualified if printed so; empty where the log prints none (a segmentation fault)."""
    message: str = ""
    """Without the suggestion ("Did you mean …"), which is in `notes`; may have several lines."""
    frames: tuple[Frame, ...] = ()
    """Outermost first, whatever the order in which the dialect prints them."""
    notes: tuple[str, ...] = ()
    relation: Relation | None = None
    of: int | None = None
    """Index, in the chain, of the part that `relation` relates this one to."""
    span: Span = (0, 0)


class Phase(StrEnum):
    """The part of a test run in which a failure happened."""

    COLLECT = "collect"
    SETUP = "setup"
    CALL = "call"
    TEARDOWN = "teardown"
    INSTALL = "install"
    BUILD = "build"
    OUTSIDE = "outside"
    """Not in a test: a script, a tool's own crash."""


class Failure(Struct, frozen=True, kw_only=True):
    """One failing test or crash that a person reading the log would count."""

    chain: tuple[Raised, ...]
    """At least one part, the outermost last."""
    test: str | None = None
    phase: Phase = Phase.OUTSIDE
    dialect: str = "python"
    root: bool = False
    """Whether it explains the job's end. Several failures that show one defect may all be root."""
    span: Span = (0, 0)
    times: int = 1
    """How often the same failure was printed (live log, FAILURES section, summary, retry count as one)."""
    extra: str = ""
    """What the runner printed for reproducing it (hypothesis' example, parametrisation); may be empty."""
    uncertain: str | None = None
    """Why the parts may not belong together (interleaved writers, a cut beginning), or None."""
    artifact: str | None = None
    """The artifact that reported it, where the log did not."""

    @property
    def outermost(self) -> Raised:
        """The exception that ended the test or the program."""
        return self.chain[-1]

    @property
    def exception(self) -> str:
        """The outermost exception's type as printed."""
        return self.chain[-1].exception

    @property
    def message(self) -> str:
        """The outermost exception's message."""
        return self.chain[-1].message


class Handled(Struct, frozen=True, kw_only=True):
    """A traceback that the log prints and that is no failure."""

    chain: tuple[Raised, ...]
    why: str
    """What shows that it was handled: logged, inside a passing test, ignored, retried."""
    span: Span = (0, 0)
    times: int = 1


class Installed(Struct, frozen=True, kw_only=True):
    """A distribution that the log says was installed, with the line that says so."""

    name: DistributionName
    version: str
    line: int
    how: str
    """What said it: pip, uv, poetry, pdm, conda, freeze, list, tox, lock, metadata."""
    local: bool = False
    """Installed from the checkout: editable, a path or `file:` URL. Then it is the project's own."""
    url: str | None = None
    """The VCS or direct URL it was installed from, where one was printed."""


class Environment(Struct, frozen=True, kw_only=True):
    """Where the job ran, as far as the log says it."""

    python: str | None = None
    """`3.11.7`, `pypy3.9`; None where the log does not say."""
    python_line: int | None = None
    platform: str | None = None
    installed: tuple[Installed, ...] = ()
    """One row a distribution, the last word winning; sorted by name."""

    def version_of(self, name: str) -> str | None:
        """The version installed of a distribution, or None."""
        wanted = normalized(name)
        return next((row.version for row in self.installed if row.name == wanted), None)


class Totals(Struct, frozen=True, kw_only=True):
    """What a test runner said of its own run."""

    runner: str
    failed: int = 0
    errors: int = 0
    passed: int = 0
    skipped: int = 0
    expected: int = 0
    """Expected failures (xfail) and unexpected successes."""
    line: int = 0


class EndKind(StrEnum):
    """How the job ended."""

    PASSED = "passed"
    EXIT_CODE = "exit-code"
    SIGNAL = "signal"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"
    """The log is cut, or prints nothing that says it."""


class Ending(Struct, frozen=True, kw_only=True):
    """How the job ended, and the line that says so."""

    kind: EndKind = EndKind.UNKNOWN
    code: int | None = None
    line: int | None = None
    text: str = ""


class Remark(Struct, frozen=True, kw_only=True):
    """A line outside every traceback that says that something went wrong or warns; cut at 500 characters."""

    text: str
    line: int
    kind: str = "error"
    """error, warning, command (a step's command echo) or tail (one of the last lines before the end)."""


class Reading(Struct, frozen=True, kw_only=True):
    """What a log and its artifacts say."""

    failures: tuple[Failure, ...] = ()
    """At most `KEPT_FAILURES` distinct ones, in the order of the log."""
    failures_total: int = 0
    handled: tuple[Handled, ...] = ()
    handled_total: int = 0
    environment: Environment = field(default_factory=Environment)
    totals: tuple[Totals, ...] = ()
    ending: Ending = field(default_factory=Ending)
    remarks: tuple[Remark, ...] = ()
    """At most 400: the first and the last of each kind win."""
    doubts: tuple[str, ...] = ()
    """What may have been missed or mixed up: "pytest says 7 failed, 6 found", "the log begins in a traceback"."""
    bytes: int = 0
    lines: int = 0

    @property
    def root(self) -> Failure | None:
        """The failure that explains the job's end, or None."""
        return next((failure for failure in self.failures if failure.root), None)


# ---------------------------------------------------------------------------------------------- jobs


class Trust(StrEnum):
    """Who could have written a log."""

    TRUSTED = "trusted"
    """Default branch, schedule, merge queue, gate, periodic, or an author with write permission."""
    UNTRUSTED = "untrusted"
    """Anybody's change."""


class Change(Struct, frozen=True, kw_only=True):
    """A pull request or a Gerrit change at one revision."""

    id: str
    """The forge's own: `owner/repo#12`, `project~4711`."""
    url: str
    revision: str = ""
    """Head commit, or the patch set's number on Gerrit."""
    author: str = ""
    branch: str = ""
    """The branch that it is proposed to."""


class RequirementEdit(Struct, frozen=True, kw_only=True):
    """A requirement that the change itself edits, as its diff shows it; a bump's trigger."""

    distribution: DistributionName
    before: str | None
    after: str | None


class Edits(Struct, frozen=True, kw_only=True):
    """What the change touches: paths as in the repository, and requirements."""

    paths: tuple[str, ...] = ()
    requirements: tuple[RequirementEdit, ...] = ()
    complete: bool = True
    """False where the forge lists only a part of a big change."""


class Job(Struct, frozen=True, kw_only=True):
    """One finished CI job. Several events announce one Job; `key` is what they agree on."""

    key: str
    """`github:host/owner/repo/job-id`, `zuul:host/tenant/build-uuid`, `generic:scope/idempotency-key`."""
    source: str
    """github, gerrit or generic."""
    project: str
    """The repository as its forge names it: `owner/repo`, `openstack/nova`."""
    name: str
    attempt: int = 1
    url: str = ""
    log_url: str = ""
    change: Change | None = None
    branch: str = ""
    revision: str = ""
    pipeline: str = ""
    """Workflow's path on GitHub, pipeline on Zuul."""
    finished_at: datetime | None = None
    trust: Trust = Trust.UNTRUSTED
    private: bool = False
    distribution: DistributionName | None = None
    """The project's own distribution, where known."""
    installation: str = ""
    """What the source needs to speak for this project: GitHub's installation id, the Gerrit server's name."""
    conclusion: str = "failure"


class Command(Struct, frozen=True, kw_only=True):
    """One slash-command that somebody wrote, not yet authorised."""

    word: str
    argument: str = ""
    actor: str = ""
    """The forge's account id or login, as the forge said it; never what a comment claims."""
    source: str = ""
    where: str = ""
    """The comment's own id at its forge, which acknowledgement and answer refer to."""
    place: str = ""
    """Thread or change on which it was written: `owner/repo#12`, `project~4711`, a tracker URL."""
    installation: str = ""
    association: str = ""
    """GitHub's author_association; used in foreign repositories only."""
    written_at: datetime | None = None
    revision: str = ""
    """What tells an edited comment from its earlier text."""


class Ignored(Struct, frozen=True, kw_only=True):
    """A delivery that announces nothing for us, and why."""

    reason: str


class Removed(Struct, frozen=True, kw_only=True):
    """We were uninstalled: what is known of the installation's projects is to be deleted."""

    installation: str


Announced = Job | tuple[Command, ...] | Removed | Ignored


class Delivery(Struct, frozen=True, kw_only=True):
    """One inbound event, raw, verified."""

    id: str
    source: str
    event: str
    payload: bytes
    received_at: datetime


# ---------------------------------------------------------------------------------------------- deciding


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


# ---------------------------------------------------------------------------------------------- one bug, one thread


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


class Proof(Struct, frozen=True, kw_only=True):
    """What was run: environment A passes, environment B fails, all else equal."""

    passes: tuple[str, ...]
    fails: tuple[str, ...]
    script: str
    runs: int = 1
