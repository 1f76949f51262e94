"""What a log says: failures with their chains and frames, the environment, the end."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from bot.model.names import DistributionName, Span, normalized


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
