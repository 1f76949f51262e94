"""What the engine refuses to start on, and what it does beside running workflows."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from dbos import DBOSClient

from bot.errors import ConfigError, Transient
from bot.pipeline.engine import Engine, EngineOptions, Queue, check_versions
from bot.pipeline.rules import Retry


@pytest.mark.parametrize(
    ("python", "library", "refused"),
    [
        ((3, 12), (3, 40, 1), True),
        ((3, 13), (3, 41, 9), True),
        ((3, 12), (3, 42, 0), False),
        ((3, 11), (3, 40, 1), False),
        ((3, 11), (3, 34, 1), True),
    ],
)
def test_a_sqlite_that_is_too_old_for_this_python_is_refused_with_advice(python, library, refused):
    if refused:
        with pytest.raises(ConfigError, match=r"SQLite .* is too old .* PostgreSQL"):
            check_versions(sqlite=True, python=python, library=library)
    else:
        check_versions(sqlite=True, python=python, library=library)
    check_versions(sqlite=False, python=python, library=library)


def test_postgresql_needs_a_name_for_each_replica():
    with pytest.raises(ConfigError, match="UPRIVER_EXECUTOR_ID is required"):
        Engine(EngineOptions(database_url="postgresql://localhost/x"))


async def test_a_second_process_on_one_sqlite_file_is_refused(tmp_path):
    one, other = (Engine(EngineOptions(database_url=tmp_path / "engine.db")) for _ in range(2))
    await one._alone.claim()
    with pytest.raises(ConfigError, match="another process uses"):
        await other._alone.claim()
    await one._alone.release()
    await other._alone.claim()
    await other._alone.release()


async def test_two_replicas_of_one_name_are_refused_and_two_names_are_not(postgres_url):
    engines = [Engine(EngineOptions(database_url=postgres_url, executor_id=name)) for name in ("a", "a", "b")]
    await engines[0]._alone.claim()
    with pytest.raises(ConfigError, match="another process runs as UPRIVER_EXECUTOR_ID=a"):
        await engines[1]._alone.claim()
    await engines[2]._alone.claim()
    for engine in engines:
        await engine._alone.release()


@pytest.fixture
async def running(database_url, tmp_path):
    url = database_url if isinstance(database_url, str) else tmp_path / "engine.db"
    engine = Engine(EngineOptions(database_url=url, executor_id="x", poll_seconds=0.02))
    done: list[object] = []

    async def body(value):
        async def work():
            done.append(value)
            return value

        await engine.step("work", work)

    async def broken(value):
        raise ValueError(value)

    engine.workflow("body", body)
    engine.workflow("broken", broken)
    engine.queue(Queue(name="plain", at_once=4))
    engine.queue(Queue(name="keyed", at_once=4, keyed=True))
    await engine.start()
    yield engine, done
    await engine.drain(1)


async def idle(engine):
    async with asyncio.timeout(30):
        while await engine.busy():  # noqa: ASYNC110 - another thread's doing
            await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_an_identity_runs_once_in_any_queue(running):
    engine, done = running
    for _ in range(3):
        await engine.submit("plain", "body", "one", {"ä": [1, None]})
        await engine.submit("keyed", "body", "two", 2, key="k")
    await idle(engine)
    assert sorted(map(str, done)) == ["2", "{'ä': [1, None]}"]
    assert await engine.dead() == []


@pytest.mark.slow
async def test_what_failed_by_a_defect_is_shown_and_struck_off(running):
    engine, _ = running
    await engine.submit("plain", "broken", "bad", "why")
    await idle(engine)
    assert await engine.dead() == [("bad", "broken", ["why"])]
    await engine.strike(["bad"])
    assert await engine.dead() == []


@pytest.mark.slow
async def test_finished_work_is_forgotten_after_its_time(running):
    engine, _ = running
    await engine.submit("plain", "body", "one", 1)
    await idle(engine)
    assert await engine.forget_before(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert await engine.forget_before(datetime.now(UTC) + timedelta(hours=1)) == 1


@pytest.mark.slow
async def test_values_are_stored_as_json_not_pickle(running, tmp_path, database_url):
    engine, _ = running
    await engine.submit("plain", "body", "one", {"plain": "text"})
    await idle(engine)
    if isinstance(database_url, str):
        return
    connection = sqlite3.connect(tmp_path / "engine.db")
    stored = connection.execute("SELECT serialization FROM workflow_status").fetchall()
    connection.close()
    assert {row[0] for row in stored} == {"portable_json"}


@pytest.mark.slow
async def test_a_database_that_is_away_refuses_at_once(running, database_url):
    engine, _ = running
    if engine._client is None:
        return
    engine._client.destroy()
    engine._client = DBOSClient(
        system_database_url="postgresql+psycopg://postgres@/x?host=/nowhere", lazy=True, retry_connection_errors=False
    )
    with pytest.raises(Transient, match="can't be reached"):
        await engine.submit("plain", "body", "one", 1)


def test_dbos_logs_where_we_log():
    from bot.pipeline.engine import quiet

    quiet()
    logger = logging.getLogger("dbos")
    assert logger.propagate
    assert [type(row) for row in logger.handlers] == [logging.NullHandler]


def test_pauses_double_and_honour_what_was_asked():
    retry = Retry(attempts=5, first_seconds=2, longest_seconds=60)
    assert [retry.pause(number, None, 0.0) for number in range(1, 7)] == [2, 4, 8, 16, 32, 60]
    assert retry.pause(1, 3_600.0, 1.0) == 3_600.0
    assert retry.pause(2, None, 1.0) == 5.0
