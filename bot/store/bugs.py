"""Bugs, the fingerprints that stand for them, where they were seen, and what people ordered about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.fingerprint import telling
from bot.model import Decision, Fingerprint, FingerprintPart, Fix, History, Judgement, Mark, Occurrence, Thread, Trust
from bot.pipeline.records import BugRecord
from bot.pipeline.values import from_json, to_json
from bot.store.base import Part, insert_new
from bot.store.tables import advice, bonds, bugs, fingerprints, jobs, marks, occurrences, threads

MOST_OCCURRENCES = 2_000
"""Read of one Bug for a decision; the latest win."""


class Bugs(Part):
    """What is known of failures that are held to be one defect."""

    async def bug_of(self, fingerprint: str) -> str | None:
        """The Bug that a fingerprint stands for today, or None."""
        async with self.database.reading() as connection:
            return await current_bug(connection, fingerprint)

    async def family(self, family: str) -> Sequence[tuple[str, Fingerprint, str]]:
        """(Bug, fingerprint, message's template) of everything in a family, oldest first: likeness is looked for here."""
        query = select(fingerprints).where(fingerprints.c.family == family).order_by(fingerprints.c.first_seen)
        async with self.database.reading() as connection:
            rows = (await connection.execute(query.limit(5_000))).all()
        return [(row.bug, _printed(row), _part(row.parts, "message")) for row in rows]

    async def apart(self, fingerprint: str) -> frozenset[str]:
        """The Bugs that a human said a fingerprint does not belong to."""
        query = select(bonds.c.bug).where(bonds.c.fingerprint == fingerprint, bonds.c.together.is_(False))
        async with self.database.reading() as connection:
            return frozenset(await connection.scalars(query))

    async def see(
        self, bug_fingerprint: Fingerprint, judgement: Judgement, occurrence: Occurrence, like: str | None = None
    ) -> str:
        """Record an occurrence of the Bug with that fingerprint; the Bug's key. Idempotent.

        Where the fingerprint is new it joins the Bug `like`, and is a new Bug without one.
        """
        async with self.database.writing() as connection:
            key = await current_bug(connection, str(bug_fingerprint))
            if key is None:
                key = await self._enter(connection, bug_fingerprint, judgement, occurrence, like)
            await self._improve(connection, key, judgement, occurrence)
            await insert_new(
                connection,
                occurrences,
                {
                    "job": occurrence.job,
                    "bug": key,
                    "fingerprint": str(bug_fingerprint),
                    "project": occurrence.project,
                    "change_id": occurrence.change,
                    "attempt": occurrence.attempt,
                    "trust": occurrence.trust.value,
                    "private": occurrence.private,
                    "at": occurrence.at,
                    "url": occurrence.url,
                    "versions": [list(row) for row in occurrence.versions],
                    "python": dict(occurrence.versions).get("python"),
                },
            )
        return key

    async def _enter(
        self,
        connection: AsyncConnection,
        printed: Fingerprint,
        judgement: Judgement,
        occurrence: Occurrence,
        like: str | None,
    ) -> str:
        """Make the fingerprint known, with a Bug of its own where it joins none."""
        key = like or str(printed)
        if like is None:
            values = {**said_by(judgement), "key": key, "created_at": self.clock(), "seen_at": occurrence.at}
            values |= {"fingerprint": str(printed), "family": printed.family, "job": occurrence.job}
            await insert_new(connection, bugs, values)
        await insert_new(
            connection,
            fingerprints,
            {
                "scheme": printed.scheme,
                "digest": printed.digest,
                "bug": key,
                "family": printed.family,
                "parts": [to_json(part) for part in printed.parts],
                "joined_by": "similar" if like else "exact",
                "first_seen": self.clock(),
            },
        )
        return key

    async def _improve(self, connection: AsyncConnection, key: str, judgement: Judgement, seen: Occurrence) -> None:
        """Note the sighting; the surest judgement, of a public job where there is one, is what the Bug shows."""
        bug = (await connection.execute(select(bugs).where(bugs.c.key == key).with_for_update())).one()
        values: dict[str, Any] = {"seen_at": max(bug.seen_at, seen.at)}
        hidden = bool(await connection.scalar(select(jobs.c.private).where(jobs.c.key == bug.job)))
        better = judgement.verdict.confidence > bug.confidence if hidden == seen.private else hidden
        if bug.job == seen.job or better:
            values |= {**said_by(judgement), "job": seen.job}
        await connection.execute(update(bugs).where(bugs.c.key == key).values(values))

    async def bug(self, key: str) -> BugRecord | None:
        """A Bug (the one that it was merged into, where it was), or None."""
        async with self.database.reading() as connection:
            row = await _living(connection, key)
            if row is None:
                return None
            query = select(fingerprints).where(fingerprints.c.bug == row.key).order_by(fingerprints.c.first_seen)
            prints = (await connection.execute(query)).all()
        shown = next((one for one in prints if f"{one.scheme}:{one.digest}" == row.fingerprint), None)
        scheme, _, digest = row.fingerprint.partition(":")
        return BugRecord(
            key=row.key,
            fingerprint=_printed(shown) if shown else Fingerprint(scheme=scheme, digest=digest, family=row.family),
            judgement=from_json(Judgement, row.judgement),
            job=row.job,
            created_at=row.created_at,
            tracker=row.tracker,
            culprit=row.culprit,
            drafted_at=row.drafted_at,
            fingerprints=tuple(f"{one.scheme}:{one.digest}" for one in prints),
        )

    async def history(self, bug: str, change: str | None = None, project: str | None = None) -> History:
        """All that policy needs of a Bug; with the standing orders for a change, for a project, and for the Bug there."""
        subjects = [("bug", bug), ("change", change), ("project", project)]
        subjects += [("here", f"{project} {bug}")] if bug and project else []
        async with self.database.reading() as connection:
            seen = await connection.execute(
                select(occurrences)
                .where(occurrences.c.bug == bug)
                .order_by(occurrences.c.at.desc())
                .limit(MOST_OCCURRENCES)
            )
            where = await connection.execute(
                select(threads).where(threads.c.bug == bug).order_by(threads.c.opened_at, threads.c.url)
            )
            standing = await connection.execute(
                select(marks)
                .where(
                    or_(
                        *(
                            (marks.c.scope == scope) & (marks.c.subject == subject)
                            for scope, subject in subjects
                            if subject
                        )
                    )
                )
                .where(marks.c.lifted_at.is_(None), or_(marks.c.until.is_(None), marks.c.until > self.clock()))
                .order_by(marks.c.id)
            )
            row = (await connection.execute(select(bugs.c.drafted_at, bugs.c.fix).where(bugs.c.key == bug))).first()
            green = await connection.scalar(
                select(func.count()).where(occurrences.c.bug == bug, occurrences.c.green_at.is_not(None))
            )
            advised = await connection.scalars(select(advice.c.change_id).where(advice.c.bug == bug))
            return History(
                bug=bug,
                occurrences=tuple(_occurrence(row) for row in seen),
                threads=tuple(thread_of(row) for row in where),
                marks=tuple(mark_of(row) for row in standing),
                drafted=row is not None and row.drafted_at is not None,
                advised_changes=tuple(advised),
                fix=replace(from_json(Fix, row.fix), green=green or 0) if row and row.fix else None,
            )

    async def decide_bug(self, key: str, decision: Decision, *, drafted: bool = False) -> None:
        """Record the latest decision on a Bug, and that its draft was offered."""
        values: dict[str, Any] = {"decision": to_json(decision), "decided_at": self.clock()}
        async with self.database.writing() as connection:
            if drafted:
                await connection.execute(
                    update(bugs).where(bugs.c.key == key, bugs.c.drafted_at.is_(None)).values(drafted_at=self.clock())
                )
            await connection.execute(update(bugs).where(bugs.c.key == key).values(values))

    async def drafted_bugs(self, since: datetime) -> Sequence[str]:
        """Bugs whose draft was offered since then and that have no thread: their trackers are watched."""
        query = (
            select(bugs.c.key)
            .where(bugs.c.drafted_at > since, bugs.c.merged_into.is_(None))
            .where(~select(threads.c.url).where(threads.c.bug == bugs.c.key).exists())
            .order_by(bugs.c.drafted_at.desc())
        )
        async with self.database.reading() as connection:
            return list(await connection.scalars(query.limit(500)))

    async def held_bugs(self, since: datetime) -> Sequence[str]:
        """Bugs seen since then whose report is held back, the longest undecided first; at most 200."""
        query = (
            select(bugs.c.key)
            .where(bugs.c.seen_at > since, bugs.c.merged_into.is_(None))
            .where(bugs.c.decision["upstream"].as_string() == "hold")
            .order_by(bugs.c.decided_at)
        )
        async with self.database.reading() as connection:
            return list(await connection.scalars(query.limit(200)))


async def current_bug(connection: AsyncConnection, fingerprint: str) -> str | None:
    """The key of the Bug that a fingerprint stands for today."""
    scheme, _, digest = fingerprint.partition(":")
    key = await connection.scalar(
        select(fingerprints.c.bug).where(fingerprints.c.scheme == scheme, fingerprints.c.digest == digest)
    )
    row = await _living(connection, key) if key else None
    return row.key if row else None


async def _living(connection: AsyncConnection, key: str) -> Row[Any] | None:
    """The Bug's row, or that of the Bug it was merged into."""
    for _ in range(20):
        row = (await connection.execute(select(bugs).where(bugs.c.key == key))).one_or_none()
        if row is None or row.merged_into is None:
            return row
        key = row.merged_into
    return None


def said_by(judgement: Judgement) -> dict[str, Any]:
    """The columns that a judgement fills."""
    verdict = judgement.verdict
    root = judgement.root
    part = telling(root)[0] if root else None
    return {
        "symbol": root.symbol if root else None,
        "kind": verdict.kind.value,
        "confidence": verdict.confidence,
        "action": verdict.action.value,
        "fixed_in": verdict.fixed_in,
        "culprit": verdict.culprit.distribution if verdict.culprit else None,
        "culprit_version": verdict.culprit.version if verdict.culprit else None,
        "trigger": verdict.trigger.distribution if verdict.trigger else None,
        "last_good": verdict.trigger.last_good if verdict.trigger else None,
        "first_bad": verdict.trigger.first_bad if verdict.trigger else None,
        "tracker": verdict.tracker.url if verdict.tracker else None,
        "exception": part.exception if part else "",
        "message": part.message[:2_000] if part else "",
        "judgement": to_json(Judgement(verdict=verdict, failures=(root,) if root else ())),
    }


def _printed(row: Row[Any]) -> Fingerprint:
    return Fingerprint(
        scheme=row.scheme,
        digest=row.digest,
        parts=tuple(from_json(FingerprintPart, part) for part in row.parts),
        family=row.family,
    )


def _part(parts: Sequence[dict[str, Any]], name: str) -> str:
    return next((str(part["value"]) for part in parts if part["name"] == name), "")


def _occurrence(row: Row[Any]) -> Occurrence:
    return Occurrence(
        job=row.job,
        project=row.project,
        change=row.change_id,
        attempt=row.attempt,
        trust=Trust(row.trust),
        private=row.private,
        at=row.at,
        url=row.url,
        versions=tuple((name, version) for name, version in row.versions),
    )


def thread_of(row: Row[Any]) -> Thread:
    """The thread in a row of `threads`."""
    return Thread(
        url=row.url,
        tracker=row.tracker,
        state=row.state,
        by_human=row.by_human,
        opened_at=row.opened_at,
        commented_at=row.commented_at,
    )


def mark_of(row: Row[Any]) -> Mark:
    """The order in a row of `marks`."""
    return Mark(word=row.word, argument=row.argument, actor=row.actor, at=row.at, until=row.until)
