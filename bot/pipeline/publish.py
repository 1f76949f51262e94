"""Upstream: what should stand there, against what stands there.

Theory: a decision that was right before a crash may be stale after it, so nothing that is decided is carried over a
restart. The sighting is recorded first. Then one step, which runs again from its beginning whenever it was cut short,
reads the ledger, asks the tracker, decides, and adds what is missing. A forge has no idempotency key: whatever is
created there is announced in the ledger first (an intent). Who finds an intent without a result waits until any
request of that time must have landed, and looks for its marker by listing, never by search, whose index lags.

Everything about one culprit runs one at a time (`jobs.lane`), so two jobs never make two threads of one Bug.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog

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
    Thread,
    Trust,
    UpstreamAnswer,
)
from bot.pipeline import words
from bot.pipeline.blame import blamed
from bot.pipeline.budgets import BreakerOpen
from bot.pipeline.consent import Consent, thread
from bot.pipeline.durable import Failed
from bot.pipeline.jobs import ADVICE, BUGS, lane
from bot.pipeline.records import AnalysisRecord, BugRecord, JobRecord, ThreadRecord
from bot.pipeline.values import to_json
from bot.pipeline.work import Work, safe
from bot.policy import decide
from bot.ports import Posted, Tracker
from bot.render import markers
from bot.render.report import report as rendered

log = structlog.get_logger(__name__)

MARGIN = timedelta(minutes=10)
"""Clocks of forges and ours differ."""
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
            await self._settle(bug)
        for _ in range(ROUNDS):
            tracker, recipient, decision, report = await self._decide(record, analysis, bug)
            if bug is None or tracker is None or recipient is None or report is None:
                return dict(to_json(decision))
            try:
                await self._act(bug, tracker, recipient, decision, report)
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
            bug = replace(bug, judgement=blamed(bug.judgement, history))
        judgement = blamed(analysis.judgement, history)
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

    async def _act(
        self, bug: BugRecord, tracker: Tracker, recipient: Recipient, decision: Decision, report: Report
    ) -> None:
        """Add what is missing. Raises `Refused` where the channel is closed, `Transient` where it is to be tried again."""
        if decision.thread and await self._work.ledger.thread(decision.thread) is None:
            await self._adopt(bug, recipient, decision.thread)
        silent = await self._work.budgets.silent()
        if decision.upstream is UpstreamAnswer.COMMENT and decision.thread:
            await self._comment(bug, tracker, recipient, decision, report, silent=silent)
        if silent:
            return
        if decision.upstream is UpstreamAnswer.OPEN:
            await self._open(bug, tracker, recipient, report)
        await self._refresh(bug, tracker, recipient, report)

    async def _adopt(self, bug: BugRecord, recipient: Recipient, url: str) -> None:
        """Tie to the Bug what was found standing on the tracker."""
        found = next((row for row in recipient.stands if row.url == url), None)
        if found:
            how = "joined" if found.by_human else "adopted"
            await self._work.ledger.adopt(bug.key, found, how=how, recipient=recipient.name)
            log.info("thread.adopted", bug=bug.key, thread=url, by_human=found.by_human)

    async def _settle(self, bug: BugRecord) -> None:
        """Find out what came of a request that was cut short, before anything is decided.

        Raises `Transient` while it may still be landing.
        """
        intent = await self._work.ledger.pending("open", bug.key)
        tracker = self._work.tracker(bug.tracker) if bug.tracker else None
        if intent and tracker and bug.tracker:
            self._grace((self._work.clock() - intent.at).total_seconds())
            landed = await self._landed(bug, tracker, bug.tracker)
            if landed is None:
                await self._work.ledger.drop_intent("open", bug.key)
            else:
                await self._opened(bug, landed, await tracker.recipient(bug.tracker))
        for record in await self._work.ledger.threads_of(bug.key):
            await self._settle_comment(bug, record)

    async def _settle_comment(self, bug: BugRecord, record: ThreadRecord) -> None:
        key = news_key(record)
        url = record.thread.url
        intent = await self._work.ledger.pending("comment", key)
        tracker = self._work.tracker(record.thread.tracker)
        if intent is None or tracker is None:
            return
        self._grace((self._work.clock() - intent.at).total_seconds())
        note = words.digest(key)
        for row in await tracker.comments(url, bug.created_at - MARGIN):
            if note in markers.notes(row.body, str(bug.fingerprint)):
                await self._said(url, key, row)
                return
        await self._work.ledger.drop_intent("comment", key)

    async def _open(self, bug: BugRecord, tracker: Tracker, recipient: Recipient, report: Report) -> None:
        await self._work.budgets.spend("open", recipient.name, report.tracker, bug.key)
        intent = await self._work.ledger.intend("open", bug.key)
        if intent.result is not None:  # opened once, whatever became of it since
            return
        if intent.tries > 1:
            raise Transient("an earlier try may still be landing", retry_after=self._work.rules.grace_seconds)
        try:
            opened = await tracker.open(report)
        except Refused:  # the forge said no: nothing was created, and the next channel begins anew
            await self._work.ledger.drop_intent("open", bug.key)
            raise
        await self._opened(bug, opened, recipient, report.title)
        self._work.observe("post", kind="open")
        log.info("issue.opened", bug=bug.key, thread=opened.url)

    async def _opened(self, bug: BugRecord, opened: Thread, recipient: Recipient, title: str = "") -> None:
        how = "joined" if opened.by_human else "opened"
        await self._work.ledger.adopt(bug.key, opened, how=how, recipient=recipient.name, title=title)
        await self._work.ledger.finish_intent("open", bug.key, opened.url)

    async def _landed(self, bug: BugRecord, tracker: Tracker, url: str) -> Thread | None:
        """The oldest issue that carries the Bug's fingerprint: a request that was cut short landed after all."""
        for fingerprint in bug.fingerprints or (str(bug.fingerprint),):
            rows = await tracker.standing(url, fingerprint, bug.created_at - MARGIN)
            if rows:
                return thread(min(rows, key=lambda issue: issue.created_at or self._work.clock()), url)
        return None

    def _grace(self, age: float) -> None:
        """Raise `Transient` until any request of an earlier try has landed or never will."""
        left = self._work.rules.grace_seconds - age
        if left > 0:
            raise Transient("an earlier try may still be landing", retry_after=left)

    async def _comment(
        self,
        bug: BugRecord,
        tracker: Tracker,
        recipient: Recipient,
        decision: Decision,
        report: Report,
        *,
        silent: bool,
    ) -> None:
        """Say the news once: everybody who sees the same state of the thread means the same comment."""
        url = str(decision.thread)
        standing = await self._work.ledger.thread(url)
        if standing is None:
            return
        key = news_key(standing)
        note = words.digest(key)
        history = await self._work.ledger.history(bug.key)
        body = safe(
            words.facts(report.body, bug.fingerprint, note)
            if standing.thread.by_human
            else words.news(bug.fingerprint, decision.upstream_reason, history.occurrences, note)
        )
        text = replace(report, body=body, tracker=url, prefilled="")
        state, why = ("shadow" if silent else "posted"), decision.upstream_reason
        if not silent:
            await self._work.budgets.spend("comment", recipient.name, url, key)
            if (await self._work.ledger.intend("comment", key)).tries > 1:
                raise Transient("an earlier try may still be landing", retry_after=self._work.rules.grace_seconds)
            await self._said(url, key, await tracker.comment(url, body))
            self._work.observe("post", kind="comment")
            log.info("thread.commented", bug=bug.key, thread=url)
        await self._work.ledger.put_report(bug.key, "comment", url, text, state=state, reason=why)

    async def _said(self, url: str, key: str, posted: Posted) -> None:
        await self._work.ledger.finish_intent("comment", key, posted.url or posted.id)
        await self._work.ledger.update_thread(url, commented_at=self._work.clock())

    async def _refresh(self, bug: BugRecord, tracker: Tracker, recipient: Recipient, report: Report) -> None:
        """Keep the opening text of our own thread as today's report, where the public projects in it changed."""
        for record in await self._work.ledger.threads_of(bug.key):
            told = {"text": words.digest(report.body), "projects": projects(report.body)}
            if record.how != "opened" or record.thread.state != "open" or record.thread.tracker != report.tracker:
                continue
            if record.told.get("projects", told["projects"]) != told["projects"]:
                await self._work.budgets.spend("edit", recipient.name, record.thread.url, told["text"])
                await self._edited(tracker, record.thread.url, report)
            await self._work.ledger.posted_report(bug.key, "open", report.tracker, record.thread.url, report.body)
            if record.told != told:
                await self._work.ledger.update_thread(record.thread.url, told=told)

    async def _edited(self, tracker: Tracker, url: str, report: Report) -> None:
        """Edit, where we may; an edit that is refused is no reason to open anything elsewhere."""
        try:
            await tracker.edit(url, report.body)
        except Refused as error:
            log.info("thread.edit_refused", thread=url, says=str(error))
            return
        self._work.observe("post", kind="edit")


def news_key(record: ThreadRecord) -> str:
    """What a comment with news is known by: everybody who sees the thread as it stands means the same comment."""
    said = record.thread.commented_at or record.thread.opened_at
    return f"{record.thread.url}@{said.isoformat() if said else 'never'}"


def projects(body: str) -> str:
    """The part of a report that grows: the list of who met it."""
    return words.digest(body.partition("### Seen in")[2].partition("---")[0])


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
