"""What the pages ask of the ledger: each query with the viewer's rights in its WHERE, so that nothing hidden leaves it.

Whether a viewer may see a Bug is a matter of its jobs: somebody who may see none of them does not see the Bug, and
what is shown of one (messages, frames, versions) comes from a job that the viewer may see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Decision, Fingerprint, Job, Judgement, Reading
from bot.pipeline.values import from_json
from bot.ports import Region
from bot.store.base import Part
from bot.store.bugs import mark_of
from bot.store.shown import OPEN, bug_row, job_row, thread_row
from bot.store.tables import (
    advice,
    analyses,
    bugs,
    buried,
    deliveries,
    delivery_counts,
    jobs,
    marks,
    occurrences,
    reports,
    threads,
)
from bot.views import (
    AdviceRow,
    BugRow,
    BugView,
    BuriedRow,
    CountRow,
    DeliveryRow,
    DistributionRow,
    FailureView,
    Filter,
    JobRow,
    LedgerSums,
    Overview,
    Page,
    ProjectRow,
    ReleaseRow,
    ReportRow,
    Standing,
    ThreadRow,
    Viewer,
)

MOST_ROWS = 500
"""Rows of a list that is shown whole."""
MOST_JOBS = 100
"""Jobs of one Bug that are listed."""

STOPPING = ("hold", "ignore", "stop", "not-upstream")
"""Orders of people that keep a Bug from being reported."""


class PageReads(Part):
    """Implements `bot.views.Reads`."""

    # ------------------------------------------------------------------------------------------ lists

    async def overview(self, viewer: Viewer) -> Overview:
        """The figures of the first page."""
        mine, now = _mine(viewer), self.clock()
        live = and_(bugs.c.merged_into.is_(None), _shown(viewer))
        opened = select(threads.c.bug).where(threads.c.state == OPEN)
        async with self.database.reading() as connection:
            kinds = await connection.execute(
                select(jobs.c.kind, func.count())
                .where(mine, jobs.c.kind.is_not(None), jobs.c.received_at > now - timedelta(days=7))
                .group_by(jobs.c.kind)
            )
            return Overview(
                jobs_today=await _count(connection, select(jobs.c.key).where(mine, _since(now, 1))),
                jobs_week=await _count(connection, select(jobs.c.key).where(mine, _since(now, 7))),
                bugs=await _count(connection, select(bugs.c.key).where(live)),
                threads=await _count(connection, select(bugs.c.key).where(live, bugs.c.key.in_(opened))),
                drafts=await _count(
                    connection,
                    select(bugs.c.key).where(live, bugs.c.drafted_at.is_not(None), ~_has_thread()),
                ),
                buried=await _count(connection, select(buried.c.id).where(buried.c.settled_at.is_(None))),
                kinds=tuple((row[0], row[1]) for row in kinds),
                last_delivery=await connection.scalar(select(func.max(deliveries.c.received_at))),
            )

    async def bugs(self, viewer: Viewer, wanted: Filter, page: Page) -> tuple[Sequence[BugRow], int]:
        """Bugs, the latest first, and how many there are."""
        query = select(bugs).where(bugs.c.merged_into.is_(None), _shown(viewer), *_narrowed(viewer, wanted))
        async with self.database.reading() as connection:
            rows = (await connection.execute(query.order_by(bugs.c.seen_at.desc(), bugs.c.key).limit(MOST_ROWS))).all()
            found = await self._rows(connection, viewer, rows)
        if wanted.standing:
            found = [row for row in found if row.standing == wanted.standing]
        first = (page.number - 1) * page.size
        return found[first : first + page.size], len(found)

    async def failures(self, viewer: Viewer, wanted: Filter, page: Page) -> tuple[Sequence[JobRow], int]:
        """Failing jobs, the latest first."""
        query = select(jobs).where(_mine(viewer))
        if wanted.kind:
            query = query.where(jobs.c.kind == wanted.kind)
        if wanted.project:
            query = query.where(jobs.c.project == wanted.project)
        if wanted.words:
            query = query.where(or_(*(_has(column, wanted.words) for column in (jobs.c.name, jobs.c.project))))
        async with self.database.reading() as connection:
            total = await _count(connection, query)
            rows = await connection.execute(
                query.order_by(jobs.c.received_at.desc(), jobs.c.key)
                .limit(page.size)
                .offset((page.number - 1) * page.size)
            )
            return [job_row(row) for row in rows], total

    async def threads(self, viewer: Viewer) -> Sequence[ThreadRow]:
        """Threads upstream, the latest first."""
        query = (
            select(threads, bugs.c.culprit)
            .join(bugs, bugs.c.key == threads.c.bug)
            .where(_shown(viewer))
            .order_by(func.coalesce(threads.c.opened_at, threads.c.checked_at).desc(), threads.c.url)
        )
        async with self.database.reading() as connection:
            return [thread_row(row) for row in await connection.execute(query.limit(MOST_ROWS))]

    async def ledger(self) -> LedgerSums:
        """The sums; they name nobody."""
        async with self.database.reading() as connection:
            outcomes = Counter(
                row.outcome if row.state != OPEN else OPEN
                for row in await connection.execute(select(threads.c.outcome, threads.c.state))
            )
            judged: Counter[bool] = Counter()
            for table in (reports, advice):
                query = select(table.c.judged_right).where(table.c.judged_right.is_not(None))
                judged.update((await connection.scalars(query)).all())
        return LedgerSums(
            confirmed=outcomes["confirmed"],
            refused=outcomes["refused"],
            duplicate=outcomes["duplicate"],
            silent=outcomes["silent"],
            open=outcomes[OPEN],
            marked_right=judged[True],
            marked_wrong=judged[False],
        )

    async def distributions(self, viewer: Viewer) -> Sequence[DistributionRow]:
        """Distributions that are to blame for something."""
        query = select(bugs).where(bugs.c.merged_into.is_(None), bugs.c.culprit.is_not(None), _shown(viewer))
        async with self.database.reading() as connection:
            rows = await self._rows(connection, viewer, (await connection.execute(query.limit(5_000))).all())
        by_name: dict[str, list[BugRow]] = {}
        for row in rows:
            by_name.setdefault(row.culprit or "", []).append(row)
        found = [
            DistributionRow(
                name=name,
                bugs=len(some),
                open_bugs=sum(row.standing not in {Standing.CLOSED, Standing.FIXED_UPSTREAM} for row in some),
                projects=len({project for row in some for project in row.projects}),
                last_seen=max(row.last_seen for row in some),
            )
            for name, some in by_name.items()
        ]
        return sorted(found, key=lambda row: (-row.open_bugs, -row.bugs, row.name))

    async def releases(self, viewer: Viewer, distribution: str) -> Sequence[ReleaseRow]:
        """The releases of a distribution with which jobs began to fail, the latest seen first."""
        query = select(bugs).where(
            bugs.c.merged_into.is_(None), bugs.c.trigger == distribution, bugs.c.first_bad.is_not(None), _shown(viewer)
        )
        async with self.database.reading() as connection:
            raw = (await connection.execute(query.limit(MOST_ROWS))).all()
            rows = await self._rows(connection, viewer, raw)
        published = {row.key: _published(row.judgement) for row in raw}
        by_version: dict[str, list[BugRow]] = {}
        for row in rows:
            by_version.setdefault(row.first_bad or "", []).append(row)
        found = [
            ReleaseRow(
                version=version,
                published=next((published[row.key] for row in some if published[row.key]), None),
                first_red=min(row.first_seen for row in some),
                projects=len({project for row in some for project in row.projects}),
                bugs=tuple(row.key for row in some),
            )
            for version, some in by_version.items()
        ]
        return sorted(found, key=lambda row: row.first_red or self.clock(), reverse=True)

    async def projects(self, viewer: Viewer) -> Sequence[ProjectRow]:
        """Projects whose jobs failed, the latest first."""
        query = (
            select(
                jobs.c.project,
                jobs.c.kind,
                func.max(cast(jobs.c.private, Integer)).label("private"),
                func.count().label("times"),
                func.max(jobs.c.received_at).label("latest"),
            )
            .where(_mine(viewer))
            .group_by(jobs.c.project, jobs.c.kind)
        )
        seen = (
            select(jobs.c.project, func.count(func.distinct(jobs.c.bug))).where(_mine(viewer)).group_by(jobs.c.project)
        )
        async with self.database.reading() as connection:
            rows = (await connection.execute(query.limit(5_000))).all()
            bugs_of: dict[str, int] = {row[0]: row[1] for row in await connection.execute(seen)}
        by_project: dict[str, list[Row[Any]]] = {}
        for row in rows:
            by_project.setdefault(row.project, []).append(row)
        found = [
            ProjectRow(
                name=name,
                private=any(row.private for row in some),
                jobs=sum(row.times for row in some),
                bugs=bugs_of.get(name, 0),
                kinds=tuple(sorted((row.kind, row.times) for row in some if row.kind)),
                last_seen=max(row.latest for row in some),
            )
            for name, some in by_project.items()
        ]
        return sorted(found, key=lambda row: row.last_seen, reverse=True)[:MOST_ROWS]

    async def deliveries(self) -> tuple[Sequence[DeliveryRow], Sequence[CountRow]]:
        """The latest deliveries, and the counts of the last days."""
        latest = select(deliveries).order_by(deliveries.c.received_at.desc(), deliveries.c.id).limit(100)
        since = (self.clock() - timedelta(days=7)).date().isoformat()
        counted = select(delivery_counts).where(delivery_counts.c.day >= since)
        async with self.database.reading() as connection:
            rows = [
                DeliveryRow(
                    id=row.id,
                    source=row.source,
                    event=row.event,
                    announced=row.announced,
                    refers=row.refers,
                    state=row.state,
                    received_at=row.received_at,
                )
                for row in await connection.execute(latest)
            ]
            order = (delivery_counts.c.day.desc(), delivery_counts.c.event, delivery_counts.c.outcome)
            counts = [
                CountRow(day=row.day, source=row.source, event=row.event, outcome=row.outcome, times=row.times)
                for row in await connection.execute(counted.order_by(*order).limit(MOST_ROWS))
            ]
        return rows, counts

    async def buried(self) -> Sequence[BuriedRow]:
        """Work that could not be done and that no replay settled."""
        query = select(buried).where(buried.c.settled_at.is_(None)).order_by(buried.c.at.desc()).limit(MOST_ROWS)
        async with self.database.reading() as connection:
            return [
                BuriedRow(
                    id=row.id,
                    workflow=row.workflow,
                    refers=row.refers,
                    step=row.step,
                    error=row.error,
                    message=row.message,
                    at=row.at,
                    times=row.times,
                    replayed_at=row.replayed_at,
                    replayed_by=row.replayed_by,
                )
                for row in await connection.execute(query)
            ]

    # ------------------------------------------------------------------------------------------ one of them

    async def bug(self, viewer: Viewer, key: str) -> BugView | None:
        """One Bug (the one that it was merged into), or None where there is none that the viewer may see."""
        async with self.database.reading() as connection:
            raw = await _living(connection, viewer, key)
            if raw is None:
                return None
            (row,) = await self._rows(connection, viewer, [raw])
            seen = (
                await connection.execute(
                    select(jobs)
                    .where(jobs.c.bug == raw.key, _mine(viewer))
                    .order_by(jobs.c.received_at.desc(), jobs.c.key)
                    .limit(MOST_JOBS)
                )
            ).all()
            best = max(seen, key=lambda one: (one.key == raw.job, one.trust == "trusted", one.confidence or 0.0))
            shown = (await connection.execute(select(analyses).where(analyses.c.job == best.key))).one_or_none()
            return BugView(
                row=row,
                fingerprint=from_json(Fingerprint, shown.fingerprint) if shown and shown.fingerprint else None,
                judgement=from_json(Judgement, shown.judgement) if shown else None,
                shown_job=best.key,
                shown_project=best.project,
                jobs=tuple(job_row(one) for one in seen),
                versions=await _versions(connection, viewer, raw.key),
                by_day=_days([one.finished_at or one.received_at for one in seen]),
                threads=tuple(
                    thread_row(one)
                    for one in await connection.execute(
                        select(threads).where(threads.c.bug == raw.key).order_by(threads.c.opened_at, threads.c.url)
                    )
                ),
                reports=await _reports(connection, raw.key),
                advice=await _advice(connection, viewer, raw.key),
                marks=tuple(
                    mark_of(one)
                    for one in await connection.execute(
                        select(marks)
                        .where(marks.c.scope == "bug", marks.c.subject == raw.key, marks.c.lifted_at.is_(None))
                        .order_by(marks.c.id)
                    )
                ),
            )

    async def failure(self, viewer: Viewer, key: str) -> FailureView | None:
        """One failing job, or None where there is none that the viewer may see."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(jobs).where(jobs.c.key == key, _mine(viewer)))).one_or_none()
            if row is None:
                return None
            read = (await connection.execute(select(analyses).where(analyses.c.job == key))).one_or_none()
        view = FailureView(
            row=job_row(row),
            job=from_json(Job, row.job),
            decision=from_json(Decision, row.decision) if row.decision else None,
        )
        if read is None:
            return view
        return FailureView(
            row=view.row,
            job=view.job,
            decision=view.decision,
            reading=from_json(Reading, read.reading),
            judgement=from_json(Judgement, read.judgement),
            fingerprint=from_json(Fingerprint, read.fingerprint) if read.fingerprint else None,
            regions=tuple(from_json(Region, one) for one in read.regions),
            failures_total=read.failures_total,
            seconds=read.seconds,
        )

    # ------------------------------------------------------------------------------------------ parts

    async def _rows(self, connection: AsyncConnection, viewer: Viewer, raw: Sequence[Row[Any]]) -> list[BugRow]:
        """Bugs with what their jobs and threads say."""
        keys = [row.key for row in raw]
        seen: dict[str, list[Row[Any]]] = {}
        query = (
            select(
                jobs.c.bug,
                jobs.c.project,
                func.count().label("times"),
                func.min(func.coalesce(jobs.c.finished_at, jobs.c.received_at)).label("first"),
                func.max(func.coalesce(jobs.c.finished_at, jobs.c.received_at)).label("last"),
                func.max(cast(jobs.c.private, Integer)).label("private"),
            )
            .where(jobs.c.bug.in_(keys))
            .group_by(jobs.c.bug, jobs.c.project)
        )
        for row in await connection.execute(query):
            seen.setdefault(row.bug, []).append(row)
        found: dict[str, list[ThreadRow]] = {}
        for row in await connection.execute(select(threads).where(threads.c.bug.in_(keys)).order_by(threads.c.url)):
            found.setdefault(row.bug, []).append(thread_row(row))
        held = {
            row.subject
            for row in await connection.execute(
                select(marks.c.subject).where(
                    marks.c.scope == "bug",
                    marks.c.subject.in_(keys),
                    marks.c.lifted_at.is_(None),
                    marks.c.word.in_(STOPPING),
                )
            )
        }
        best = await _visible_words(connection, viewer, raw)
        return [
            bug_row(row, viewer, seen.get(row.key, []), found.get(row.key, []), best, held=row.key in held)
            for row in raw
        ]


