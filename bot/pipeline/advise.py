"""The change: one comment, edited in place, that says what all its failing jobs deserve to be told.

State-based as `publish` is: it reads what was decided for every job of the change's newest revision, and makes our
comment say that. One change runs one at a time, so a matrix of failing jobs makes one comment.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from bot.errors import Permanent, Refused, Transient
from bot.model import ChangeAnswer, Decision, Job, Judgement, Report
from bot.pipeline import words
from bot.pipeline.hindsight import hindsight
from bot.pipeline.records import AdviceRecord, Intent, JobRecord
from bot.pipeline.work import Work, safe
from bot.ports import Posted, Source
from bot.render.advice import advice as rendered

log = structlog.get_logger(__name__)

MOST_BUGS = 5
"""Bugs told in one comment; a change with more has another problem."""


class Advise:
    """Advice on changes."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def advise(self, key: str) -> None:
        """The workflow."""
        await self._work.durable.do("advise", lambda: self._advise(key))

    async def _advise(self, key: str) -> str:
        """Make our comment on the job's change say what it should; what was done, in a word."""
        record = await self._work.ledger.job(key)
        if record is None or record.job.change is None:
            return "no change"
        source = self._work.source(record.job.source)
        standing = await self._work.ledger.advice(record.job.change.id)
        if standing and standing.state in {"removed", "refused"}:
            return standing.state
        body, bug = await self._body(record.job.change.id, standing, source)
        if body is None:
            return "silent"
        try:
            return await self._stand(record.job, record.job.change.id, bug, safe(body), standing, source)
        except Refused as error:
            log.info("advice.refused", change=record.job.change.id, says=str(error))
            await self._work.ledger.put_advice(record.job, bug, body, state="refused")
            return "refused"

    # ------------------------------------------------------------------------------------------ the text

    async def _body(self, change: str, standing: AdviceRecord | None, source: Source) -> tuple[str | None, str | None]:
        """What the comment should say, and the Bug that it is mostly about; None where nothing is to be said.

        Where advice stands and a human's word has made every job's decision silent, it is taken back in place.
        """
        rows = latest(await self._work.ledger.jobs_of_change(change))
        speaking = [row for row in rows if row.decision and row.decision.change is ChangeAnswer.ADVISE]
        markdown = source.markdown
        if speaking:
            groups = by_bug(speaking)[:MOST_BUGS]
            texts = [await self._one(group, markdown=markdown) for group in groups]
            return words.joined(texts), groups[0][0].bug
        if standing and standing.state == "standing":
            why = next((row.decision.change_reason for row in rows if row.decision and _ordered(row.decision)), None)
            if why:
                return words.withdrawn(why, markdown=markdown), standing.bug
        return None, None

    async def _one(self, group: Sequence[JobRecord], *, markdown: bool) -> str:
        """The advice about one Bug, or one job that has none."""
        record = group[0]
        analysis = await self._work.ledger.analysis(record.job.key)
        if analysis is None or record.decision is None:
            raise Permanent(f"the ledger no longer holds {record.job.key}")
        history = await self._work.ledger.history(record.bug or "", None, record.job.project)
        judgement = hindsight(analysis.judgement, history)
        more = f" and {len(group) - 1} more" if len(group) > 1 else ""
        return rendered(
            judgement,
            record.decision,
            job=f"{record.job.name}{more}",
            job_url=record.job.url,
            fingerprint=analysis.fingerprint,
            report=await self._report(record, judgement),
            green=history.fix.green if history.fix else 0,
            home=self._work.rules.sender.home,
            markdown=markdown,
        )

    async def _report(self, record: JobRecord, judgement: Judgement) -> Report | None:
        """The draft that the advice offers, where there is one."""
        bug = await self._work.ledger.bug(record.bug) if record.bug else None
        if bug is None:
            return None
        tracker = judgement.verdict.tracker
        kept = await self._work.ledger.report(bug.key, "open", tracker.url if tracker else "")
        return kept.report if kept else None

    # ------------------------------------------------------------------------------------------ the comment

    async def _stand(
        self, job: Job, change: str, bug: str | None, body: str, standing: AdviceRecord | None, source: Source
    ) -> str:
        """Make the body stand as our one comment."""
        if await self._work.budgets.silent():
            if standing is None or standing.state == "shadow":
                await self._work.ledger.put_advice(job, bug, body, state="shadow")
            return "shadow"
        intent = await self._work.ledger.intend("advice", change)
        there = await source.advice_on(job)
        if there is None and intent.result is not None and source.removable:
            await self._work.ledger.put_advice(job, bug, body, state="removed", posted_id=intent.result)
            return "removed"
        if there and (
            same(there.body, body) or (standing and standing.state == "standing" and same(standing.body, body))
        ):
            await self._stands(job, change, bug, body, there)
            return "stands"
        return await self._post(job, change, bug, body, there, intent, source)

    async def _post(
        self,
        job: Job,
        change: str,
        bug: str | None,
        body: str,
        there: Posted | None,
        intent: Intent,
        source: Source,
    ) -> str:
        if there is None and intent.tries > 1:
            left = self._work.rules.grace_seconds - (self._work.clock() - intent.at).total_seconds()
            if left > 0 and intent.result is None:
                raise Transient("an earlier try may still be landing", retry_after=left)
            await self._work.ledger.refresh_intent("advice", change)
        kind = "edit" if there else "advice"
        await self._work.budgets.spend(kind, job.project, change, words.digest(body))
        posted = await source.advise(job, body, there)
        await self._stands(job, change, bug, body, posted)
        self._work.observe("post", kind=kind)
        log.info("advice.given", job=job.key, change=change, kind=kind)
        return kind

    async def _stands(self, job: Job, change: str, bug: str | None, body: str, posted: Posted) -> None:
        await self._work.ledger.finish_intent("advice", change, posted.id)
        await self._work.ledger.put_advice(job, bug, body, state="standing", posted_id=posted.id, url=posted.url)


def latest(rows: Sequence[JobRecord]) -> list[JobRecord]:
    """The last attempt of each job of the newest revision; `rows` are the latest first.

    A slow job of an older commit that ends after the newer commit's says nothing any more.
    """
    revision = rows[0].job.change.revision if rows and rows[0].job.change else ""
    of_change = [row for row in rows if row.job.change and row.job.change.revision == revision]
    of_head = [row for row in of_change if row.job.revision == revision]
    kept: dict[tuple[str, str], JobRecord] = {}
    for row in of_head or of_change:
        name = (row.job.pipeline, row.job.name)
        if name not in kept or row.job.attempt > kept[name].job.attempt:
            kept[name] = row
    return sorted(kept.values(), key=lambda row: (row.job.pipeline, row.job.name))


def by_bug(rows: Sequence[JobRecord]) -> list[list[JobRecord]]:
    """The jobs that say the same thing together: those of one Bug, and without one those of one fingerprint."""
    groups: dict[Any, list[JobRecord]] = {}
    for row in rows:
        groups.setdefault(row.bug or row.fingerprint or row.job.key, []).append(row)
    return list(groups.values())


def same(one: str, other: str) -> bool:
    """Whether two texts read the same; forges change line ends and trailing space."""
    return [line.rstrip() for line in one.strip().splitlines()] == [
        line.rstrip() for line in other.strip().splitlines()
    ]


def _ordered(decision: Decision) -> bool:
    """Whether the silence was a human's order."""
    return decision.change is ChangeAnswer.SILENT and " said " in decision.change_reason
