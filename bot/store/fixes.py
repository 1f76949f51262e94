"""Bugs whose mending release is looked for, and jobs that pass with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from bot.model import Fix
from bot.pipeline.values import to_json
from bot.store.base import Part
from bot.store.tables import bugs, occurrences


class Fixes(Part):
    """What came out after a Bug was met."""

    async def unmended(self, since: datetime, before: datetime, most: int) -> Sequence[str]:
        """Bugs of libraries, seen since then, that no release is known to mend and that were not looked at since
        `before`; the longest unlooked-at first.
        """
        query = (
            select(bugs.c.key)
            .where(bugs.c.kind == "upstream", bugs.c.action == "report", bugs.c.fix.is_(None))
            .where(bugs.c.seen_at > since, bugs.c.merged_into.is_(None))
        )
        return await self._due(query, before, most)

    async def unconfirmed(self, since: datetime, before: datetime, most: int) -> Sequence[str]:
        """Bugs that a release mends and that no job which failed by them is known to pass with; likewise."""
        green = select(occurrences.c.job).where(occurrences.c.bug == bugs.c.key, occurrences.c.green_at.is_not(None))
        query = (
            select(bugs.c.key)
            .where(bugs.c.fix.is_not(None), ~green.exists())
            .where(bugs.c.seen_at > since, bugs.c.merged_into.is_(None))
        )
        return await self._due(query, before, most)

    async def _due(self, query: Any, before: datetime, most: int) -> Sequence[str]:
        due = bugs.c.fix_checked_at.is_(None) | (bugs.c.fix_checked_at < before)
        query = query.where(due).order_by(func.coalesce(bugs.c.fix_checked_at, bugs.c.created_at)).limit(most)
        async with self.database.reading() as connection:
            return list(await connection.scalars(query))

    async def looked(self, bug: str, fix: Fix | None = None) -> None:
        """Record that it was looked, and what was found."""
        values: dict[str, Any] = {"fix_checked_at": self.clock()}
        if fix is not None:
            values["fix"] = to_json(fix)
        async with self.database.writing() as connection:
            await connection.execute(update(bugs).where(bugs.c.key == bug).values(values))

    async def passes(self, bug: str, job: str) -> None:
        """Record that a job which failed by the Bug has passed with the release that mends it."""
        query = update(occurrences).where(occurrences.c.bug == bug, occurrences.c.job == job)
        async with self.database.writing() as connection:
            await connection.execute(query.values(green_at=self.clock()))
