"""What each word does: it changes what the ledger knows, and says so in a sentence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from msgspec import Struct

from bot.commands import Audience, help_text, word
from bot.model import Command, Mark, Thread
from bot.pipeline.consent import outcome_of, state_of
from bot.pipeline.records import AnalysisRecord, BugRecord, JobRecord, ThreadRecord
from bot.pipeline.work import Work
from bot.render import quote
from bot.render.advice import explanation

MAINTAINERS = frozenset({"triage", "write", "maintain", "owner"})
"""Whose `stop` upstream is for good and for everything of theirs."""


class Said(Struct, frozen=True, kw_only=True):
    """A command with what it is about."""

    command: Command
    identity: str
    audience: Audience
    permission: str
    job: JobRecord | None
    bug: BugRecord | None
    thread: ThreadRecord | None
    analysis: AnalysisRecord | None

    @property
    def change(self) -> str:
        """The change on which it was said."""
        return self.job.job.change.id if self.job and self.job.job.change else self.command.place

    def mark(self, now: datetime, argument: str | None = None, until: datetime | None = None) -> Mark:
        """The standing order that it makes."""
        said = self.command.argument if argument is None else argument
        return Mark(word=self.command.word, argument=said, actor=self.command.actor, at=now, until=until)


class Refusal(Exception):
    """A command that can't be obeyed as it stands; the text says why."""


