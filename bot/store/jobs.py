"""Deliveries, jobs and what was read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, delete, func, select, update

from bot.model import Decision, Delivery, Fingerprint, Job, Judgement, Reading
from bot.pipeline.records import AnalysisRecord, JobRecord
from bot.pipeline.values import from_json, to_json
from bot.ports import Analysis
from bot.store.base import Part, insert_new, insert_or_update
from bot.store.tables import (
    KEPT_JUDGED,
    analyses,
    bugs,
    buried,
    commands,
    deliveries,
    delivery_counts,
    intents,
    jobs,
    replies,
    writes,
)

FINAL = ("done", "gone", "unreadable", "buried")
"""States of a job that need nothing more."""


class Jobs(Part):
    """What came in."""

    # ------------------------------------------------------------------------------------------ deliveries

    async def start_delivery(self, delivery: Delivery, announced: str, refers: str) -> None:
        """Record a delivery that announced something. Idempotent."""
        async with self.database.writing() as connection:
            await insert_new(
                connection,
                deliveries,
                {
                    "source": delivery.source,
                    "id": delivery.id,
                    "event": delivery.event,
                    "received_at": delivery.received_at,
                    "announced": announced,
                    "refers": refers,
                    "state": "started",
                },
            )

    async def finish_delivery(self, source: str, identity: str, state: str) -> None:
        """Record what became of a delivery."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(deliveries)
                .where(deliveries.c.source == source, deliveries.c.id == identity)
                .values(state=state, finished_at=self.clock())
            )

    async def count_deliveries(self, counts: Mapping[tuple[str, str, str, str], int]) -> None:
        """Add to the counts by (day, source, event, outcome)."""
        async with self.database.writing() as connection:
            for (day, source, event, outcome), times in counts.items():
                await insert_or_update(
                    connection,
                    delivery_counts,
                    {"day": day, "source": source, "event": event, "outcome": outcome, "times": times},
                    key=("day", "source", "event", "outcome"),
                    update={"times": delivery_counts.c.times + times},
                )

    async def last_delivery(self) -> datetime | None:
        """When the latest delivery that announced something came."""
        async with self.database.reading() as connection:
            latest: datetime | None = await connection.scalar(select(func.max(deliveries.c.received_at)))
        return latest

    # ------------------------------------------------------------------------------------------ jobs

    async def add_job(self, job: Job) -> bool:
        """Record a job; False where its key was there already."""
        values = {**_columns(job), "received_at": self.clock(), "state": "received", "reason": ""}
        async with self.database.writing() as connection:
            return await insert_new(connection, jobs, values)

    async def complete_job(self, job: Job) -> None:
        """Record what the forge knows of a job beside what announced it."""
        async with self.database.writing() as connection:
            await connection.execute(update(jobs).where(jobs.c.key == job.key).values(_columns(job)))

    async def set_job(self, key: str, state: str, reason: str = "") -> None:
        """Record how far a job is, or why it ended."""
        async with self.database.writing() as connection:
            await connection.execute(update(jobs).where(jobs.c.key == key).values(state=state, reason=reason))

    async def spooled(self, key: str, folder: str, executor: str) -> None:
        """Record where a job's material lies."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(jobs)
                .where(jobs.c.key == key)
                .values(state="fetched", reason="", spool=folder, spooled_at=self.clock(), spooled_by=executor)
            )

    async def job(self, key: str) -> JobRecord | None:
        """A job, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.key == key))).one_or_none()
        return _job(row) if row else None

    async def jobs_of_change(self, change: str) -> Sequence[JobRecord]:
        """The jobs of a change, the latest first; at most 200."""
        query = select(jobs).where(jobs.c.change_id == change).order_by(jobs.c.received_at.desc()).limit(200)
        async with self.database.reading() as connection:
            return [_job(row) for row in await connection.execute(query)]

    async def jobs_of_bug(self, bug: str, limit: int = 200) -> Sequence[JobRecord]:
        """The jobs that showed a Bug, the latest first, untrusted ones too."""
        query = select(jobs).where(jobs.c.bug == bug).order_by(jobs.c.received_at.desc()).limit(limit)
        async with self.database.reading() as connection:
            return [_job(row) for row in await connection.execute(query)]

    async def save_analysis(self, key: str, analysis: Analysis) -> None:
        """Record what was read and judged of a job; the latest wins."""
        kept, places = _kept(analysis.judgement)
        verdict = analysis.judgement.verdict
        values = {
            "job": key,
            "at": self.clock(),
            "seconds": analysis.seconds,
            "reading": to_json(replace(analysis.reading, failures=(), handled=())),
            "judgement": to_json(kept),
            "fingerprint": to_json(analysis.fingerprint) if analysis.fingerprint else None,
            "failures_total": max(analysis.reading.failures_total, len(analysis.judgement.failures)),
            "regions": [
                to_json(replace(row, failure=places[row.failure])) for row in analysis.regions if row.failure in places
            ],
        }
        async with self.database.writing() as connection:
            await insert_or_update(connection, analyses, values, key=("job",))
            await connection.execute(
                update(jobs)
                .where(jobs.c.key == key)
                .values(
                    state="analysed",
                    reason="",
                    kind=verdict.kind.value,
                    confidence=verdict.confidence,
                    fingerprint=str(analysis.fingerprint) if analysis.fingerprint else None,
                )
            )

    async def analysis(self, key: str) -> AnalysisRecord | None:
        """What was read and judged of a job, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(analyses).where(analyses.c.job == key))).one_or_none()
        if row is None:
            return None
        return AnalysisRecord(
            reading=from_json(Reading, row.reading),
            judgement=from_json(Judgement, row.judgement),
            fingerprint=from_json(Fingerprint, row.fingerprint) if row.fingerprint else None,
        )

    async def decide_job(self, key: str, bug: str | None, decision: Decision) -> None:
        """Record what was decided for a job."""
        values = {"bug": bug, "decision": to_json(decision), "decided_at": self.clock(), "state": "decided"}
        async with self.database.writing() as connection:
            await connection.execute(update(jobs).where(jobs.c.key == key).values(values))

    # ------------------------------------------------------------------------------------------ retention

    async def expired_spools(self, before: datetime, executor: str) -> Sequence[tuple[str, str]]:
        """(job, folder) of the material that this executor holds and that is older."""
        query = select(jobs.c.key, jobs.c.spool).where(
            jobs.c.spooled_at < before, jobs.c.spooled_by == executor, jobs.c.spool.is_not(None)
        )
        async with self.database.reading() as connection:
            return [(row.key, row.spool) for row in await connection.execute(query.limit(1_000))]

    async def forget_spool(self, key: str) -> None:
        """Record that a job's material is gone, with the log's text that was kept of it."""
        async with self.database.writing() as connection:
            await connection.execute(update(jobs).where(jobs.c.key == key).values(spool=None, spooled_at=None))
            await connection.execute(update(analyses).where(analyses.c.job == key).values(regions=[]))

    async def delete_old(self, before: datetime) -> int:
        """Delete what is older: deliveries, finished jobs but those that Bugs show, commands and answers, writes.

        Where a Bug was seen, and what was opened for it, is kept for ever. How many rows went.
        """
        shown = select(bugs.c.job)
        settled = intents.c.result.is_not(None) & (intents.c.kind != "open")
        queries = (
            delete(deliveries).where(deliveries.c.received_at < before),
            delete(jobs).where(jobs.c.received_at < before, jobs.c.key.not_in(shown), jobs.c.state.in_(FINAL)),
            delete(delivery_counts).where(delivery_counts.c.day < before.date().isoformat()),
            delete(commands).where(commands.c.received_at < before),
            delete(replies).where(replies.c.at < before),
            delete(intents).where(intents.c.at < before, settled),
            delete(writes).where(writes.c.at < before),
            delete(buried).where(buried.c.settled_at < before),
        )
        async with self.database.writing() as connection:
            return sum([(await connection.execute(query)).rowcount for query in queries])


def _columns(job: Job) -> dict[str, Any]:
    return {
        "key": job.key,
        "source": job.source,
        "project": job.project,
        "name": job.name,
        "attempt": job.attempt,
        "change_id": job.change.id if job.change else None,
        "revision": job.revision,
        "branch": job.branch,
        "pipeline": job.pipeline,
        "url": job.url,
        "trust": job.trust.value,
        "private": job.private,
        "installation": job.installation,
        "finished_at": job.finished_at,
        "job": to_json(job),
    }


def _job(row: Row[Any]) -> JobRecord:
    return JobRecord(
        job=from_json(Job, row.job),
        state=row.state,
        reason=row.reason,
        received_at=row.received_at,
        spool=row.spool,
        fingerprint=row.fingerprint,
        bug=row.bug,
        decision=from_json(Decision, row.decision) if row.decision else None,
        decided_at=row.decided_at,
    )


def _kept(judgement: Judgement) -> tuple[Judgement, dict[int, int]]:
    """The judgement with the failures that are kept, and where each of them was before."""
    order = sorted(range(len(judgement.failures)), key=lambda place: not judgement.failures[place].failure.root)
    places = sorted(order[:KEPT_JUDGED])
    kept = replace(judgement, failures=tuple(judgement.failures[place] for place in places))
    return kept, {place: number for number, place in enumerate(places)}
