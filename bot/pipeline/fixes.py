"""Following a Bug until it is mended: is a release without it out, and do jobs that failed by it pass with that one?

What a release holds is asked of the package index, by judging the Bug's own job again as of today: the same rules, the
same evidence. That a job passes is asked of its CI. Silence is no answer: what can't be had leaves things as they were.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path

import structlog
from msgspec.structs import replace

from bot.errors import Permanent, Transient, UpriverError
from bot.model import Action, Fix, History, Job, Kind, Occurrence
from bot.pipeline.hindsight import at_least
from bot.pipeline.jobs import BUGS, lane
from bot.pipeline.records import BugRecord
from bot.pipeline.work import Work
from bot.ports import Spooled

log = structlog.get_logger(__name__)

FOLLOWED_FOR = timedelta(days=60)
"""What nobody met for so long is not followed any more."""
AT_ONCE = 20
"""Bugs looked at in one sweep: each costs an analysis."""
MOST_JOBS = 5
"""Jobs of a Bug that are asked whether they pass, the latest first."""
MOST_TOLD = 200


class Fixes:
    """Looks for releases that mend Bugs."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def look(self) -> None:
        """Look at what is due. A Bug that can't be looked at is looked at again in its turn."""
        now, ledger = self._work.clock(), self._work.ledger
        before = now - timedelta(seconds=self._work.rules.fixes_seconds)
        for key in await ledger.unconfirmed(now - FOLLOWED_FOR, before, AT_ONCE):
            await self._turn(key, self._confirm)
        for key in await ledger.unmended(now - FOLLOWED_FOR, before, AT_ONCE):
            await self._turn(key, self._released)

    async def _turn(self, key: str, look: Callable[[BugRecord, History], Awaitable[None]]) -> None:
        bug = await self._work.ledger.bug(key)
        if bug is None:
            return
        history = await self._work.ledger.history(bug.key)
        try:
            await look(bug, history)
        except UpriverError as error:
            log.info("fix.not_known", bug=key, says=str(error))
            await self._work.ledger.looked(key)

    async def _released(self, bug: BugRecord, _history: History) -> None:
        """Whether a release without the defect is out by now."""
        record = await self._work.ledger.job(bug.job)
        fix = None
        if record is not None:
            async with self._material(record.job) as spooled:
                fix = await self._judged_today(bug, record.job, spooled)
        await self._work.ledger.looked(bug.key, fix)
        if fix is not None:
            log.info("fix.released", bug=bug.key, distribution=fix.distribution, version=fix.version)
            self._work.observe("fix", state="released")
            await self._tell(bug, f"/released/{fix.version}")

    async def _judged_today(self, bug: BugRecord, job: Job, spooled: Spooled) -> Fix | None:
        today = replace(job, finished_at=self._work.clock())
        verdict = (await self._work.analyst.analyse(today, spooled, None)).judgement.verdict
        culprit = verdict.culprit
        if verdict.kind is not Kind.UPSTREAM or verdict.action is not Action.ALREADY_FIXED or verdict.fixed_in is None:
            return None
        if culprit is None or culprit.distribution != bug.culprit:
            return None
        return Fix(distribution=culprit.distribution, version=verdict.fixed_in, way_round=verdict.way_round)

    async def _confirm(self, bug: BugRecord, history: History) -> None:
        """Whether a job that failed by the Bug passes with the release."""
        fix = history.fix
        await self._work.ledger.looked(bug.key)
        if fix is None:
            return
        for seen in newest(history.occurrences):
            record = await self._work.ledger.job(seen.job)
            if record and await self._passes(record.job, seen, fix):
                await self._work.ledger.passes(bug.key, seen.job)
                log.info("fix.confirmed", bug=bug.key, version=fix.version, job=seen.job)
                self._work.observe("fix", state="confirmed")
                await self._tell(bug, f"/green/{fix.version}")
                return

    async def _passes(self, job: Job, seen: Occurrence, fix: Fix) -> bool:
        """Whether the job has passed since, with the release or a later one installed."""
        async with self._folder(job, "green") as folder:
            with contextlib.suppress(Permanent, Transient):
                passed = await self._work.source(job.source).green(job, seen.at, folder)
                if passed is None:
                    return False
                today = replace(job, finished_at=self._work.clock())
                analysis = await self._work.analyst.analyse(today, Spooled(log=passed), None)
                return at_least(analysis.reading.environment.version_of(fix.distribution), fix.version)
        return False

    async def _tell(self, bug: BugRecord, cause: str) -> None:
        """Have it decided and said again on the changes that wait for it."""
        waiting = [row.job for row in await self._work.ledger.advised(bug.key) if row.state == "standing"]
        for key in dict.fromkeys([bug.job, *waiting][:MOST_TOLD]):
            record = await self._work.ledger.job(key)
            if record:
                await self._work.engine.submit(
                    BUGS, "publish", f"publish/{key}{cause}", key, cause, key=lane(record.job, bug.judgement)
                )

    # ------------------------------------------------------------------------------------------ material

    @contextlib.asynccontextmanager
    async def _material(self, job: Job) -> AsyncIterator[Spooled]:
        """What was fetched of a job; fetched again, for now only, where it is no longer here."""
        kept = await asyncio.to_thread(self._work.spool.find, self._work.spool.name(job.key))
        if kept is not None:
            yield kept
            return
        async with self._folder(job, "again") as folder:
            yield await self._work.source(job.source).fetch(job, folder)

    @contextlib.asynccontextmanager
    async def _folder(self, job: Job, what: str) -> AsyncIterator[Path]:
        reference = self._work.spool.name(f"{job.key} {what}")
        try:
            yield await asyncio.to_thread(self._work.spool.clean, reference)
        finally:
            await asyncio.to_thread(self._work.spool.remove, reference)


def newest(seen: Iterable[Occurrence]) -> Sequence[Occurrence]:
    """The latest sighting in each project, the latest first, a handful: one that passes is enough."""
    latest: dict[str, Occurrence] = {}
    for row in sorted(seen, key=lambda row: row.at):
        latest[row.project] = row
    return sorted(latest.values(), key=lambda row: row.at, reverse=True)[:MOST_JOBS]
