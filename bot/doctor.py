"""`upriver doctor`: every counterpart tried once, with what to do about what does not work."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from msgspec import Struct

from bot.config import Settings
from bot.errors import UpriverError
from bot.facts import Releases
from bot.model import normalized
from bot.worker import open_from

PATIENCE = 30.0


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that was tried."""

    name: str
    says: str
    bad: bool = False
    do: str = ""


async def examine(settings: Settings) -> list[Finding]:
    """Everything that is configured, in the order in which it is needed."""
    rows: list[Finding] = []
    for name, check in (
        ("interpreter", _interpreter),
        ("data folder", _folder),
        ("database", _database),
        ("package index", _index),
        ("GitHub App", _github),
        ("Gerrit", _gerrit),
        ("etiquette", _etiquette),
    ):
        rows += await _tried(name, check, settings)
    return rows


async def _tried(name: str, check: Callable[[Settings], Awaitable[list[Finding]]], settings: Settings) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check(settings)
    except TimeoutError:
        return [
            Finding(
                name=name, says=f"no answer within {PATIENCE:.0f} s", bad=True, do="is a proxy or firewall in between?"
            )
        ]
    except UpriverError as error:
        return [Finding(name=name, says=str(error), bad=True)]


async def _interpreter(_settings: Settings) -> list[Finding]:
    old = tuple(map(int, sqlite3.sqlite_version.split("."))) < (3, 42) and sys.version_info >= (3, 12)
    says = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    do = "use Python 3.11, a Python with a newer SQLite, or PostgreSQL (UPRIVER_DATABASE_URL)"
    return [Finding(name="interpreter", says=says, bad=old, do=do if old else "")]


async def _folder(settings: Settings) -> list[Finding]:
    rows = []
    for name, path in (("data folder", settings.data), ("cache folder", settings.cache)):
        usable = _writable(path)
        rows.append(
            Finding(
                name=name,
                says=f"{path} {'can be written' if usable else 'can not be written'}",
                bad=not usable,
                do="" if usable else f"make it writable for this user, or set UPRIVER_{name.split()[0].upper()}",
            )
        )
    return rows


def _writable(path: Path) -> bool:
    nearest = next((folder for folder in (path, *path.parents) if folder.exists()), Path("/"))
    return os.access(nearest, os.W_OK)


async def _database(settings: Settings) -> list[Finding]:
    from sqlalchemy import text

    from bot.store import Database

    if not settings.database_url:
        path = settings.data / "upriver.db"
        return [
            Finding(name="database", says=f"SQLite at {path}" + ("" if path.exists() else ", made at the first start"))
        ]
    database = Database(settings.database_url)
    try:
        async with database.reading() as connection:
            version = await connection.scalar(text("select version()"))
    except Exception as error:  # noqa: BLE001 - whatever the driver raises is the finding
        return [
            Finding(
                name="database",
                says=f"does not answer: {type(error).__name__}",
                bad=True,
                do="check UPRIVER_DATABASE_URL, the server and the network between",
            )
        ]
    finally:
        await database.close()
    rows = [Finding(name="database", says=str(version))]
    if not settings.executor_id:
        rows.append(
            Finding(
                name="replica",
                says="UPRIVER_EXECUTOR_ID is empty",
                bad=True,
                do="give every replica a name that no other has, such as the pod's uid",
            )
        )
    return rows


async def _index(settings: Settings) -> list[Finding]:
    if settings.offline:
        return [Finding(name="package index", says="not asked (UPRIVER_OFFLINE)")]
    from bot.app import index_of

    index = open_from(index_of(settings))
    fact = await asyncio.to_thread(index.answer, Releases(distribution=normalized("pip")), None)
    if fact.known:
        count = len(fact.answer) if isinstance(fact.answer, tuple) else 0
        return [Finding(name="package index", says=f"answers ({count} releases of pip)")]
    return [
        Finding(
            name="package index",
            says=f"does not answer: {fact.reason}",
            bad=True,
            do="check UPRIVER_INDEX_URL, UPRIVER_INDEX_CREDENTIALS, the proxy and the certificates",
        )
    ]


async def _github(settings: Settings) -> list[Finding]:
    from bot.app import account_of
    from bot.sources.download import Guard
    from bot.sources.github.forge import Forge
    from bot.sources.github.source import GitHub

    account = account_of(settings)
    if not account.app_id:
        return [Finding(name="GitHub App", says="none is configured: `upriver serve` prints the set-up page's address")]
    github = GitHub(Forge(account), Guard())
    try:
        logins = await github.introduce()
    except UpriverError as error:
        return [
            Finding(
                name="GitHub App",
                says=str(error),
                bad=True,
                do="check UPRIVER_GITHUB_APP_ID, UPRIVER_GITHUB_PRIVATE_KEY and this machine's clock",
            )
        ]
    finally:
        await github.close()
    rows = [Finding(name="GitHub App", says=f"writes as {', '.join(sorted(logins))}")]
    channel = (
        "and through a machine account's token" if account.upstream_token else "else a human sends the prefilled link"
    )
    rows.append(Finding(name="upstream", says=f"where the App is installed, {channel}"))
    return rows


async def _gerrit(settings: Settings) -> list[Finding]:
    if settings.gerrit_config is None:
        return [Finding(name="Gerrit", says="none is configured (UPRIVER_GERRIT_CONFIG)")]
    from bot.sources.gerrit import load
    from bot.sources.gerrit.doctor import examine as examine_gerrit

    rows = []
    for server in load(settings.gerrit_config):
        found = await examine_gerrit(server)
        rows += [
            Finding(name=f"Gerrit {server.name}: {row.name}", says=row.says, bad=not row.good, do=row.do)
            for row in found
        ]
    return rows


async def _etiquette(settings: Settings) -> list[Finding]:
    if settings.stop_writing:
        return [Finding(name="etiquette", says="nothing is written at all (UPRIVER_STOP_WRITING)")]
    if settings.shadow:
        return [Finding(name="etiquette", says="quiet start: the pages show what would be posted (UPRIVER_SHADOW)")]
    who = "a machine may open issues" if settings.machine_may_open else "a human signs every upstream report"
    rows = [Finding(name="etiquette", says=f"advice is posted; {who}")]
    if not settings.operator:
        rows.append(
            Finding(
                name="operator",
                says="UPRIVER_OPERATOR is empty: reports can't say who runs this",
                bad=settings.machine_may_open,
                do="name a team and how to reach it",
            )
        )
    return rows
