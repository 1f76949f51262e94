"""What people ordered: standing marks, merges and splits. The latest order about something outranks the machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Mark
from bot.store.base import Part, insert_new, insert_or_update
from bot.store.bugs import current_bug, mark_of
from bot.store.tables import advice, bonds, bugs, fingerprints, jobs, marks, occurrences, threads


class People(Part):
    """Orders."""

    async def mark(self, bug: str, mark: Mark, cause: str | None = None, scope: str = "bug") -> None:
        """Record a human's standing order on a Bug, or on the subject of another scope. Once for each `cause`."""
        async with self.database.writing() as connection:
            await insert_new(
                connection,
                marks,
                {
                    "scope": scope,
                    "subject": bug,
                    "word": mark.word,
                    "argument": mark.argument,
                    "actor": mark.actor,
                    "at": mark.at or self.clock(),
                    "until": mark.until,
                    "cause": cause,
                },
            )

    async def lift(self, subject: str, words: Sequence[str], actor: str, scope: str = "bug") -> Sequence[Mark]:
        """End the standing orders of these words; the ones ended."""
        query = select(marks).where(
            marks.c.scope == scope, marks.c.subject == subject, marks.c.word.in_(words), marks.c.lifted_at.is_(None)
        )
        async with self.database.writing() as connection:
            rows = (await connection.execute(query)).all()
            await connection.execute(
                update(marks)
                .where(marks.c.id.in_([row.id for row in rows]))
                .values(lifted_at=self.clock(), lifted_by=actor)
            )
        return [mark_of(row) for row in rows]

    async def marks(self, subject: str, scope: str = "bug") -> Sequence[Mark]:
        """The standing orders on a subject."""
        query = select(marks).where(marks.c.scope == scope, marks.c.subject == subject, marks.c.lifted_at.is_(None))
        async with self.database.reading() as connection:
            return [mark_of(row) for row in await connection.execute(query.order_by(marks.c.id))]

    async def merge(self, bug: str, into: str, actor: str) -> None:
        """Make one Bug of two, until it is taken back: what stands for `bug` stands for `into` from now on."""
        if bug == into:
            return
        async with self.database.writing() as connection:
            prints = await connection.scalars(
                select(fingerprints.c.scheme + ":" + fingerprints.c.digest).where(fingerprints.c.bug == bug)
            )
            for printed in prints.all():
                await _bond(connection, printed, into, actor, self.clock(), together=True, came_from=bug)
            seen = select(occurrences.c.job).where(occurrences.c.bug == into)
            await connection.execute(
                update(occurrences).where(occurrences.c.bug == bug, occurrences.c.job.not_in(seen)).values(bug=into)
            )
            await connection.execute(
                update(fingerprints).where(fingerprints.c.bug == bug).values(bug=into, joined_by="merge")
            )
            for table in (threads, jobs, advice):
                await connection.execute(update(table).where(table.c.bug == bug).values(bug=into))
            await connection.execute(update(bugs).where(bugs.c.key == bug).values(merged_into=into))

    async def unmerge(self, bug: str, actor: str) -> Sequence[str]:
        """Part every Bug that was merged into this one from it again; their keys."""
        query = select(bonds).where(bonds.c.bug == bug, bonds.c.together.is_(True), bonds.c.came_from.is_not(None))
        async with self.database.writing() as connection:
            joined = (await connection.execute(query)).all()
            for row in joined:
                await connection.execute(update(bugs).where(bugs.c.key == row.came_from).values(merged_into=None))
                await _stand_for(connection, row.fingerprint, bug, row.came_from)
                await _bond(connection, row.fingerprint, bug, actor, self.clock(), together=False)
        return sorted({row.came_from for row in joined})

    async def split(self, fingerprint: str, actor: str) -> str:
        """Give a fingerprint a Bug of its own, for good: it never joins the old one again. The new Bug's key."""
        async with self.database.writing() as connection:
            old = await current_bug(connection, fingerprint)
            if old is None or old == fingerprint:
                return fingerprint
            await _bond(connection, fingerprint, old, actor, self.clock(), together=False)
            row = (await connection.execute(select(bugs).where(bugs.c.key == old))).one()
            again = (await connection.execute(select(bugs.c.key).where(bugs.c.key == fingerprint))).one_or_none()
            if again is None:
                values = {**_cells(row), "key": fingerprint, "fingerprint": fingerprint, "created_at": self.clock()}
                await insert_new(
                    connection, bugs, {**values, "drafted_at": None, "decision": None, "merged_into": None}
                )
            await connection.execute(update(bugs).where(bugs.c.key == fingerprint).values(merged_into=None))
            await _stand_for(connection, fingerprint, old, fingerprint)
        return fingerprint


async def _bond(
    connection: AsyncConnection,
    fingerprint: str,
    bug: str,
    actor: str,
    at: datetime,
    *,
    together: bool,
    came_from: str | None = None,
) -> None:
    """Remember an order; the latest about the two wins."""
    await insert_or_update(
        connection,
        bonds,
        {
            "fingerprint": fingerprint,
            "bug": bug,
            "together": together,
            "came_from": came_from,
            "actor": actor,
            "at": at,
        },
        key=("fingerprint", "bug"),
    )


async def _stand_for(connection: AsyncConnection, fingerprint: str, old: str, new: str) -> None:
    """Move a fingerprint, with the jobs that showed it, from one Bug to another."""
    scheme, _, digest = fingerprint.partition(":")
    await connection.execute(
        update(fingerprints)
        .where(fingerprints.c.scheme == scheme, fingerprints.c.digest == digest)
        .values(bug=new, joined_by="split")
    )
    for table in (occurrences, jobs):
        await connection.execute(
            update(table).where(table.c.bug == old, table.c.fingerprint == fingerprint).values(bug=new)
        )


def _cells(row: Row[Any]) -> dict[str, Any]:
    return dict(zip(row._fields, row, strict=True))
