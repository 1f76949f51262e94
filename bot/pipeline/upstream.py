"""Adding upstream what is missing: threads, comments, the opening text; and what became of requests cut short.

A forge has no idempotency key: whatever is created there is announced in the ledger first (an intent). Who finds an
intent without a result waits until any request of that time must have landed, and looks for its marker by listing,
never by search, whose index lags.
"""

from __future__ import annotations

from datetime import timedelta

import structlog
from msgspec.structs import replace

from bot.errors import Refused, Transient
from bot.model import Decision, Recipient, Report, Thread, UpstreamAnswer
from bot.pipeline import words
from bot.pipeline.budgets import BreakerOpen
from bot.pipeline.consent import thread
from bot.pipeline.records import BugRecord, ThreadRecord
from bot.pipeline.work import Work, safe
from bot.ports import Posted, Tracker
from bot.render import markers

log = structlog.get_logger(__name__)

MARGIN = timedelta(minutes=10)
"""Clocks of forges and ours differ."""


class Upstream:
    """Acts on trackers."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def act(
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

    async def settle(self, bug: BugRecord) -> None:
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
        intent = await self._work.ledger.intend("open", bug.key)
        if intent.result is not None:  # opened once, whatever became of it since
            return
        if intent.tries > 1:
            raise Transient("an earlier try may still be landing", retry_after=self._work.rules.grace_seconds)
        try:  # after the intent: a write that was spent for nothing would be taken for the recipient's one of today
            await self._work.budgets.spend("open", recipient.name, report.tracker, bug.key)
        except (Transient, BreakerOpen):
            await self._work.ledger.drop_intent("open", bug.key)
            raise
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
