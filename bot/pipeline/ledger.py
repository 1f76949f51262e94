"""The ledger as the pipeline leans on it: `bot.store.Store`, which may not be imported from here.

Generated once and kept by hand; mypy compares the two where the composition root hands the store over.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from bot.model import (
    Command,
    Decision,
    Delivery,
    Fingerprint,
    Fix,
    History,
    Job,
    Judgement,
    Mark,
    Occurrence,
    Report,
    Thread,
)
from bot.pipeline.records import (
    AdviceRecord,
    AnalysisRecord,
    BugRecord,
    Buried,
    CommandRecord,
    Intent,
    JobRecord,
    ReportRecord,
    Spent,
    ThreadRecord,
)
from bot.ports import Analysis, Posted


class Ledger(Protocol):
    """One transaction a method; unique constraints decide, never reads."""

    async def start_delivery(self, delivery: Delivery, announced: str, refers: str) -> None:
        """Record a delivery that announced something. Idempotent."""
        ...

    async def finish_delivery(self, source: str, identity: str, state: str) -> None:
        """Record what became of a delivery."""
        ...

    async def count_deliveries(self, counts: Mapping[tuple[str, str, str, str], int]) -> None:
        """Add to the counts by (day, source, event, outcome)."""
        ...

    async def add_job(self, job: Job) -> bool:
        """Record a job; False where its key was there already."""
        ...

    async def complete_job(self, job: Job) -> None:
        """Record what the forge knows of a job beside what announced it."""
        ...

    async def set_job(self, key: str, state: str, reason: str = "") -> None:
        """Record how far a job is, or why it ended."""
        ...

    async def spooled(self, key: str, folder: str, executor: str) -> None:
        """Record where a job's material lies."""
        ...

    async def job(self, key: str) -> JobRecord | None:
        """A job, or None."""
        ...

    async def jobs_of_change(self, change: str) -> Sequence[JobRecord]:
        """The jobs of a change, the latest first; at most 200."""
        ...

    async def save_analysis(self, key: str, analysis: Analysis) -> None:
        """Record what was read and judged of a job; the latest wins."""
        ...

    async def analysis(self, key: str) -> AnalysisRecord | None:
        """What was read and judged of a job, or None."""
        ...

    async def decide_job(self, key: str, bug: str | None, decision: Decision) -> None:
        """Record what was decided for a job."""
        ...

    async def expired_spools(self, before: datetime, executor: str) -> Sequence[tuple[str, str]]:
        """(job, folder) of the material that this executor holds and that is older."""
        ...

    async def forget_spool(self, key: str) -> None:
        """Record that a job's material is gone, with the log's text that was kept of it."""
        ...

    async def delete_old(self, before: datetime) -> int:
        """Delete what is older: deliveries, finished jobs but those that Bugs show, commands and answers, writes.

        Where a Bug was seen, and what was opened for it, is kept for ever. How many rows went.
        """
        ...

    async def bug_of(self, fingerprint: str) -> str | None:
        """The Bug that a fingerprint stands for today, or None."""
        ...

    async def family(self, family: str) -> Sequence[tuple[str, Fingerprint, str]]:
        """(Bug, fingerprint, message's template) of everything in a family, oldest first: likeness is looked for here."""
        ...

    async def apart(self, fingerprint: str) -> frozenset[str]:
        """The Bugs that a human said a fingerprint does not belong to."""
        ...

    async def see(
        self, bug_fingerprint: Fingerprint, judgement: Judgement, occurrence: Occurrence, like: str | None = None
    ) -> str:
        """Record an occurrence of the Bug with that fingerprint; the Bug's key. Idempotent.

        Where the fingerprint is new it joins the Bug `like`, and is a new Bug without one.
        """
        ...

    async def bug(self, key: str) -> BugRecord | None:
        """A Bug (the one that it was merged into, where it was), or None."""
        ...

    async def history(self, bug: str, change: str | None = None, project: str | None = None) -> History:
        """All that policy needs of a Bug; with the standing orders for a change, for a project, and for the Bug there."""
        ...

    async def decide_bug(self, key: str, decision: Decision, *, drafted: bool = False) -> None:
        """Record the latest decision on a Bug, and that its draft was offered."""
        ...

    async def drafted_bugs(self, since: datetime) -> Sequence[str]:
        """Bugs whose draft was offered since then and that have no thread: their trackers are watched."""
        ...

    async def unmended(self, since: datetime, before: datetime, most: int) -> Sequence[str]:
        """Bugs of libraries, seen since then, that no release is known to mend and that were not looked at since
        `before`; the longest unlooked-at first.
        """
        ...

    async def unconfirmed(self, since: datetime, before: datetime, most: int) -> Sequence[str]:
        """Bugs that a release mends and that no job which failed by them is known to pass with; likewise."""
        ...

    async def looked(self, bug: str, fix: Fix | None = None) -> None:
        """Record that it was looked, and what was found."""
        ...

    async def passes(self, bug: str, job: str) -> None:
        """Record that a job which failed by the Bug has passed with the release that mends it."""
        ...

    async def held_bugs(self, since: datetime) -> Sequence[str]:
        """Bugs seen since then whose report is held back, the longest undecided first; at most 200."""
        ...

    async def mark(self, bug: str, mark: Mark, cause: str | None = None, scope: str = "bug") -> None:
        """Record a human's standing order on a Bug, or on the subject of another scope. Once for each `cause`."""
        ...

    async def lift(self, subject: str, words: Sequence[str], actor: str, scope: str = "bug") -> Sequence[Mark]:
        """End the standing orders of these words; the ones ended."""
        ...

    async def marks(self, subject: str, scope: str = "bug") -> Sequence[Mark]:
        """The standing orders on a subject."""
        ...

    async def merge(self, bug: str, into: str, actor: str) -> None:
        """Make one Bug of two, until it is taken back: what stands for `bug` stands for `into` from now on."""
        ...

    async def unmerge(self, bug: str, actor: str) -> Sequence[str]:
        """Part every Bug that was merged into this one from it again; their keys."""
        ...

    async def intend(self, kind: str, key: str) -> Intent:
        """Note that something is about to be created. `tries` is 1 for the one who noted it first."""
        ...

    async def pending(self, kind: str, key: str) -> Intent | None:
        """An intent of which nobody knows what came of it, or None."""
        ...

    async def refresh_intent(self, kind: str, key: str) -> None:
        """Note that it is tried again, from now on."""
        ...

    async def finish_intent(self, kind: str, key: str, result: str) -> None:
        """Note what stands."""
        ...

    async def drop_intent(self, kind: str, key: str) -> None:
        """Forget an intent of which it is sure that nothing was created; what it took of the budgets is given back."""
        ...

    async def adopt(
        self, bug: str, thread: Thread, *, how: str = "adopted", recipient: str = "", title: str = ""
    ) -> None:
        """Tie a thread to a Bug. A thread stays with its first Bug."""
        ...

    async def thread(self, url: str) -> ThreadRecord | None:
        """A thread, or None."""
        ...

    async def thread_at(self, place: str) -> ThreadRecord | None:
        """The thread at a URL, or at a place as forges spell it (`owner/repo#12`), or None."""
        ...

    async def threads_of(self, bug: str) -> Sequence[ThreadRecord]:
        """A Bug's threads, the oldest first."""
        ...

    async def threads_due(self, before: datetime, limit: int = 50) -> Sequence[ThreadRecord]:
        """Threads that nobody looked at since then, those never looked at first."""
        ...

    async def threads_opened(self, since: datetime) -> Sequence[ThreadRecord]:
        """The threads that we opened since then."""
        ...

    async def update_thread(self, url: str, **values: Any) -> None:
        """Record how a thread stands: any of its columns but the URL and the Bug."""
        ...

    async def untie(self, url: str) -> None:
        """Part a thread from its Bug: it was filed by mistake."""
        ...

    async def put_report(self, bug: str, kind: str, target: str, report: Report, *, state: str, reason: str) -> int:
        """Keep the exact text that would be posted; the latest wins, and what was posted is kept. Its number."""
        ...

    async def report(self, bug: str, kind: str, target: str) -> ReportRecord | None:
        """The text kept for a target, or None."""
        ...

    async def posted_report(self, bug: str, kind: str, target: str, url: str, body: str) -> None:
        """Record that a text was posted, and where."""
        ...

    async def advice(self, change: str) -> AdviceRecord | None:
        """Our comment on a change, or None."""
        ...

    async def put_advice(
        self, job: Job, bug: str | None, body: str, *, state: str, posted_id: str | None = None, url: str | None = None
    ) -> None:
        """Record our comment on the job's change as it stands, or would stand."""
        ...

    async def advised(self, bug: str) -> Sequence[AdviceRecord]:
        """Our comments on the changes that hit a Bug."""
        ...

    async def spend(self, kind: str, recipient: str, target: str, cause: str, *, hourly: int, opens: int) -> Spent:
        """Take one write out of the budgets, once for each cause; or say when to ask again.

        `hourly` bounds all writes of an hour; `opens` bounds new threads of an hour, and going over it is for a human.
        """
        ...

    async def written(self, *, since: datetime, kind: str | None = None, recipient: str | None = None) -> int:
        """How much was written since then."""
        ...

    async def refuse(
        self, recipient: str, *, by: str, refused: str | None = None, draft_only: str | None = None
    ) -> None:
        """Remember that a recipient wants nothing, or drafts only. The first reason stands."""
        ...

    async def consent(self, recipient: str) -> tuple[str | None, str | None]:
        """(why nothing may be written there, why drafts only), as remembered."""
        ...

    async def permit(self, recipient: str) -> None:
        """Take a refusal back."""
        ...

    async def close_channel(self, recipient: str, channel: str, reason: str) -> None:
        """Remember that a forge does not let us in by that channel."""
        ...

    async def closed_channels(self, recipient: str, since: datetime) -> frozenset[str]:
        """The channels that were refused since then; older refusals are worth another try."""
        ...

    async def add_command(self, identity: str, command: Command) -> bool:
        """Record a command; False where it was there already."""
        ...

    async def finish_command(
        self, identity: str, *, state: str, permission: str, outcome: str, bug: str | None = None
    ) -> None:
        """Record what came of a command."""
        ...

    async def command(self, identity: str) -> CommandRecord | None:
        """A command, or None."""
        ...

    async def reply(self, source: str, where: str) -> Posted | None:
        """Our answer to a comment, as far as we know it."""
        ...

    async def put_reply(self, source: str, where: str, posted: Posted) -> None:
        """Record our answer to a comment."""
        ...

    async def bury(self, work: Buried) -> None:
        """Record work that could not be done. Again for the same workflow: counted."""
        ...

    async def buried(self, identity: str) -> Buried | None:
        """One piece of buried work, or None."""
        ...

    async def unsettled(self, limit: int = 200) -> Sequence[Buried]:
        """Buried work that no replay settled, the latest first."""
        ...

    async def replayed(self, identity: str, actor: str) -> None:
        """Record that somebody replays buried work."""
        ...

    async def settle(self, identity: str) -> None:
        """Record that buried work was done after all."""
        ...

    async def set_setting(self, key: str, value: Any, actor: str) -> None:
        """Set it, or with None leave it to the configuration again."""
        ...

    async def setting(self, key: str) -> Any:
        """What an operator set, or None."""
        ...

    async def cursor(self, name: str) -> Any:
        """How far a source or a sweep has read, or None."""
        ...

    async def set_cursor(self, name: str, value: Any) -> None:
        """Record how far it has read."""
        ...

    async def due(self, sweep: str, seconds: float) -> bool:
        """Whether a sweep is due, taken by whoever asks first: one replica in each interval."""
        ...

    async def spools_of(self, source: str, identity: str) -> Sequence[str]:
        """Where the material of an installation's jobs lies."""
        ...

    async def forget_installation(self, source: str, identity: str) -> int:
        """Uninstalling deletes: its jobs, what was read of them, our advice, and where its projects met a Bug.

        A Bug that one of its jobs showed best shows what another project's job says; one that nobody else met goes,
        or where a thread upstream stands for it stays without what was read.
        """
        ...

    async def delete_takeovers(self, before: datetime) -> None:
        """Forget old takeovers."""
        ...
