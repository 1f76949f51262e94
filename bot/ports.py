"""The few interfaces with two real adapters each. The pipeline knows the world only through these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from bot.facts import Fact, Question
from bot.model import (
    Announced,
    Command,
    Delivery,
    Edits,
    Fingerprint,
    History,
    Job,
    Judgement,
    Mark,
    Occurrence,
    Reading,
    Recipient,
    Report,
    Thread,
)


class Index(Protocol):
    """A package index (or its cache) that answers classify's questions. Synchronous: it runs in the analyst's process."""

    def answer(self, question: Question, as_of: datetime | None) -> Fact[object]:
        """The Fact for a question as of an instant. Never raises: what can't be had is a Fact with its reason."""
        ...


class Spooled(Struct, frozen=True, kw_only=True):
    """A job's material on disk, where the analyst finds it."""

    log: Path
    passing: Path | None = None
    artifacts: tuple[tuple[str, Path], ...] = ()


class Region(Struct, frozen=True, kw_only=True):
    """A part of a log as it was printed, for the page that shows one failure. Not redacted."""

    failure: int
    """Index in `Judgement.failures`."""
    first: int
    """The log's line on which it begins."""
    lines: tuple[str, ...]


class Analysis(Struct, frozen=True, kw_only=True):
    """What the analyst made of a job: pure derivations, recomputable from what was spooled."""

    reading: Reading
    judgement: Judgement
    fingerprint: Fingerprint | None
    seconds: float
    regions: tuple[Region, ...] = ()
    """The log's own lines around the first failures (roots first), within a few hundred lines altogether."""


class Analyst(Protocol):
    """Reads and judges one job. Runs apart from the service's loop, with limits on time and memory."""

    async def analyse(self, job: Job, spooled: Spooled, edits: Edits | None) -> Analysis:
        """Raise `errors.Unreadable` for material that is no log, `errors.Permanent` where a limit was hit."""
        ...


class Posted(Struct, frozen=True, kw_only=True):
    """A comment as it stands on a change or in a thread."""

    id: str
    url: str
    body: str
    author: str = ""
    association: str = ""
    """What the forge says of the author there: OWNER, MEMBER, COLLABORATOR, …; empty where it says nothing."""
    by_machine: bool = False
    """Whether an app or a bot wrote it (ours too)."""
    at: datetime | None = None
    """When it was last edited."""


class Source(Protocol):
    """A place where jobs fail and people read advice: GitHub, Gerrit with its CIs, the generic HTTP intake.

    Every method is one awaited call with a time-out and raises only `errors.Transient` and `errors.Permanent`
    (`Refused`, `Gone`).
    """

    name: str
    markdown: bool
    """Whether texts are shown as Markdown there, and hidden markers stay hidden."""
    removable: bool
    """Whether people can delete our comments; then one that is gone is not posted again."""

    def announces(self, delivery: Delivery) -> Announced:
        """What a delivery announces. Pure, quick: it runs in the request."""
        ...

    async def complete(self, job: Job) -> Job:
        """The job with everything the forge knows: change, trust, privacy, pipeline, times."""
        ...

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        """Stream log, artifacts and the last green run's log to `folder`, within the caps. Re-runnable."""
        ...

    async def green(self, job: Job, since: datetime, folder: Path) -> Path | None:
        """Fetch the log of the newest run of the same job that passed after an instant; None where none is known."""
        ...

    async def edits(self, job: Job) -> Edits | None:
        """What the job's change touches; None where there is no change."""
        ...

    async def advice_on(self, job: Job) -> Posted | None:
        """Our advice as it stands on the job's change, found by its marker; None where there is none."""
        ...

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        """Make `body` stand as our one advice on the job's change: edit where the forge can, else replace."""
        ...

    async def may(self, command: Command) -> str:
        """The actor's permission where the command was written: owner, maintain, write, triage, read or none.

        Asked of the forge, never of the comment.
        """
        ...

    async def acknowledge(self, command: Command) -> None:
        """Show at once that a command was seen (a reaction on GitHub; nothing where the forge has none)."""
        ...

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        """Answer a command once in its own thread; edit `standing` where the forge can."""
        ...

    async def replied(self, command: Command) -> Posted | None:
        """Our answer to a command as it stands, found by its marker; None where there is none."""
        ...

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:
        """Deliveries that the forge made since then and that did not arrive; none where it keeps no list."""
        ...


class Found(Struct, frozen=True, kw_only=True):
    """An issue on a tracker that may be the bug's."""

    url: str
    title: str
    state: str
    author: str
    by_human: bool
    created_at: datetime | None
    body: str = ""
    closed_as: str = ""
    """completed, not_planned, duplicate or empty."""


class Tracker(Protocol):
    """A place where maintainers take reports: GitHub issues, Launchpad, a draft for everything else."""

    name: str

    def takes(self, tracker: str) -> bool:
        """Whether this adapter speaks to the tracker at that URL."""
        ...

    async def recipient(self, tracker: str) -> Recipient:
        """Who owns the tracker and what it allows today: channel, opt-outs, policies, archived, disabled."""
        ...

    async def standing(self, tracker: str, fingerprint: str, since: datetime) -> Sequence[Found]:
        """Issues that carry the fingerprint, by listing (never by search, whose index lags)."""
        ...

    async def search(self, tracker: str, words: Sequence[str], since: datetime) -> Sequence[Found]:
        """Issues, people's too, open or closed since then, that name all of the words."""
        ...

    async def open(self, report: Report) -> Thread:
        """Open a thread. Not idempotent: publish guards it."""
        ...

    async def comment(self, thread: str, body: str) -> Posted:
        """Comment in a thread. Not idempotent: publish guards it."""
        ...

    async def comments(self, thread: str, since: datetime) -> Sequence[Posted]:
        """Our and others' comments in a thread since then; ours are told by their markers."""
        ...

    async def edit(self, thread: str, body: str) -> None:
        """Replace the opening text of a thread of ours."""
        ...

    async def state(self, thread: str) -> Found:
        """A thread as it stands now."""
        ...


class Store(Protocol):
    """The ledger. One transaction a method; unique constraints decide, never reads.

    Its full surface is `bot.store.Store`; named here is what the pipeline leans on.
    """

    async def add_job(self, job: Job) -> bool:
        """Record a job; False where its key was there already."""
        ...

    async def see(self, bug_fingerprint: Fingerprint, judgement: Judgement, occurrence: Occurrence) -> str:
        """Record an occurrence of the Bug with that fingerprint (made where new); the Bug's key. Idempotent."""
        ...

    async def history(self, bug: str) -> History:
        """All that policy needs of a Bug."""
        ...

    async def mark(self, bug: str, mark: Mark) -> None:
        """Record a human's standing order."""
        ...

    async def adopt(self, bug: str, thread: Thread) -> None:
        """Tie a thread to a Bug."""
        ...


__all__ = [
    "Analysis",
    "Analyst",
    "Found",
    "Index",
    "Posted",
    "Region",
    "Source",
    "Spooled",
    "Store",
    "Tracker",
]
