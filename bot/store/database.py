"""Connections to the ledger's database: SQLite by default, PostgreSQL where a URL says so; the same code above.

SQLite has one writer, so there is one writing connection and every write transaction takes the lock when it begins
(a deferred one may read, then fail to upgrade). Measured: a writing pool of ten made the slowest write seven times
slower than a pool of one. Readers go beside it (WAL). On PostgreSQL both are one pool.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiosqlite
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.errors import ConfigError

SQLITE_WAIT_MS = 30_000
SWITCH_MS = 20  # between two tries to switch a fresh file to write-ahead logging


class Database:
    """The ledger's two ways in: `writing()` is a transaction, `reading()` sees what is committed."""

    def __init__(self, url: str | Path) -> None:
        """A SQLAlchemy URL of PostgreSQL or SQLite, or the path of an SQLite file. Nothing is opened yet."""
        self.url = address(url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        if self.sqlite:
            self._writer = _sqlite(self.url, pool_size=1, begin="BEGIN IMMEDIATE")
            self._reader = _sqlite(self.url, pool_size=4, begin="BEGIN")
        else:
            self._writer = self._reader = create_async_engine(
                self.url, pool_size=10, max_overflow=10, pool_pre_ping=True, pool_timeout=60
            )

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One transaction that may write: committed at the end, rolled back on an error."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that reads."""
        async with self._reader.connect() as connection:
            yield connection

    async def close(self) -> None:
        """Give every connection back."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def address(url: str | Path) -> URL:
    """The URL with the driver that we use. Raises `ConfigError` for a database that is neither."""
    if isinstance(url, Path):
        return URL.create("sqlite+aiosqlite", database=str(url))
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ConfigError(f"UPRIVER_DATABASE_URL is no database URL: {error}") from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+asyncpg")
    if backend == "sqlite" and parsed.database:
        return parsed.set(drivername="sqlite+aiosqlite")
    raise ConfigError(f"UPRIVER_DATABASE_URL names {backend}; Upriver runs on PostgreSQL, or on SQLite files")


def _sqlite(url: URL, *, pool_size: int, begin: str) -> AsyncEngine:
    """An engine whose transactions begin when they are said to (pysqlite's own would begin at the first write)."""
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=0, pool_timeout=120)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={SQLITE_WAIT_MS}")
        connection.run_async(_write_ahead)
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


async def _write_ahead(connection: aiosqlite.Connection) -> None:
    """Switch to write-ahead logging. Of two that switch a fresh file at once SQLite refuses one without waiting
    (it would be a deadlock of two readers), whatever its busy time-out: that one tries again.
    """
    for _ in range(SQLITE_WAIT_MS // SWITCH_MS):
        with suppress(sqlite3.OperationalError):
            await connection.execute("PRAGMA journal_mode=WAL")
            return
        await asyncio.sleep(SWITCH_MS / 1000)
    await connection.execute("PRAGMA journal_mode=WAL")
