"""What the store's parts share: the database, the clock, and an insert that lets constraints decide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.database import Database


def now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


class Part:
    """A part of the store."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = now) -> None:
        self.database = database
        self.clock = clock


async def insert_new(connection: AsyncConnection, table: Table, values: dict[str, Any]) -> bool:
    """Insert a row; False where a unique constraint says that it is there already."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    result = await connection.execute(dialect.insert(table).values(values).on_conflict_do_nothing())
    return result.rowcount > 0


async def insert_or_update(
    connection: AsyncConnection,
    table: Table,
    values: dict[str, Any],
    *,
    key: Sequence[str],
    update: dict[str, Any] | None = None,
) -> None:
    """Insert a row, or update the one with that key (with `update`, or with all the other values)."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    changed = {name: value for name, value in values.items() if name not in key} if update is None else update
    await connection.execute(
        dialect.insert(table).values(values).on_conflict_do_update(index_elements=list(key), set_=changed)
    )