# ---------------------------------------------------------------------------------------------- who may see what


def _mine(viewer: Viewer) -> ColumnElement[bool]:
    """Jobs that the viewer may see."""
    if viewer.operator:
        return true()
    return or_(jobs.c.private.is_(False), jobs.c.project.in_(sorted(viewer.projects)))


def _shown(viewer: Viewer) -> ColumnElement[bool]:
    """Bugs of which the viewer may see a job."""
    return select(jobs.c.key).where(jobs.c.bug == bugs.c.key, _mine(viewer)).exists()


async def _living(connection: AsyncConnection, viewer: Viewer, key: str) -> Row[Any] | None:
    for _ in range(20):
        row = (await connection.execute(select(bugs).where(bugs.c.key == key))).one_or_none()
        if row is None or row.merged_into is None:
            break
        key = row.merged_into
    else:
        return None
    visible = await connection.scalar(select(jobs.c.key).where(jobs.c.bug == key, _mine(viewer)).limit(1))
    return row if visible is not None else None


async def _visible_words(
    connection: AsyncConnection, viewer: Viewer, raw: Sequence[Row[Any]]
) -> Mapping[str, tuple[str, str]]:
    """For Bugs whose own job the viewer may not see: exception and message of one that they may."""
    own = [row.job for row in raw]
    open_to_all = set(await connection.scalars(select(jobs.c.key).where(jobs.c.key.in_(own), _mine(viewer))))
    found: dict[str, tuple[str, str]] = {}
    for row in raw:
        if row.job in open_to_all:
            found[row.key] = (row.exception, row.message)
            continue
        query = (
            select(analyses.c.judgement)
            .join(jobs, jobs.c.key == analyses.c.job)
            .where(jobs.c.bug == row.key, _mine(viewer))
            .limit(1)
        )
        stored = await connection.scalar(query)
        root = from_json(Judgement, stored).root if stored else None
        found[row.key] = (root.failure.exception, root.failure.message) if root else ("", "")
    return found


