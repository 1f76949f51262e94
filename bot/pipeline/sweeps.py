"""What is looked after from time to time: deliveries missed, drafts filed by hand, threads, buried work, retention.

Every sweep is run by one replica in each interval (the ledger decides which) and does nothing that a second run would
do again. A sweep that fails is logged and comes round again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from msgspec import Struct

from bot.commands import Audience, allowed, parse
from bot.errors import Gone, Permanent, Transient, UpriverError
from bot.model import Command, Delivery
from bot.pipeline import words
from bot.pipeline.consent import Consent, outcome_of, state_of
from bot.pipeline.fixes import Fixes
from bot.pipeline.jobs import BUGS, COMMANDS, lane, run_of
from bot.pipeline.records import BugRecord, Buried, ThreadRecord
from bot.pipeline.values import to_json
from bot.pipeline.work import Work
from bot.ports import Found, Posted, Tracker

log = structlog.get_logger(__name__)

OVERLAP = timedelta(minutes=30)
FIRST_LOOK = timedelta(days=3)
"""GitHub keeps deliveries for three days: docs.github.com, "Redelivering webhooks"."""
DRAFTS_FOR = timedelta(days=60)
HELD_FOR = timedelta(days=14)
"""What was not met for so long is not reported out of the blue."""
RECONCILE_FOR = timedelta(days=30)
ENGINE_KEEPS = timedelta(days=30)
"""Ten times as long as GitHub redelivers. Later than that, a delivery is worked on again, and finds everything done."""
DAY_SECONDS = 86_400.0

Accept = Callable[[Delivery], Awaitable[str]]
Replay = Callable[[str, str], Awaitable[None]]
GIVEN_UP = "given-up"


class Sweep(Struct, frozen=True, kw_only=True):
    """Something to look after, and how often."""

    name: str
    seconds: float
    run: Callable[[], Awaitable[None]]
    everywhere: bool = False
    """Whether every replica runs it, since it is about its own disk."""


class Sweeps:
    """Runs them."""

    def __init__(self, work: Work, accept: Accept, replay: Replay) -> None:
        self._work = work
        self._accept = accept
        self._replay = replay
        self._consent = Consent(work)
        self._last: dict[str, float] = {}
        rules = work.rules
        self.all = (
            Sweep(name="catch-up", seconds=rules.catch_up_seconds, run=self.catch_up),
            Sweep(name="watch", seconds=rules.watch_seconds, run=self.watch),
            Sweep(name="follow", seconds=rules.follow_seconds / 4, run=self.follow),
            Sweep(name="held", seconds=rules.held_seconds, run=self.held),
            Sweep(name="fixes", seconds=rules.fixes_seconds / 12, run=Fixes(work).look),
            Sweep(name="bury", seconds=min(60.0, rules.revive_seconds), run=self.bury),
            Sweep(name="revive", seconds=rules.revive_seconds, run=self.revive),
            Sweep(name="reconcile", seconds=DAY_SECONDS, run=self.reconcile),
            Sweep(name="rows", seconds=DAY_SECONDS, run=self.rows),
            Sweep(name="spool", seconds=3_600.0, run=self.spool, everywhere=True),
        )

    async def run(self) -> None:
        """Until cancelled, run what is due; first of all what was missed while nobody listened."""
        await self._once(Sweep(name="catch-up", seconds=0, run=self.catch_up))
        while True:
            for sweep in self.all:
                await self._once(sweep)
            await asyncio.sleep(self._work.rules.sweep_seconds)

    async def _once(self, sweep: Sweep) -> None:
        try:
            if sweep.everywhere:
                if time.monotonic() - self._last.get(sweep.name, float("-inf")) < sweep.seconds:
                    return
                self._last[sweep.name] = time.monotonic()
            elif not await self._work.ledger.due(sweep.name, sweep.seconds):
                return
            await sweep.run()
        except UpriverError as error:
            log.warning("sweep.failed", sweep=sweep.name, says=str(error))
        except Exception:
            log.exception("sweep.defect", sweep=sweep.name)

    # ------------------------------------------------------------------------------------------ deliveries

    async def catch_up(self) -> None:
        """Take the deliveries that a forge made and that did not arrive. Those that did are known by their ids."""
        for name, source in self._work.sources.items():
            began = self._work.clock()
            cursor = await self._work.ledger.cursor(f"catch-up/{name}")
            since = datetime.fromisoformat(cursor) - OVERLAP if cursor else began - FIRST_LOOK
            try:
                missed = await source.catch_up(since)
            except (Transient, Permanent) as error:
                log.warning("catch_up.failed", source=name, says=str(error))
                continue
            for delivery in missed:
                await self._accept(delivery)
            if missed:
                log.info("catch_up.done", source=name, deliveries=len(missed))
            await self._work.ledger.set_cursor(f"catch-up/{name}", began.isoformat())

    # ------------------------------------------------------------------------------------------ trackers

    async def watch(self) -> None:
        """Adopt the issues that people opened from our drafts: they carry the visible fingerprint."""
        now = self._work.clock()
        for key in await self._work.ledger.drafted_bugs(now - DRAFTS_FOR):
            bug = await self._work.ledger.bug(key)
            tracker = self._work.tracker(bug.tracker) if bug and bug.tracker else None
            if bug and bug.tracker and tracker:
                with contextlib.suppress(Transient, Permanent):  # it comes round again
                    await self._adopt(bug, bug.tracker, tracker, now)

    async def _adopt(self, bug: BugRecord, url: str, tracker: Tracker, now: datetime) -> None:
        for thread in await self._consent.stands(tracker, url, bug, now, search=False):
            await self._work.ledger.adopt(bug.key, thread, how="adopted")
            log.info("thread.adopted", bug=bug.key, thread=thread.url, by_human=thread.by_human)
            await self._tell(bug, thread.url)

    async def _tell(self, bug: BugRecord, url: str) -> None:
        """Have it decided again, so that the changes hear where the thread is."""
        record = await self._work.ledger.job(bug.job)
        if record:
            cause = f"/adopted/{words.digest(url)}"
            await self._work.engine.submit(
                BUGS, "publish", f"publish/{bug.job}{cause}", bug.job, cause, key=lane(record.job, bug.judgement)
            )

    async def held(self) -> None:
        """Decide again what was held back: tomorrow there is room for one more thread, and a hold may have ended."""
        now = self._work.clock()
        for key in await self._work.ledger.held_bugs(now - HELD_FOR):
            bug = await self._work.ledger.bug(key)
            record = await self._work.ledger.job(bug.job) if bug else None
            if bug and record:
                cause = f"/held/{now:%Y%m%dT%H%M%S}"
                await self._work.engine.submit(
                    BUGS, "publish", f"publish/{bug.job}{cause}", bug.job, cause, key=lane(record.job, bug.judgement)
                )

    async def follow(self) -> None:
        """Look at the threads in turn: how they stand, and what was said to us there."""
        before = self._work.clock() - timedelta(seconds=self._work.rules.follow_seconds)
        for record in await self._work.ledger.threads_due(before):
            tracker = self._work.tracker(record.thread.url)
            if tracker is None:
                await self._work.ledger.update_thread(record.thread.url, checked_at=self._work.clock())
                continue
            try:
                await self._look(record, tracker)
            except Gone as error:
                await self._stands(record, "closed", "gone", str(error))
            except (Transient, Permanent) as error:
                log.info("follow.failed", thread=record.thread.url, says=str(error))
                await self._work.ledger.update_thread(record.thread.url, checked_at=self._work.clock())

    async def _look(self, record: ThreadRecord, tracker: Tracker) -> None:
        url = record.thread.url
        found = await tracker.state(url)
        since = (record.checked_at or record.thread.opened_at or self._work.clock()) - OVERLAP
        for comment in await tracker.comments(url, since):
            await self._heed(comment, url, tracker)
        await self._stands(record, state_of(found), found.closed_as, found.title)

    async def _stands(self, record: ThreadRecord, state: str, closed_as: str, title: str) -> None:
        """Record how a thread stands. What a person ordered (`not-ours`) is not overwritten by an open thread."""
        ordered = record.thread.state == "refused" and state == "open"
        values: dict[str, Any] = {"checked_at": self._work.clock(), "title": record.title or title}
        if state != record.thread.state and not ordered:
            values |= {"state": state, "closed_as": closed_as, "outcome": outcome_of(state)}
            log.info("thread.changed", thread=record.thread.url, state=state)
            self._work.observe("thread", state=state)
        await self._work.ledger.update_thread(record.thread.url, **values)

    async def _heed(self, comment: Posted, url: str, tracker: Tracker) -> None:
        """Hand on the commands in a comment of a thread that sends us no events. Machines' are not even read."""
        said = () if comment.by_machine else parse(comment.body)
        if tracker.name not in self._work.sources:  # nobody there can tell who may, so what anybody may is heard
            said = tuple(row for row in said if allowed(row.word, "none", Audience.UPSTREAM))
        if not said:
            return
        revision = words.digest(comment.body)
        rows = [
            to_json(
                Command(
                    word=row.word,
                    argument=row.argument,
                    actor=comment.author,
                    source=tracker.name,
                    where=comment.id,
                    place=url,
                    association=comment.association,
                    written_at=comment.at,
                    revision=revision,
                )
            )
            for row in said
        ]
        await self._work.engine.submit(
            COMMANDS, "command", f"command/{tracker.name}/{comment.id}/{revision}", rows, key=url
        )

    async def reconcile(self) -> None:
        """Two issues of ours for one Bug, whatever made them: the younger says that it is a duplicate."""
        now = self._work.clock()
        for record in await self._work.ledger.threads_opened(now - RECONCILE_FOR):
            bug = await self._work.ledger.bug(record.bug)
            tracker = self._work.tracker(record.thread.tracker)
            if bug is None or tracker is None or await self._work.budgets.silent():
                continue
            with contextlib.suppress(Transient, Permanent):  # tomorrow again
                rows = await tracker.standing(record.thread.tracker, str(bug.fingerprint), bug.created_at - OVERLAP)
                await self._twins(bug, record, tracker, [row for row in rows if not row.by_human])

    async def _twins(self, bug: BugRecord, record: ThreadRecord, tracker: Tracker, rows: list[Found]) -> None:
        """Point every younger issue of ours to the eldest, once. Other installations' issues can't be edited, and are not ours."""
        known = {row.thread.url for row in await self._work.ledger.threads_of(bug.key)}
        for row in rows:
            if row.url in known or row.created_at is None or row.created_at < bug.created_at - OVERLAP:
                continue
            thread = record.thread
            await self._work.budgets.spend("edit", record.recipient, row.url, "duplicate")
            await tracker.edit(row.url, words.duplicate(thread.url, bug.fingerprint))
            twin = type(thread)(url=row.url, tracker=thread.tracker, state="duplicate", opened_at=row.created_at)
            await self._work.ledger.adopt(bug.key, twin, how="opened", recipient=record.recipient, title=row.title)
            log.warning("thread.duplicated", bug=bug.key, thread=row.url, original=thread.url)

    # ------------------------------------------------------------------------------------------ the house

    async def bury(self) -> None:
        """Show what the engine gave up: workflows that killed whoever ran them, or that failed by our own defect."""
        rows = await self._work.engine.dead()
        for identity, workflow, arguments in rows:
            base, run = run_of(identity)
            says = "it did not end however often it was begun again; see the log"
            await self._work.ledger.bury(
                Buried(
                    id=base,
                    workflow=workflow,
                    refers=base.partition("/")[2],
                    step="",
                    error=GIVEN_UP,
                    message=says,
                    arguments=arguments,
                    at=self._work.clock(),
                    times=run,
                )
            )
            if workflow in {"job", "publish"} and arguments:
                key = arguments[0] if workflow == "publish" else arguments[0]["key"]
                await self._work.ledger.set_job(str(key), "buried", says)
            self._work.observe("buried", workflow=workflow)
            log.error("job.buried", workflow=identity, error=GIVEN_UP)
            await self._work.engine.strike([identity])

    async def revive(self) -> None:
        """Begin once more what was given up a while ago: mostly it was another's crash that it was in the way of."""
        before = self._work.clock() - timedelta(seconds=self._work.rules.revive_seconds)
        for work in await self._work.ledger.unsettled():
            if work.error == GIVEN_UP and work.times == 1 and work.replayed_at is None and work.at < before:
                await self._replay(work.id, "the machine")

    async def rows(self) -> None:
        """Delete what is older than rows are kept; the engine's finished work sooner, which is the bulk."""
        now, keep = self._work.clock(), timedelta(days=self._work.rules.keep_rows_days)
        gone = await self._work.ledger.delete_old(now - keep)
        await self._work.ledger.delete_takeovers(now - timedelta(days=7))
        finished = await self._work.engine.forget_before(now - min(keep, ENGINE_KEEPS))
        log.info("rows.deleted", rows=gone, workflows=finished)

    async def spool(self) -> None:
        """Delete fetched material that is older than logs are kept, and folders that no job refers to."""
        keep = timedelta(days=self._work.rules.keep_logs_days)
        expired = await self._work.ledger.expired_spools(self._work.clock() - keep, self._work.engine.executor_id)
        for key, reference in expired:
            await asyncio.to_thread(self._work.spool.remove, reference)
            await self._work.ledger.forget_spool(key)
        old = (self._work.clock() - keep).timestamp()
        for reference in await asyncio.to_thread(self._work.spool.strays, frozenset(), old):
            await asyncio.to_thread(self._work.spool.remove, reference)
