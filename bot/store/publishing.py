"""What is said upstream and on changes: intents, texts, threads, budgets, and who wants to hear nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Job, Report, Thread
from bot.pipeline.records import AdviceRecord, Intent, ReportRecord, Spent, ThreadRecord
from bot.store.base import Part, insert_new, insert_or_update
from bot.store.bugs import thread_of
from bot.store.tables import advice, channels, intents, recipients, reports, threads, writes

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BUDGET_LOCK = 0x7570_7277  # "uprw": spending is counted by one replica at a time
LIVE = ("shadow", "draft", "held")


class Publishing(Part):
    """What we say."""

    # ------------------------------------------------------------------------------------------ intents

    async def intend(self, kind: str, key: str) -> Intent:
        """Note that something is about to be created. `tries` is 1 for the one who noted it first."""
        async with self.database.writing() as connection:
            await insert_new(connection, intents, {"kind": kind, "key": key, "at": self.clock(), "tries": 0})
            query = select(intents).where(intents.c.kind == kind, intents.c.key == key).with_for_update()
            row = (await connection.execute(query)).one()
            if row.result is None and row.tries == 0:
                await connection.execute(
                    update(intents).where(intents.c.kind == kind, intents.c.key == key).values(tries=1)
                )
                return Intent(at=row.at, tries=1, result=None)
            return Intent(at=row.at, tries=row.tries + 1, result=row.result)

    async def pending(self, kind: str, key: str) -> Intent | None:
        """An intent of which nobody knows what came of it, or None."""
        query = select(intents).where(intents.c.kind == kind, intents.c.key == key, intents.c.result.is_(None))
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Intent(at=row.at, tries=row.tries, result=None) if row else None

    async def refresh_intent(self, kind: str, key: str) -> None:
        """Note that it is tried again, from now on."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(intents)
                .where(intents.c.kind == kind, intents.c.key == key)
                .values(at=self.clock(), tries=intents.c.tries + 1)
            )

    async def finish_intent(self, kind: str, key: str, result: str) -> None:
        """Note what stands."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(intents)
                .where(intents.c.kind == kind, intents.c.key == key)
                .values(result=result, finished_at=self.clock())
            )

    async def drop_intent(self, kind: str, key: str) -> None:
        """Forget an intent of which it is sure that nothing was created; what it took of the budgets is given back."""
        async with self.database.writing() as connection:
            await connection.execute(
                intents.delete().where(intents.c.kind == kind, intents.c.key == key, intents.c.result.is_(None))
            )
            await connection.execute(writes.delete().where(writes.c.kind == kind, writes.c.cause == key))

    # ------------------------------------------------------------------------------------------ threads

    async def adopt(
        self, bug: str, thread: Thread, *, how: str = "adopted", recipient: str = "", title: str = ""
    ) -> None:
        """Tie a thread to a Bug. A thread stays with its first Bug."""
        values = {
            "url": thread.url,
            "bug": bug,
            "tracker": thread.tracker,
            "recipient": recipient,
            "title": title,
            "state": thread.state,
            "closed_as": "",
            "outcome": "silent",
            "by_human": thread.by_human,
            "how": how,
            "opened_at": thread.opened_at or self.clock(),
            "commented_at": thread.commented_at,
            "changed_at": self.clock(),
            "told": {},
        }
        async with self.database.writing() as connection:
            await insert_new(connection, threads, values)

    async def thread(self, url: str) -> ThreadRecord | None:
        """A thread, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(threads).where(threads.c.url == url))).one_or_none()
        return _thread(row) if row else None

    async def thread_at(self, place: str) -> ThreadRecord | None:
        """The thread at a URL, or at a place as forges spell it (`owner/repo#12`), or None."""
        repository, mark, number = place.partition("#")
        names = {place} if "://" in place or not mark else set()
        query = select(threads).where(threads.c.url.in_(names))
        if mark and not names:
            endings = [f"/{repository}/{kind}/{number}" for kind in ("issues", "pull")]
            query = select(threads).where(or_(*(threads.c.url.endswith(end, autoescape=True) for end in endings)))
        async with self.database.reading() as connection:
            row = (await connection.execute(query.limit(1))).one_or_none()
        return _thread(row) if row else None

    async def threads_of(self, bug: str) -> Sequence[ThreadRecord]:
        """A Bug's threads, the oldest first."""
        query = select(threads).where(threads.c.bug == bug).order_by(threads.c.opened_at, threads.c.url)
        async with self.database.reading() as connection:
            return [_thread(row) for row in await connection.execute(query)]

    async def threads_due(self, before: datetime, limit: int = 50) -> Sequence[ThreadRecord]:
        """Threads that nobody looked at since then, those never looked at first."""
        query = (
            select(threads)
            .where(threads.c.checked_at.is_(None) | (threads.c.checked_at < before))
            .order_by(threads.c.checked_at.is_not(None), threads.c.checked_at)
            .limit(limit)
        )
        async with self.database.reading() as connection:
            return [_thread(row) for row in await connection.execute(query)]

    async def threads_opened(self, since: datetime) -> Sequence[ThreadRecord]:
        """The threads that we opened since then."""
        query = select(threads).where(threads.c.how == "opened", threads.c.opened_at > since, threads.c.state == "open")
        async with self.database.reading() as connection:
            return [_thread(row) for row in await connection.execute(query.order_by(threads.c.opened_at))]

    async def update_thread(self, url: str, **values: Any) -> None:
        """Record how a thread stands: any of its columns but the URL and the Bug."""
        if "state" in values:
            values = {"changed_at": self.clock(), **values}
        async with self.database.writing() as connection:
            await connection.execute(update(threads).where(threads.c.url == url).values(**values))

    async def untie(self, url: str) -> None:
        """Part a thread from its Bug: it was filed by mistake."""
        async with self.database.writing() as connection:
            await connection.execute(threads.delete().where(threads.c.url == url))

    # ------------------------------------------------------------------------------------------ texts

    async def put_report(self, bug: str, kind: str, target: str, report: Report, *, state: str, reason: str) -> int:
        """Keep the exact text that would be posted; the latest wins, and what was posted is kept. Its number."""
        values = {
            "title": report.title,
            "body": report.body,
            "prefilled": report.prefilled,
            "fingerprint": report.fingerprint,
            "state": state,
            "reason": reason,
            "updated_at": self.clock(),
        }
        where = (reports.c.bug == bug, reports.c.kind == kind, reports.c.target == target)
        fixed = {"bug": bug, "kind": kind, "target": target, "created_at": self.clock()}
        async with self.database.writing() as connection:
            if not await insert_new(connection, reports, {**values, **fixed}):
                live = () if state == "posted" else (reports.c.state.in_(LIVE),)
                await connection.execute(update(reports).where(*where, *live).values(**values))
            return int((await connection.execute(select(reports.c.id).where(*where))).scalar_one())

    async def report(self, bug: str, kind: str, target: str) -> ReportRecord | None:
        """The text kept for a target, or None."""
        query = select(reports).where(reports.c.bug == bug, reports.c.kind == kind, reports.c.target == target)
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _report(row) if row else None

    async def posted_report(self, bug: str, kind: str, target: str, url: str, body: str) -> None:
        """Record that a text was posted, and where."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(reports)
                .where(reports.c.bug == bug, reports.c.kind == kind, reports.c.target == target)
                .values(state="posted", posted_url=url, body=body, updated_at=self.clock())
            )

    async def judge_text(self, table: str, key: int | str, *, right: bool, actor: str) -> None:
        """Record a human's mark on what the quiet start would have posted: `reports` by number, `advice` by change."""
        target, column = (reports, reports.c.id) if table == "reports" else (advice, advice.c.change_id)
        async with self.database.writing() as connection:
            await connection.execute(
                update(target).where(column == key).values(judged_right=right, judged_by=actor, judged_at=self.clock())
            )

    async def advice(self, change: str) -> AdviceRecord | None:
        """Our comment on a change, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(advice).where(advice.c.change_id == change))).one_or_none()
        return _advice(row) if row else None

    async def put_advice(
        self,
        job: Job,
        bug: str | None,
        body: str,
        *,
        state: str,
        posted_id: str | None = None,
        url: str | None = None,
    ) -> None:
        """Record our comment on the job's change as it stands, or would stand."""
        if job.change is None:
            return
        now = self.clock()
        values = {
            "change_id": job.change.id,
            "source": job.source,
            "project": job.project,
            "private": job.private,
            "job": job.key,
            "bug": bug,
            "body": body,
            "state": state,
            "posted_id": posted_id,
            "url": url,
            "created_at": now,
            "updated_at": now,
        }
        changed = {name: value for name, value in values.items() if name not in {"change_id", "created_at"}}
        async with self.database.writing() as connection:
            await insert_or_update(connection, advice, values, key=("change_id",), update=changed)

    async def advised(self, bug: str) -> Sequence[AdviceRecord]:
        """Our comments on the changes that hit a Bug."""
        async with self.database.reading() as connection:
            return [_advice(row) for row in await connection.execute(select(advice).where(advice.c.bug == bug))]

    # ------------------------------------------------------------------------------------------ budgets

    async def spend(self, kind: str, recipient: str, target: str, cause: str, *, hourly: int, opens: int) -> Spent:
        """Take one write out of the budgets, once for each cause; or say when to ask again.

        `hourly` bounds all writes of an hour; `opens` bounds new threads of an hour, and going over it is for a human.
        """
        async with self.database.writing() as connection:
            await _alone(connection)
            done = select(writes.c.id).where(writes.c.kind == kind, writes.c.target == target, writes.c.cause == cause)
            if await connection.scalar(done):
                return Spent(granted=True)
            refused = await self._refused(connection, kind, hourly=hourly, opens=opens)
            if refused:
                return refused
            await insert_new(
                connection,
                writes,
                {"at": self.clock(), "kind": kind, "recipient": recipient, "target": target, "cause": cause},
            )
        return Spent(granted=True)

    async def _refused(self, connection: AsyncConnection, kind: str, *, hourly: int, opens: int) -> Spent | None:
        since = self.clock() - HOUR
        query = select(func.count(), func.min(writes.c.at)).where(writes.c.at > since)
        count, oldest = (await connection.execute(query)).one()
        if count >= hourly:
            wait = (oldest + HOUR - self.clock()).total_seconds() if oldest else HOUR.total_seconds()
            return Spent(granted=False, retry_after=max(1.0, wait), reason=f"{count} writes in the last hour")
        opened = await connection.scalar(query.with_only_columns(func.count()).where(writes.c.kind == "open"))
        if kind == "open" and (opened or 0) >= opens:
            return Spent(granted=False, retry_after=0.0, reason=f"{opened} threads opened in the last hour")
        return None

    async def written(self, *, since: datetime, kind: str | None = None, recipient: str | None = None) -> int:
        """How much was written since then."""
        query = select(func.count()).select_from(writes).where(writes.c.at > since)
        if kind:
            query = query.where(writes.c.kind == kind)
        if recipient:
            query = query.where(writes.c.recipient == recipient)
        async with self.database.reading() as connection:
            return int(await connection.scalar(query) or 0)

    # ------------------------------------------------------------------------------------------ consent

    async def refuse(
        self, recipient: str, *, by: str, refused: str | None = None, draft_only: str | None = None
    ) -> None:
        """Remember that a recipient wants nothing, or drafts only. The first reason stands."""
        values = {"name": recipient, "refused": refused, "draft_only": draft_only, "by": by, "at": self.clock()}
        update_ = {
            "refused": func.coalesce(recipients.c.refused, refused),
            "draft_only": func.coalesce(recipients.c.draft_only, draft_only),
        }
        async with self.database.writing() as connection:
            await insert_or_update(connection, recipients, values, key=("name",), update=update_)

    async def consent(self, recipient: str) -> tuple[str | None, str | None]:
        """(why nothing may be written there, why drafts only), as remembered."""
        query = select(recipients.c.refused, recipients.c.draft_only).where(recipients.c.name == recipient)
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return (row.refused, row.draft_only) if row else (None, None)

    async def permit(self, recipient: str) -> None:
        """Take a refusal back."""
        async with self.database.writing() as connection:
            await connection.execute(recipients.delete().where(recipients.c.name == recipient))

    async def close_channel(self, recipient: str, channel: str, reason: str) -> None:
        """Remember that a forge does not let us in by that channel."""
        values = {"recipient": recipient, "channel": channel, "reason": reason, "at": self.clock()}
        async with self.database.writing() as connection:
            await insert_new(connection, channels, values)

    async def closed_channels(self, recipient: str, since: datetime) -> frozenset[str]:
        """The channels that were refused since then; older refusals are worth another try."""
        query = select(channels.c.channel).where(channels.c.recipient == recipient, channels.c.at > since)
        async with self.database.reading() as connection:
            return frozenset(await connection.scalars(query))


async def _alone(connection: AsyncConnection) -> None:
    """Count alone: SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": BUDGET_LOCK})


def _thread(row: Row[Any]) -> ThreadRecord:
    return ThreadRecord(
        thread=thread_of(row),
        bug=row.bug,
        recipient=row.recipient,
        title=row.title,
        how=row.how,
        checked_at=row.checked_at,
        fixed_in=row.fixed_in,
        told=row.told,
    )


def _report(row: Row[Any]) -> ReportRecord:
    return ReportRecord(
        id=row.id,
        bug=row.bug,
        kind=row.kind,
        target=row.target,
        report=Report(
            title=row.title,
            body=row.body,
            tracker=row.target,
            fingerprint=row.fingerprint,
            prefilled=row.prefilled,
        ),
        state=row.state,
        reason=row.reason,
        updated_at=row.updated_at,
        posted_url=row.posted_url,
    )


def _advice(row: Row[Any]) -> AdviceRecord:
    return AdviceRecord(
        change=row.change_id,
        job=row.job,
        bug=row.bug,
        body=row.body,
        state=row.state,
        posted_id=row.posted_id,
        url=row.url,
    )
