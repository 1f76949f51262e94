"""What the pipeline is told by the configuration."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, field

from bot.render.report import Sender


class Retry(Struct, frozen=True, kw_only=True):
    """How often and how long what may pass is tried again: with doubling pauses, for about two hours altogether."""

    attempts: int = 16
    first_seconds: float = 2.0
    longest_seconds: float = 900.0

    def pause(self, attempt: int, asked: float | None, jitter: float) -> float:
        """Seconds before the next try after the `attempt`-th (from 1); never less than the counterpart asked for.

        `jitter` in [0, 1] spreads those that failed together over a quarter of the pause.
        """
        doubled = self.first_seconds * 2.0 ** (attempt - 1)
        return max(min(self.longest_seconds, doubled) * (1 + jitter / 4), asked or 0.0)


class Rules(Struct, frozen=True, kw_only=True):
    """Limits, allowances and where things lie."""

    spool: Path
    """Folder for fetched material; on this machine only."""
    sender: Sender = field(default_factory=Sender)
    shadow: bool = True
    stopped: bool = False
    may_open: bool = False
    threshold: float = 0.95
    advise_threshold: float = 0.8
    writes_per_hour: int = 300
    opens_in_a_row: int = 3
    keep_logs_days: int = 14
    keep_rows_days: int = 400
    grace_seconds: float = 60.0
    """Longer than any client's time-out: after it, a request that was under way at a crash has landed or never will."""
    retry: Retry = field(default_factory=Retry)
    jobs_at_once: int = 8
    settling_seconds: tuple[float, ...] = (1.0, 2.0, 4.0, 8.0, 15.0)
    """Pauses between looks whether a command's decision was made; then it is answered with what is known so far."""
    sweep_seconds: float = 30.0
    """How often it is looked whether a sweep is due."""
    watch_seconds: float = 1_800.0
    follow_seconds: float = 1_800.0
    held_seconds: float = 3_600.0
    fixes_seconds: float = 6 * 3_600.0
    """Between two looks whether a release that mends a Bug is out, or a job passes with it."""
    revive_seconds: float = 600.0
    """How long what was given up rests before it is begun once more."""
    catch_up_seconds: float = 600.0