# ---------------------------------------------------------------------------------------------- queries


async def _count(connection: AsyncConnection, query: Select[Any]) -> int:
    return await connection.scalar(select(func.count()).select_from(query.subquery())) or 0


def _since(now: datetime, days: int) -> ColumnElement[bool]:
    return jobs.c.received_at > now - timedelta(days=days)


def _has_thread() -> ColumnElement[bool]:
    return select(threads.c.url).where(threads.c.bug == bugs.c.key).exists()


def _has(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    return func.lower(column).contains(words.lower(), autoescape=True)


def _narrowed(viewer: Viewer, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter over what the viewer may see only: a search that hits hidden words would tell of them."""
    rules: list[ColumnElement[bool]] = []
    if wanted.distribution:
        rules.append(or_(bugs.c.culprit == wanted.distribution, bugs.c.trigger == wanted.distribution))
    if wanted.project:
        of_project = and_(jobs.c.bug == bugs.c.key, jobs.c.project == wanted.project, _mine(viewer))
        rules.append(select(jobs.c.key).where(of_project).exists())
    if wanted.words:
        own = select(jobs.c.key).where(jobs.c.key == bugs.c.job, _mine(viewer)).exists()
        said = or_(*(_has(column, wanted.words) for column in (bugs.c.exception, bugs.c.message)))
        always = (_has(column, wanted.words) for column in (bugs.c.culprit, bugs.c.symbol))
        rules.append(or_(and_(own, said), *always))
    return rules


async def _versions(connection: AsyncConnection, viewer: Viewer, key: str) -> tuple[tuple[str, str, int], ...]:
    query = (
        select(occurrences.c.versions)
        .join(jobs, jobs.c.key == occurrences.c.job)
        .where(occurrences.c.bug == key, _mine(viewer))
        .limit(2_000)
    )
    counted = Counter((name, version) for row in await connection.scalars(query) for name, version in row)
    return tuple((name, version, times) for (name, version), times in sorted(counted.items()))


async def _reports(connection: AsyncConnection, key: str) -> tuple[ReportRow, ...]:
    query = select(reports).where(reports.c.bug == key, reports.c.state != "superseded").order_by(reports.c.id)
    return tuple(
        ReportRow(
            id=row.id,
            kind=row.kind,
            target=row.target,
            title=row.title,
            body=row.body,
            prefilled=row.prefilled,
            state=row.state,
            reason=row.reason,
            updated_at=row.updated_at,
            posted_url=row.posted_url,
            judged_right=row.judged_right,
        )
        for row in await connection.execute(query)
    )


async def _advice(connection: AsyncConnection, viewer: Viewer, key: str) -> tuple[AdviceRow, ...]:
    query = select(advice).where(advice.c.bug == key).order_by(advice.c.updated_at.desc()).limit(50)
    return tuple(
        AdviceRow(
            change=row.change_id,
            project=row.project,
            body=row.body,
            state=row.state,
            url=row.url,
            updated_at=row.updated_at,
            judged_right=row.judged_right,
        )
        for row in await connection.execute(query)
        if viewer.reads(row.project, private=row.private)
    )


def _days(instants: Sequence[datetime]) -> tuple[tuple[str, int], ...]:
    """How many on each of the days from the first to the last, the last thirty of them."""
    counted = Counter(one.date() for one in instants)
    if not counted:
        return ()
    last = max(counted)
    first = max(min(counted), last - timedelta(days=29))
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return tuple((day.isoformat(), counted[day]) for day in days)


def _published(judgement: Any) -> datetime | None:
    trigger = from_json(Judgement, judgement).verdict.trigger
    return trigger.published if trigger else None
