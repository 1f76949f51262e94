"""Upstream: what should stand there, against what stands there.

Theory: a decision that was right before a crash may be stale after it, so nothing that is decided is carried over a
restart. The sighting is recorded first. Then one step, which runs again from its beginning whenever it was cut short,
finds out what became of requests that were cut short, reads the ledger, asks the tracker, decides, and adds what is
missing (`bot.pipeline.upstream`).

Everything about one culprit runs one at a time (`jobs.lane`), so two jobs never make two threads of one Bug.
"""

from __future__ import annotations

from typing import Any

import structlog
from msgspec.structs import replace

from bot.errors import Permanent, Refused, Transient
from bot.fingerprint import Grouper
from bot.model import (
    Action,
    Decision,
    Fingerprint,
    History,
    Judgement,
    Kind,
    Occurrence,
    Reading,
    Recipient,
    Report,
    Trust,
    UpstreamAnswer,
)
from bot.pipeline import words
from bot.pipeline.budgets import BreakerOpen
from bot.pipeline.consent import Consent
from bot.pipeline.durable import Failed
from bot.pipeline.hindsight import hindsight
from bot.pipeline.jobs import ADVICE, BUGS, lane
from bot.pipeline.records import AnalysisRecord, BugRecord, JobRecord
from bot.pipeline.upstream import Upstream
from bot.pipeline.values import to_json
from bot.pipeline.work import Work, safe
from bot.policy import decide
from bot.ports import Tracker
from bot.render.report import report as rendered

log = structlog.get_logger(__name__)

ROUNDS = 4
"""A refused channel or a tripped breaker means deciding again; each can happen once or twice."""

MOST_TOLD = 50
"""Changes told of a new thread at once; the others are when they fail next."""

_KEPT = {UpstreamAnswer.DRAFT: "draft", UpstreamAnswer.HOLD: "held", UpstreamAnswer.OPEN: "shadow"}


