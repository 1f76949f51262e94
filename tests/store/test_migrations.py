"""A fresh schema is the migrated one, on both databases, and the previous version's data survives the upgrade."""

from __future__ import annotations

import asyncio

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from bot.errors import ConfigError
from bot.store import Store, migrate, open_store
from bot.store.database import Database, address
from bot.store.tables import metadata
from tests.store.examples import JOB


def scripts():
    from importlib.resources import files

    folder = str(files("bot.store").joinpath("migrations"))
    return list(ScriptDirectory.from_config(migrate.configuration(folder)).walk_revisions())


@pytest.fixture
async def database(database_url):
    database = Database(database_url)
    yield database
    await database.close()


def differences(connection):
    return compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata)


async def test_migrated_is_what_the_tables_say(database):
    await migrate.upgrade(database)
    async with database.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_missing_column_would_be_noticed(database):
    await migrate.upgrade(database)
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE jobs DROP COLUMN reason"))
        assert len(await connection.run_sync(differences)) == 1


async def test_the_previous_version_is_upgraded_with_its_data(database):
    newest, previous = scripts()[:2]
    await migrate.upgrade(database, previous.revision)
    store = Store(database)
    await store.add_job(JOB)
    await migrate.upgrade(database)
    kept = await store.job(JOB.key)
    assert kept is not None
    assert kept.job == JOB
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == newest.revision


async def test_every_step_of_the_way_is_taken_in_order(database):
    for script in reversed(scripts()):
        await migrate.upgrade(database, script.revision)
    async with database.writing() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_database_of_a_newer_version_is_left_alone(database):
    await migrate.upgrade(database)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = 'of-the-future'"))
    await migrate.upgrade(database)
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT version_num FROM alembic_version")) == "of-the-future"


async def test_replicas_that_start_together_migrate_once(database_url):
    stores = await asyncio.gather(*(open_store(database_url) for _ in range(4)))
    async with stores[0].database.reading() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    assert set(metadata.tables) <= set(names)
    for store in stores:
        await store.database.close()


@pytest.mark.slow
async def test_many_that_open_one_fresh_file_wait_for_each_other(tmp_path):
    for round_ in range(30):  # without the wait about one in twelve openings was refused
        stores = [Database(tmp_path / f"{round_}.db") for _ in range(6)]
        await asyncio.gather(*(touched(store) for store in stores))
        for store in stores:
            await store.close()


async def touched(database):
    async with database.writing() as connection:
        await connection.execute(text("CREATE TABLE IF NOT EXISTS touched (at INTEGER)"))


def test_migrations_have_one_head_and_numbered_names():
    rows = scripts()
    assert [row.revision for row in rows] == [f"{number:04}" for number in range(len(rows), 0, -1)]


@pytest.mark.parametrize("url", ["mysql://host/db", "not a url", "sqlite://"])
def test_other_databases_are_refused_with_a_sentence(url):
    with pytest.raises(ConfigError, match=r"UPRIVER_DATABASE_URL"):
        address(url)
