"""What one artifact says, before it is joined with the log."""

from __future__ import annotations

from msgspec import Struct, field

from bot.model import KEPT_FAILURES, Environment, Failure, Totals

BODY = 1_000_000
"""Characters of one failure's text that are read."""


class Parsed(Struct, frozen=True, kw_only=True):
    """Failures, counts and environment of one artifact; lines in it are not the log's, so spans are (0, 0)."""

    name: str
    failures: tuple[Failure, ...] = ()
    failures_total: int = 0
    totals: tuple[Totals, ...] = ()
    environment: Environment = field(default_factory=Environment)
    doubts: tuple[str, ...] = ()


class Gathering:
    """An artifact's failures as they come: the first `KEPT_FAILURES` are kept, all are counted."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failures: list[Failure] = []
        self.total = 0
        self.totals: list[Totals] = []
        self.doubts: list[str] = []
        self.environment = Environment()

    @property
    def full(self) -> bool:
        """Whether a further failure is only counted, so that its text need not be read."""
        return len(self.failures) >= KEPT_FAILURES

    def add(self, failure: Failure | None) -> None:
        """One more failure; None where it is only to be counted."""
        self.total += 1
        if failure is not None and not self.full:
            self.failures.append(failure)

    def doubt(self, sentence: str) -> None:
        """Something may be missing; said once."""
        said = f"{self.name}: {sentence}"
        if said not in self.doubts and len(self.doubts) < 20:
            self.doubts.append(said)

    def result(self) -> Parsed:
        """All of it."""
        return Parsed(
            name=self.name,
            failures=tuple(self.failures),
            failures_total=self.total,
            totals=tuple(self.totals),
            environment=self.environment,
            doubts=tuple(self.doubts),
        )