class Publish:
    """From an analysed job to its Bug, and to what is said about it upstream."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._consent = Consent(work)
        self._tracker = Upstream(work)

    async def publish(self, key: str, cause: str = "") -> None:
        """The workflow: record, look and decide and post, then have the change advised.

        Advice does not wait for a tracker that is away: it is given with what is known, and again when more is.
        """
        bug = await self._work.durable.do("record", lambda: self._record(key))
        first = await self._work.durable.attempt("upstream", lambda: self._upstream(key, bug))
        waits = first["is"] == "transient"
        failed: Failed | None = None
        if waits:
            await self._advise(key, f"{cause}/early")
        try:
            await self._work.durable.do("upstream", lambda: self._upstream(key, bug), first)
        except Failed as error:  # the change hears what is known all the same
            failed = error
        await self._advise(key, cause)
        for other in await self._work.durable.do("waiting", lambda: self._waiting(bug)):
            again = f"{other['key']}/thread/{words.digest(other['thread'])}"
            await self._work.engine.submit(
                BUGS, "publish", f"publish/{again}", other["key"], "/thread", key=other["lane"]
            )
        await self._work.durable.do("end", lambda: self._end(key, failed))
        if failed:
            raise failed

    async def _waiting(self, bug: str | None) -> list[dict[str, str]]:
        """The jobs whose changes were advised before the Bug had its thread: they are told where it is."""
        record = await self._work.ledger.bug(bug) if bug else None
        threads = await self._work.ledger.threads_of(record.key) if record else ()
        if record is None or not threads:
            return []
        advised = await self._work.ledger.advised(record.key)
        told = [await self._work.ledger.job(row.job) for row in advised if row.state == "standing"]
        return [
            {"key": row.job.key, "thread": threads[0].thread.url, "lane": lane(row.job, record.judgement)}
            for row in told
            if row and row.decision and row.decision.thread is None
        ][:MOST_TOLD]

    async def _advise(self, key: str, cause: str) -> None:
        change = await self._work.durable.do("change", lambda: self._change(key))
        if change:
            await self._work.engine.submit(ADVICE, "advise", f"advise/{key}{cause}", key, key=change)

    async def _change(self, key: str) -> str | None:
        record = await self._work.ledger.job(key)
        return record.job.change.id if record and record.job.change else None

    async def _end(self, key: str, failed: Failed | None) -> None:
        await self._work.ledger.set_job(key, "buried" if failed else "done", failed.says if failed else "")
        self._work.observe("job", state="buried" if failed else "done")
        log.info("job.finished", job=key, state="buried" if failed else "done")

    # ------------------------------------------------------------------------------------------ record

    async def _record(self, key: str) -> str | None:
        """The Bug that the job shows, its sighting recorded; None where it shows none that is known.

        An untrusted job is no occurrence: it makes no Bug, and adds nothing to one.
        """
        record, analysis = await self._read(key)
        printed = analysis.fingerprint
        if printed is None or analysis.judgement.verdict.kind is not Kind.UPSTREAM:
            return None
        if record.job.trust is not Trust.TRUSTED:
            return await self._work.ledger.bug_of(str(printed))
        like = await self._like(analysis, printed)
        return await self._work.ledger.see(printed, analysis.judgement, occurrence(record, analysis), like)

    async def _like(self, analysis: AnalysisRecord, printed: Fingerprint) -> str | None:
        """The known Bug that the failure is another hit of, where it is alike enough and no human parted them."""
        root = analysis.judgement.root
        if root is None:
            return None
        parted = await self._work.ledger.apart(str(printed))
        family = [row for row in await self._work.ledger.family(printed.family) if row[0] not in parted]
        key = Grouper(family).add(root)
        return key if key != str(printed) and any(row[0] == key for row in family) else None

    async def _read(self, key: str) -> tuple[JobRecord, AnalysisRecord]:
        record = await self._work.ledger.job(key)
        analysis = await self._work.ledger.analysis(key)
        if record is None or analysis is None:
            raise Permanent(f"the ledger no longer holds {key}")
        return record, analysis

    # ------------------------------------------------------------------------------------------ compare and add

    async def _upstream(self, key: str, bug_key: str | None) -> dict[str, Any]:
        """Make stand what should: the state-based step."""
        record, analysis = await self._read(key)
        bug = await self._work.ledger.bug(bug_key) if bug_key else None
        if bug:
            await self._tracker.settle(bug)
        for _ in range(ROUNDS):
            tracker, recipient, decision, report = await self._decide(record, analysis, bug)
            if bug is None or tracker is None or recipient is None or report is None:
                return dict(to_json(decision))
            try:
                await self._tracker.act(bug, tracker, recipient, decision, report)
            except Refused as error:
                log.info("channel.refused", recipient=recipient.name, channel=recipient.channel, says=str(error))
                await self._work.ledger.close_channel(recipient.name, recipient.channel, str(error))
                continue
            except BreakerOpen as error:
                log.warning("breaker.opened", says=str(error))
                self._work.observe("breaker")
                continue
            return dict(to_json(await self._with_thread(record, bug, decision)))
        raise Permanent("every way upstream was refused, and deciding again did not change it")

    async def _with_thread(self, record: JobRecord, bug: BugRecord, decision: Decision) -> Decision:
        """The decision with the thread that it led to, so that the advice can name it."""
        threads = await self._work.ledger.threads_of(bug.key)
        if decision.thread is not None or not threads:
            return decision
        decision = replace(decision, thread=threads[0].thread.url)
        await self._work.ledger.decide_job(record.job.key, bug.key, decision)
        await self._work.ledger.decide_bug(bug.key, decision)
        return decision

    async def _decide(
        self, record: JobRecord, analysis: AnalysisRecord, bug: BugRecord | None
    ) -> tuple[Tracker | None, Recipient | None, Decision, Report | None]:
        """What should stand, by all that is known now; recorded for the pages, with the text as it would be posted."""
        now = self._work.clock()
        job = record.job
        history = await self._work.ledger.history(
            bug.key if bug else "", job.change.id if job.change else None, job.project
        )
        if bug:
            bug = replace(bug, judgement=hindsight(bug.judgement, history))
        judgement = hindsight(analysis.judgement, history)
        budget = await self._work.budgets.left(now)
        try:
            found = await self._look(judgement, bug, history)
        except Transient:  # the change need not wait for the tracker
            await self._work.ledger.decide_job(
                job.key, bug.key if bug else None, decide(judgement, job, history, None, budget, now)
            )
            raise
        tracker, recipient = found or (None, None)
        decision = decide(judgement, job, history, recipient, budget, now)
        if bug and job.trust is not Trust.TRUSTED:
            said = decide(bug.judgement, job, history, recipient, budget, now)
            decision = replace(
                decision, upstream=said.upstream, upstream_reason=said.upstream_reason, thread=said.thread
            )
        await self._work.ledger.decide_job(job.key, bug.key if bug else None, decision)
        if bug is None:
            return tracker, recipient, decision, None
        drafted = decision.upstream is UpstreamAnswer.DRAFT
        await self._work.ledger.decide_bug(bug.key, decision, drafted=drafted)
        report = await self._text(bug, history)
        if report and decision.upstream in _KEPT:
            await self._work.ledger.put_report(
                bug.key,
                "open",
                report.tracker,
                report,
                state=_KEPT[decision.upstream],
                reason=decision.upstream_reason,
            )
        self._work.observe("decision", change=decision.change.value, upstream=decision.upstream.value)
        return tracker, recipient, decision, report

    async def _look(
        self, judgement: Judgement, bug: BugRecord | None, history: History
    ) -> tuple[Tracker, Recipient] | None:
        """Ask the tracker, where anything could be due there at all."""
        verdict = bug.judgement.verdict if bug else judgement.verdict
        if bug is None or verdict.tracker is None or verdict.action is not Action.REPORT:
            return None
        try:
            return await self._consent.recipient(verdict.tracker.url, bug, search=not history.threads)
        except Permanent as error:  # no tracker that we can ask: a human may still report there
            log.info("tracker.closed", tracker=verdict.tracker.url, says=str(error))
            return None

    async def _text(self, bug: BugRecord, history: History) -> Report | None:
        """The report as it would be posted now, from the trusted job that shows the Bug best."""
        root = bug.judgement.root
        if root is None:
            return None
        shown = await self._work.ledger.analysis(bug.job)
        environment = (shown.reading if shown else Reading()).environment
        made = rendered(root, environment, bug.fingerprint, history.occurrences, sender=self._work.rules.sender)
        return replace(made, title=safe(made.title), body=safe(made.body), prefilled=safe(made.prefilled))


def occurrence(record: JobRecord, analysis: AnalysisRecord) -> Occurrence:
    """The job as a sighting."""
    job = record.job
    verdict = analysis.judgement.verdict
    environment = analysis.reading.environment
    named = [row.distribution for row in (verdict.culprit, verdict.trigger) if row]
    versions: dict[str, str | None] = {name: environment.version_of(name) for name in named}
    if verdict.culprit and verdict.culprit.version:
        versions[verdict.culprit.distribution] = verdict.culprit.version
    versions["python"] = environment.python
    return Occurrence(
        job=job.key,
        project=job.project,
        change=job.change.id if job.change else None,
        attempt=job.attempt,
        trust=job.trust,
        private=job.private,
        at=job.finished_at or record.received_at,
        url=job.url,
        versions=tuple((name, version) for name, version in versions.items() if version),
    )
