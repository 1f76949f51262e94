"""From a delivery to an analysed job: announced, completed, fetched, read and judged."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from bot.model import Command, Delivery, Ignored, Job, Judgement, Kind, Removed
from bot.pipeline.durable import Failed
from bot.pipeline.values import from_json, to_json
from bot.pipeline.work import Work
from bot.ports import Spooled

log = structlog.get_logger(__name__)

DELIVERIES = "deliveries"
JOBS = "jobs"
BUGS = "bugs"
ADVICE = "advice"
COMMANDS = "commands"

REPLAY = "+replay"
"""Parts a workflow's identity from the number of its replay."""


class Intake:
    """The stages before a Bug is known."""

    def __init__(self, work: Work) -> None:
        self._work = work

    # ------------------------------------------------------------------------------------------ in the request

    async def accept(self, delivery: Delivery) -> str:
        """Decide what a delivery announces and, where it matters, start its workflow durably.

        What became of it in a word: accepted, or why it was ignored. Raises `errors.Transient` where nothing could be
        stored (answer 503: the forge or the catch-up will deliver again) and `errors.Permanent` for a source that is
        not configured.
        """
        announced = self._work.source(delivery.source).announces(delivery)
        if isinstance(announced, Ignored):
            return announced.reason
        identity = f"delivery/{delivery.source}/{delivery.id}"
        head = {
            "source": delivery.source,
            "id": delivery.id,
            "event": delivery.event,
            "received_at": delivery.received_at.isoformat(),
        }
        if isinstance(announced, Job | Removed):
            said: Any = to_json(announced)
        else:
            said = [to_json(command) for command in announced]
        await self._work.engine.submit(DELIVERIES, "delivery", identity, head, said)
        return "accepted"

    # ------------------------------------------------------------------------------------------ workflows

    async def delivery(self, head: dict[str, Any], said: Any) -> None:
        """Account for a delivery, and hand on what it announced: one workflow a job, one a comment."""
        delivery = from_json(Delivery, {**head, "payload": b""})
        if isinstance(said, list):
            commands = [from_json(Command, row) for row in said]
            place = commands[0].place if commands else ""
            await self._work.durable.do("account", lambda: self._account(delivery, "command", place))
            if commands:
                first = commands[0]
                identity = f"command/{first.source}/{first.where}/{first.revision}"
                await self._work.engine.submit(COMMANDS, "command", identity, said, key=place)
            await self._work.durable.do("account.done", lambda: self._finish(delivery, "commands"))
            return
        if "key" not in said:
            await self._removed(delivery, from_json(Removed, said).installation)
            return
        key = from_json(Job, said).key
        await self._work.durable.do("account", lambda: self._account(delivery, "job", key))
        await self._work.engine.submit(JOBS, "job", f"job/{key}", said)
        await self._work.durable.do("account.done", lambda: self._finish(delivery, "job"))

    async def _removed(self, delivery: Delivery, installation: str) -> None:
        """Uninstalling deletes: rows now, and the fetched material with them."""
        await self._work.durable.do("account", lambda: self._account(delivery, "removed", installation))
        await self._work.durable.do("forget", lambda: self._forget(delivery.source, installation))
        await self._work.durable.do("account.done", lambda: self._finish(delivery, "removed"))

    async def _forget(self, source: str, installation: str) -> int:
        for reference in await self._work.ledger.spools_of(source, installation):
            await asyncio.to_thread(self._work.spool.remove, reference)
        gone = await self._work.ledger.forget_installation(source, installation)
        log.info("installation.forgotten", source=source, installation=installation, jobs=gone)
        return gone

    async def _account(self, delivery: Delivery, announced: str, refers: str) -> None:
        await self._work.ledger.start_delivery(delivery, announced, refers)

    async def _finish(self, delivery: Delivery, state: str) -> None:
        await self._work.ledger.finish_delivery(delivery.source, delivery.id, state)

    async def job(self, announced: dict[str, Any], cause: str = "") -> None:
        """Complete, fetch, read and judge one job, and hand it on to its Bug's queue.

        `cause` tells a job that is judged again from its first time. A job whose log is gone or is no log ends here, recorded as such: there is nothing that a retry could mend.
        """
        key = str(announced["key"])
        try:
            completed = await self._work.durable.do("complete", lambda: self._complete(announced))
            if completed["key"] != key:  # announced in the words of another event; there it runs once
                await self._work.engine.submit(JOBS, "job", f"job/{completed['key']}{cause}", completed, cause)
                return
            reference = await self._work.durable.do("fetch", lambda: self._fetch(completed))
            judged = await self._work.durable.do("analyse", lambda: self._analyse(completed, reference))
        except Failed as failed:
            await self._ended(key, failed)
            return
        await self._work.engine.submit(BUGS, "publish", f"publish/{key}{cause}", key, cause, key=judged["lane"])

    async def _ended(self, key: str, failed: Failed) -> None:
        """Record why a job went no further; what a human should see is buried by the caller."""
        state = failed.kind if failed.kind in {"gone", "unreadable"} else "buried"
        await self._work.durable.do("end", lambda: self._work.ledger.set_job(key, state, failed.says))
        self._work.observe("job", state=state)
        log.info("job.ended", job=key, state=state, says=failed.says)
        if state == "buried":
            raise failed

    # ------------------------------------------------------------------------------------------ steps

    async def _complete(self, announced: dict[str, Any]) -> dict[str, Any]:
        job = from_json(Job, announced)
        await self._work.ledger.add_job(job)
        completed = await self._work.source(job.source).complete(job)
        if completed.key != job.key:
            await self._work.ledger.set_job(job.key, "done", f"is {completed.key}")
            await self._work.ledger.add_job(completed)
        await self._work.ledger.complete_job(completed)
        return dict(to_json(completed))

    async def _fetch(self, completed: dict[str, Any]) -> str:
        job = from_json(Job, completed)
        reference = self._work.spool.name(job.key)
        if await asyncio.to_thread(self._work.spool.find, reference) is None:
            await self._fetched(job, reference)
        await self._work.ledger.spooled(job.key, reference, self._work.engine.executor_id)
        return reference

    async def _fetched(self, job: Job, reference: str) -> Spooled:
        folder = await asyncio.to_thread(self._work.spool.clean, reference)
        spooled = await self._work.source(job.source).fetch(job, folder)
        await asyncio.to_thread(self._work.spool.keep, reference, spooled)
        return spooled

    async def _analyse(self, completed: dict[str, Any], reference: str) -> dict[str, Any]:
        job = from_json(Job, completed)
        spooled = await asyncio.to_thread(self._work.spool.find, reference)
        if spooled is None:  # fetched by a replica that is no more
            spooled = await self._fetched(job, reference)
            await self._work.ledger.spooled(job.key, reference, self._work.engine.executor_id)
        edits = await self._work.source(job.source).edits(job)
        analysis = await self._work.analyst.analyse(job, spooled, edits)
        await self._work.ledger.save_analysis(job.key, analysis)
        verdict = analysis.judgement.verdict
        self._work.observe("verdict", kind=verdict.kind.value)
        log.info(
            "verdict.reached",
            job=job.key,
            verdict=verdict.kind.value,
            confidence=round(verdict.confidence, 3),
            fingerprint=str(analysis.fingerprint) if analysis.fingerprint else None,
            seconds=round(analysis.seconds, 3),
        )
        return {"lane": lane(job, analysis.judgement)}


def run_of(identity: str) -> tuple[str, int]:
    """A workflow's own identity without its replays, and which of its runs this is, from 1."""
    base, _, replay = identity.partition(REPLAY)
    return base, int(replay) + 1 if replay.isdigit() else 1


def lane(job: Job, judgement: Judgement) -> str:
    """Whose publication must not overlap: everything about one culprit, since it may turn out to be one Bug."""
    verdict = judgement.verdict
    if verdict.kind is Kind.UPSTREAM and verdict.culprit:
        return f"culprit/{verdict.culprit.distribution}"
    return f"job/{job.key}"
