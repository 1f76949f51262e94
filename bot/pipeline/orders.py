"""What people say to us: authorised by the forge, applied as standing orders, answered once where it was said.

No command acts on a forge by itself. It changes what the ledger knows, and the same policy decides again; so a word
can't do what policy would not, and every effect can be taken back by its opposite.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog

from bot.commands import PREFIX, Audience, allowed, help_text, parse, unknown_text, word
from bot.errors import Permanent
from bot.model import Command, Mark, Thread
from bot.pipeline import words
from bot.pipeline.consent import outcome_of, state_of
from bot.pipeline.jobs import BUGS, JOBS, lane
from bot.pipeline.records import AnalysisRecord, BugRecord, JobRecord, ThreadRecord
from bot.pipeline.values import from_json, to_json
from bot.pipeline.work import Work, safe
from bot.render import markers, quote
from bot.render.advice import explanation

log = structlog.get_logger(__name__)

MAINTAINERS = frozenset({"triage", "write", "maintain", "owner"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
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


class Orders:
    """Commands."""

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

    # ------------------------------------------------------------------------------------------ the workflow

    async def command(self, said: list[dict[str, Any]]) -> None:
        """The commands of one comment: acknowledged at once, obeyed in order, answered once."""
        durable = self._work.durable
        await durable.attempt("acknowledge", lambda: self._acknowledge(said[0]))  # a courtesy; it may fail
        answers = []
        for row in said:
            done = await durable.do("obey", partial(self._obey, row))
            if done["job"]:
                await self._settle(done)
                done = await durable.do("outcome", partial(self._outcome, row, done))
            answers.append(done)
        texts = [str(answer["says"]) for answer in answers if answer["says"]]
        if texts:
            await durable.do("reply", lambda: self._reply(said[0], "\n\n".join(texts)))

    async def _settle(self, done: dict[str, Any]) -> None:
        """Have it decided again with the order, and wait for that, but not for long."""
        key, identity, since = done["job"], done["identity"], done["since"]
        if done["again"] == "judge":
            await self._work.engine.submit(JOBS, "job", f"job/{key}#{identity}", done["announced"], f"#{identity}")
        else:
            await self._work.engine.submit(
                BUGS, "publish", f"publish/{key}#{identity}", key, f"#{identity}", key=done["lane"]
            )
        for pause in self._work.rules.settling_seconds:
            await self._work.engine.sleep(pause)
            if await self._work.durable.do("settled", lambda: self._settled(key, since)):
                return

    async def _settled(self, key: str, since: str) -> bool:
        record = await self._work.ledger.job(key)
        done = record is not None and record.state in {"done", "gone", "unreadable", "buried"}
        return bool(done and record and record.decided_at and record.decided_at >= datetime.fromisoformat(since))

    # ------------------------------------------------------------------------------------------ steps

    async def _acknowledge(self, row: dict[str, Any]) -> None:
        if not await self._work.budgets.silent():
            command = from_json(Command, row)
            await self._work.source(command.source).acknowledge(command)

    async def _obey(self, row: dict[str, Any]) -> dict[str, Any]:
        """Authorise and apply one command; what to say, and which job is to be decided again."""
        command = from_json(Command, row)
        identity = f"{command.source}/{command.where}#{command.word} {command.argument}".strip()
        if not await self._work.ledger.add_command(identity, command):
            before = await self._work.ledger.command(identity)
            if before and before.state == "obeyed":  # the comment was edited; this word stood there before
                return {"says": before.outcome, "job": None}
        permission = await self._work.source(command.source).may(command)
        said = await self._about(command, identity, permission)
        verdict = allowed(command.word, permission, said.audience)
        if not verdict:
            known = word(command.word) is not None
            text = "" if not verdict.answer else verdict.why if known else _taught(command, said.audience)
            await self._finish(said, "refused", verdict.why)
            return {"says": f"{text}." if text and known else text, "job": None}
        return await self._apply(said)

    async def _apply(self, said: Said) -> dict[str, Any]:
        try:
            _well_formed(said.command)
            text = await self._effects[said.command.word](said)
        except (Refusal, Permanent) as refusal:
            await self._finish(said, "failed", str(refusal))
            return {"says": f"{refusal}.".replace("..", "."), "job": None}
        await self._finish(said, "obeyed", text)
        log.info("command.obeyed", word=said.command.word, actor=said.command.actor, place=said.command.place)
        return {"says": text, "job": None, **self._again(said)}

    def _again(self, said: Said) -> dict[str, Any]:
        """Which job is to be decided again because of the word, if any."""
        if said.job is None or said.command.word in {"help", "explain", "status", "pin", "needs-info"}:
            return {}
        judgement = said.analysis.judgement if said.analysis else said.bug.judgement if said.bug else None
        return {
            "job": said.job.job.key,
            "again": "judge" if said.command.word == "retry" or judgement is None else "decide",
            "announced": to_json(said.job.job),
            "lane": lane(said.job.job, judgement) if judgement else "",
            "identity": said.identity,
            "since": self._work.clock().isoformat(),
        }

    async def _finish(self, said: Said, state: str, outcome: str) -> None:
        await self._work.ledger.finish_command(
            said.identity,
            state=state,
            permission=said.permission,
            outcome=outcome,
            bug=said.bug.key if said.bug else None,
        )
        self._work.observe("command", word=said.command.word if word(said.command.word) else "?", state=state)

    async def _about(self, command: Command, identity: str, permission: str) -> Said:
        """What a command is about: the Bug of a thread, or of the newest failing job of a change."""
        thread = await self._work.ledger.thread_at(command.place)
        jobs = [] if thread else list(await self._work.ledger.jobs_of_change(command.place))
        bug = await self._work.ledger.bug(thread.bug) if thread else None
        job = next((row for row in jobs if row.bug), jobs[0] if jobs else None)
        if bug is None and job and job.bug:
            bug = await self._work.ledger.bug(job.bug)
        if job is None and bug is not None:
            job = await self._work.ledger.job(bug.job)
        return Said(
            command=command,
            identity=identity,
            audience=Audience.UPSTREAM if thread else Audience.CHANGE,
            permission=permission,
            job=job,
            bug=bug,
            thread=thread,
            analysis=await self._work.ledger.analysis(job.job.key) if job else None,
        )

    async def _outcome(self, row: dict[str, Any], done: dict[str, Any]) -> dict[str, Any]:
        """What to answer once it was decided again."""
        said = await self._about(from_json(Command, row), str(done["identity"]), "")
        if said.command.word not in {"file", "retry"} or said.job is None:
            return {"says": done["says"]}
        return {"says": f"{done['says']} {await self._stands(said)}".strip()}

    async def _reply(self, row: dict[str, Any], text: str) -> str:
        """Make the text our one answer to the comment."""
        if await self._work.budgets.silent():
            return "shadow"
        command = from_json(Command, row)
        source = self._work.source(command.source)
        key = f"{command.source}/{command.where}"
        markdown = source.markdown
        body = safe(f"{text}\n\n{markers.reply(command.where)}" if markdown else text)
        intent = await self._work.ledger.intend("reply", key)
        standing = await self._work.ledger.reply(command.source, command.where)
        if standing is None and intent.tries > 1:
            standing = await source.replied(command)
        if standing and standing.body.strip() == body.strip():
            return "stands"
        await self._work.budgets.spend("reply", command.place, key, words.digest(body))
        posted = await source.reply(command, body, standing)
        await self._work.ledger.put_reply(command.source, command.where, replace(posted, body=body))
        await self._work.ledger.finish_intent("reply", key, posted.id)
        return "replied"

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
        return await self._stands(said)

    async def _stands(self, said: Said) -> str:
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


def _well_formed(command: Command) -> None:
    """Raise `Refusal` for a word that lacks its argument."""
    problem = next((row.problem for row in parse(f"{PREFIX} {command.word} {command.argument}")), "")
    if problem:
        raise Refusal(f"`{command.word}`: {problem}")


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


def _taught(command: Command, audience: Audience) -> str:
    """What is answered to a word that is none."""
    return unknown_text(parse(f"{PREFIX} {command.word} {command.argument}"), audience)