class Effects:
    """The words, by what they do."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._effects: dict[str, Callable[[Said], Awaitable[str]]] = {
            "help": self._help,
            "explain": self._explain,
            "status": self._status,
            "pin": self._pin,
            "file": self._file,
            "filed": self._filed,
            "hold": self._mark,
            "resume": self._lift("hold"),
            "not-upstream": self._mark,
            "blame": self._mark,
            "undo": self._undo,
            "dup": self._dup,
            "undup": self._undup,
            "ignore": self._ignore,
            "unignore": self._unignore,
            "retry": self._retry,
            "stop": self._stop,
            "start": self._start,
            "fixed-in": self._fixed_in,
            "not-ours": self._not_ours,
            "needs-info": self._needs_info,
        }

    @property
    def words(self) -> frozenset[str]:
        """The words that have an effect here."""
        return frozenset(self._effects)

    async def apply(self, said: Said) -> str:
        """Do what the word says; the sentence to answer with. Raises `Refusal`, and what trackers raise."""
        return await self._effects[said.command.word](said)

    # ------------------------------------------------------------------------------------------ words that ask

    async def _help(self, said: Said) -> str:
        return help_text(said.audience)

    async def _explain(self, said: Said) -> str:
        analysis = said.analysis
        root = analysis.judgement.root if analysis else None
        if analysis is None or root is None:
            return "Nothing is judged here yet that could be explained."
        return explanation(root, analysis.fingerprint)

    async def _status(self, said: Said) -> str:
        if said.job is None:
            return "No failing job of this change is known."
        return await self.stands(said)

    async def stands(self, said: Said) -> str:
        """How the Bug stands, in a few sentences."""
        record = await self._work.ledger.job(said.job.job.key) if said.job else None
        decision = record.decision if record else None
        rows = []
        if said.bug:
            history = await self._work.ledger.history(said.bug.key)
            public = {row.project for row in history.occurrences if not row.private}
            rows.append(f"Seen in {len(history.occurrences)} trusted jobs of {len(public)} public projects.")
            rows += [f"Upstream: {row.url} ({row.state})." for row in history.threads]
        if decision and not (said.bug and rows[1:]):
            rows.append(f"Upstream: {decision.upstream.value}, {quote.neutral(decision.upstream_reason, 400)}.")
            rows.append(await self._link(said))
        if record and not decision:
            rows.append(f"The job is {record.state}{f': {quote.neutral(record.reason)}' if record.reason else ''}.")
        return " ".join(filter(None, rows)) or "Nothing is known of it yet."

    async def _link(self, said: Said) -> str:
        kept = await self._work.ledger.report(said.bug.key, "open", said.bug.tracker or "") if said.bug else None
        return (
            f"[Open the prepared report]({kept.report.prefilled}) under your own name."
            if kept and kept.report.prefilled
            else ""
        )

    async def _pin(self, said: Said) -> str:
        way = said.analysis.judgement.verdict.way_round if said.analysis else None
        if way is None:
            return "No way round is known."
        return f"{quote.code(way.constraint)}: {quote.neutral(way.says)}" if way.constraint else quote.neutral(way.says)

    # ------------------------------------------------------------------------------------------ words that steer

    async def _mark(self, said: Said) -> str:
        """hold, not-upstream, blame: a standing order on the Bug."""
        bug = _bug(said)
        await self._work.ledger.mark(bug.key, said.mark(self._work.clock()), said.identity)
        shown = f" {quote.code(said.command.argument)}" if said.command.argument else ""
        return f"Noted: {said.command.word}{shown}."

    def _lift(self, *lifted: str) -> Callable[[Said], Awaitable[str]]:
        """The effect that ends the standing orders of these words on the Bug."""

        async def lift(said: Said) -> str:
            ended = await self._work.ledger.lift(_bug(said).key, lifted, said.command.actor)
            return f"Ended: {', '.join(lifted)}." if ended else f"There was no {lifted[0]} to end."

        return lift

    async def _file(self, said: Said) -> str:
        bug = _bug(said)
        await self._work.ledger.lift(bug.key, ("hold",), said.command.actor)
        await self._work.ledger.mark(bug.key, said.mark(self._work.clock()), said.identity)
        return ""

    async def _filed(self, said: Said) -> str:
        bug, url = _bug(said), said.command.argument
        await self._tie(bug, url, said)
        return f"Noted: it is reported at {url}, which is followed from now on."

    async def _tie(self, bug: BugRecord, url: str, said: Said) -> None:
        """Tie a thread that people named to the Bug, once it is seen that it is there."""
        tracker = self._work.tracker(url)
        if tracker is None:
            raise Refusal(f"{quote.code(url)} is on no tracker that is known here")
        found = await tracker.state(url)
        thread = Thread(
            url=found.url or url,
            tracker=bug.tracker or url,
            state=state_of(found),
            by_human=True,
            opened_at=found.created_at,
        )
        await self._work.ledger.adopt(bug.key, thread, how="filed", title=found.title)
        await self._work.ledger.update_thread(thread.url, outcome=outcome_of(thread.state))
        await self._work.ledger.mark(bug.key, said.mark(self._work.clock(), thread.url), said.identity)

    async def _dup(self, said: Said) -> str:
        bug, url = _bug(said), said.command.argument
        known = await self._work.ledger.thread_at(url)
        if known and known.bug != bug.key:
            await self._work.ledger.mark(known.bug, said.mark(self._work.clock(), url), said.identity)
            await self._work.ledger.merge(bug.key, known.bug, said.command.actor)
        elif known is None:
            await self._tie(bug, url, said)
        return f"Noted: it is the bug at {url}."

    async def _undup(self, said: Said) -> str:
        bug = _bug(said)
        parted = await self._work.ledger.unmerge(bug.key, said.command.actor)
        ended = await self._work.ledger.lift(bug.key, ("dup",), said.command.actor)
        for mark in ended:
            if not parted:
                await self._work.ledger.untie(mark.argument)
        return "Parted again." if parted or ended else "Nothing was joined."

    async def _undo(self, said: Said) -> str:
        bug = _bug(said)
        standing = [
            row
            for row in await self._work.ledger.marks(bug.key)
            if (known := word(row.word)) and known.opposite == "undo"
        ]
        if not standing:
            return "There is nothing to take back."
        last = standing[-1]
        await self._work.ledger.lift(bug.key, (last.word,), said.command.actor)
        if last.word == "filed":
            await self._work.ledger.untie(last.argument)
        if last.word == "not-ours" and said.thread:
            await self._work.ledger.update_thread(said.thread.thread.url, state="open", outcome="silent")
        return f"Taken back: {last.word}."

    async def _ignore(self, said: Said) -> str:
        bug, now = _bug(said), self._work.clock()
        days = int(said.command.argument) if said.command.argument.isdigit() else None
        until = now + timedelta(days=days) if days else None
        await self._work.ledger.mark(_here(said, bug), said.mark(now, "", until), said.identity, "here")
        return f"Nothing more is said about this bug here{f' for {days} days' if days else ''}."

    async def _unignore(self, said: Said) -> str:
        ended = await self._work.ledger.lift(_here(said, _bug(said)), ("ignore",), said.command.actor, "here")
        return "Heard again." if ended else "It was not ignored."

    async def _retry(self, said: Said) -> str:
        if said.job is None:
            raise Refusal("no failing job of this change is known")
        return "Judged again."

    async def _stop(self, said: Said) -> str:
        now = self._work.clock()
        if said.thread is None:
            await self._work.ledger.mark(said.change, said.mark(now, said.change), said.identity, "change")
            return "Nothing more is said here."
        await self._work.ledger.mark(said.thread.bug, said.mark(now, said.thread.thread.url), said.identity)
        if said.permission in MAINTAINERS and said.thread.recipient:
            why = f"{said.command.actor} said stop in {said.thread.thread.url}"
            await self._work.ledger.refuse(said.thread.recipient, by=said.command.actor, refused=why)
        return "Nothing more is said in this thread."

    async def _start(self, said: Said) -> str:
        if said.thread is None:
            await self._work.ledger.lift(said.change, ("stop",), said.command.actor, "change")
        else:
            await self._work.ledger.lift(said.thread.bug, ("stop",), said.command.actor)
            if said.thread.recipient:
                await self._work.ledger.permit(said.thread.recipient)
        return "Started again."

    # ------------------------------------------------------------------------------------------ upstream's people

    async def _fixed_in(self, said: Said) -> str:
        thread = _thread(said)
        await self._work.ledger.update_thread(thread.thread.url, fixed_in=said.command.argument, outcome="confirmed")
        await self._work.ledger.mark(thread.bug, said.mark(self._work.clock()), said.identity)
        return f"Thank you. Fixed in {quote.code(said.command.argument)}, it is noted."

    async def _not_ours(self, said: Said) -> str:
        thread = _thread(said)
        await self._work.ledger.update_thread(thread.thread.url, state="refused", outcome="refused")
        await self._work.ledger.mark(thread.bug, said.mark(self._work.clock()), said.identity)
        return "Withdrawn, and sorry for the noise."

    async def _needs_info(self, said: Said) -> str:
        thread = _thread(said)
        await self._work.ledger.mark(thread.bug, said.mark(self._work.clock()), said.identity)
        return await self._explain(said)


def _bug(said: Said) -> BugRecord:
    if said.bug is None:
        raise Refusal(f"`{said.command.word}` is about a bug, and none is known here yet")
    return said.bug


def _thread(said: Said) -> ThreadRecord:
    if said.thread is None:
        raise Refusal(f"`{said.command.word}` is about a thread upstream")
    return said.thread


def _here(said: Said, bug: BugRecord) -> str:
    """The subject of an order about a Bug in one project."""
    return f"{said.job.job.project if said.job else said.command.place} {bug.key}"
