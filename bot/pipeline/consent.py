"""Who owns a tracker and what may be said there, from what the forge says today and what the ledger remembers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from bot.model import Recipient, Thread
from bot.pipeline.records import BugRecord
from bot.pipeline.work import Work
from bot.ports import Found, Tracker
from bot.render import markers

DAY = timedelta(days=1)
CLOSED_FOR = timedelta(days=30)
"""A refused channel is tried again after so long: an App may have been installed since."""
LOOK_BACK = timedelta(days=365)
RECENT = timedelta(days=180)
"""People's issues that were closed longer ago say little about today's bug."""


LONG_NAME = 10
_QUOTED = re.compile(r"['\"`]([A-Za-z_][\w.]{3,60})['\"`]")


class Consent:
    """Asks trackers, remembers refusals."""

    def __init__(self, work: Work) -> None:
        self._work = work

    async def recipient(self, url: str, bug: BugRecord, *, search: bool) -> tuple[Tracker, Recipient] | None:
        """The tracker's adapter and its owner with everything that stands there; None where no adapter takes the URL.

        `search` looks for people's issues too.
        """
        tracker = self._work.tracker(url)
        if tracker is None:
            return None
        now = self._work.clock()
        live = await tracker.recipient(url)
        refused, drafts = await self._work.ledger.consent(live.name)
        closed = await self._work.ledger.closed_channels(live.name, now - CLOSED_FOR)
        return tracker, replace(
            live,
            channel="link" if live.channel in closed else live.channel,
            refused=refused or live.refused,
            draft_only=drafts or live.draft_only,
            opened_today=await self._work.ledger.written(since=now - DAY, kind="open", recipient=live.name),
            commented_today=await self._work.ledger.written(since=now - DAY, kind="comment", recipient=live.name),
            stands=tuple(await self.stands(tracker, url, bug, now, search=search)),
        )

    async def stands(
        self, tracker: Tracker, url: str, bug: BugRecord, now: datetime, *, search: bool
    ) -> Sequence[Thread]:
        """The issues on a tracker that are this Bug's: by its visible fingerprint, or by its words where people wrote."""
        found: dict[str, Found] = {}
        for fingerprint in bug.fingerprints or (str(bug.fingerprint),):
            for issue in await tracker.standing(url, fingerprint, now - LOOK_BACK):
                found.setdefault(issue.url, issue)
        words = telling_words(bug)
        if search and not found and len(words) > 1:
            for issue in await tracker.search(url, words, now - RECENT):
                if issue.by_human and not markers.ours(issue.body):
                    found.setdefault(issue.url, issue)
        known = {record.thread.url: record.thread for record in await self._work.ledger.threads_of(bug.key)}
        return [known.get(issue.url) or thread(issue, url) for issue in found.values()]


def telling_words(bug: BugRecord) -> tuple[str, ...]:
    """What an issue about the Bug would name: the exception, and the static fact or the names that its message quotes.

    One short name is in many issues, so without the fact it takes two names, or a long one.
    """
    root = bug.judgement.root
    if root is None:
        return ()
    exception = root.failure.exception.rpartition(".")[2]
    if root.symbol:
        return (exception, root.symbol.rpartition(".")[2].partition("(")[0])
    names = tuple(dict.fromkeys(_QUOTED.findall(root.failure.message.split("\n", 1)[0])))
    return (exception, *names[:3]) if len(names) > 1 or any(len(name) >= LONG_NAME for name in names) else ()


def thread(issue: Found, tracker: str) -> Thread:
    """The issue as a thread."""
    return Thread(
        url=issue.url,
        tracker=tracker,
        state=state_of(issue),
        by_human=issue.by_human,
        opened_at=issue.created_at,
    )


def state_of(issue: Found) -> str:
    """open, fixed, refused, duplicate, or closed where the forge says no more."""
    if issue.state == "open":
        return "open"
    return {"completed": "fixed", "not_planned": "refused", "duplicate": "duplicate"}.get(issue.closed_as, "closed")


def outcome_of(state: str) -> str:
    """What a thread's state says of our report, for the public ledger."""
    return {"fixed": "confirmed", "refused": "refused", "duplicate": "duplicate"}.get(state, "silent")
