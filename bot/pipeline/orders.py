"""What people say to us: authorised by the forge, applied as standing orders, answered once where it was said.

No command acts on a forge by itself. It changes what the ledger knows, and the same policy decides again; so a word
can't do what policy would not, and every effect can be taken back by its opposite.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

import structlog
from msgspec.structs import replace

from bot.commands import PREFIX, Audience, allowed, parse, unknown_text, word
from bot.errors import Permanent
from bot.model import Command
from bot.pipeline import words
from bot.pipeline.effects import Effects, Refusal, Said
from bot.pipeline.jobs import BUGS, JOBS, lane
from bot.pipeline.values import from_json, to_json
from bot.pipeline.work import Work, safe
from bot.render import markers

log = structlog.get_logger(__name__)


class Orders:
    """Commands."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._effects = Effects(work)

    @property
    def words(self) -> frozenset[str]:
        """The words that have an effect here."""
        return self._effects.words

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
        command = from_json(Command, row)
        if command.source in self._work.sources and not await self._work.budgets.silent():
            await self._work.source(command.source).acknowledge(command)

    async def _obey(self, row: dict[str, Any]) -> dict[str, Any]:
        """Authorise and apply one command; what to say, and which job is to be decided again."""
        command = from_json(Command, row)
        identity = f"{command.source}/{command.where}#{command.word} {command.argument}".strip()
        if not await self._work.ledger.add_command(identity, command):
            before = await self._work.ledger.command(identity)
            if before and before.state == "obeyed":  # the comment was edited; this word stood there before
                return {"says": before.outcome, "job": None}
        permission = await self._permission(command)
        said = await self._about(command, identity, permission)
        verdict = allowed(command.word, permission, said.audience)
        if not verdict:
            known = word(command.word) is not None
            text = "" if not verdict.answer else verdict.why if known else _taught(command, said.audience)
            await self._finish(said, "refused", verdict.why)
            return {"says": f"{text}." if text and known else text, "job": None}
        return await self._apply(said)

    async def _permission(self, command: Command) -> str:
        """What the forge says that the actor may; nothing where a thread is on a tracker that can't be asked."""
        asked = command.source in self._work.sources or not self._work.tracker(command.place)
        return await self._work.source(command.source).may(command) if asked else "none"

    async def _apply(self, said: Said) -> dict[str, Any]:
        try:
            _well_formed(said.command)
            text = await self._effects.apply(said)
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
        return {"says": f"{done['says']} {await self._effects.stands(said)}".strip()}

    async def _reply(self, row: dict[str, Any], text: str) -> str:
        """Make the text our one answer to the comment."""
        if await self._work.budgets.silent():
            return "shadow"
        command = from_json(Command, row)
        if command.source not in self._work.sources:
            return "unheard"  # a mere tracker: what makes us quieter there is done quietly
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


def _well_formed(command: Command) -> None:
    """Raise `Refusal` for a word that lacks its argument."""
    problem = next((row.problem for row in parse(f"{PREFIX} {command.word} {command.argument}")), "")
    if problem:
        raise Refusal(f"`{command.word}`: {problem}")


def _taught(command: Command, audience: Audience) -> str:
    """What is answered to a word that is none."""
    return unknown_text(parse(f"{PREFIX} {command.word} {command.argument}"), audience)
