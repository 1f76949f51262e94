"""The ledger: rows and migrations, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bot.store import migrate
from bot.store.base import now
from bot.store.bugs import Bugs
from bot.store.database import Database
from bot.store.fixes import Fixes
from bot.store.jobs import Jobs
from bot.store.operations import Operations
from bot.store.people import People
from bot.store.publishing import Publishing


class Store(Jobs, Bugs, Fixes, People, Publishing, Operations):
    """The whole ledger. One transaction a method; unique constraints decide, never reads."""


async def open_store(url: str | Path, clock: Callable[[], datetime] = now) -> Store:
    """The store at a URL (PostgreSQL, SQLite) or the path of an SQLite file, migrated to the newest schema.

    Raises `ConfigError` for a URL that is none of them. Close it with `store.database.close()`.
    """
    database = Database(url)
    try:
        await migrate.upgrade(database)
    except BaseException:
        await database.close()
        raise
    return Store(database, clock)


__all__ = ["Database", "Store", "open_store"]
