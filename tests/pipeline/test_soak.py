"""Killed at random while it works, dozens of times: every job ends, and everything stands once.

`make soak`. `UPRIVER_SOAK_KILLS` says how often, `UPRIVER_SOAK_SEED` which times.
"""

from __future__ import annotations

import asyncio
import os
import random
import time

import pytest
from sqlalchemy import text

from bot.store import open_store
from tests.pipeline.processes import Child
from tests.pipeline.test_crashes import LAG, deliveries, once, told

pytestmark = pytest.mark.soak

KILLS = int(os.environ.get("UPRIVER_SOAK_KILLS", "60"))
SEED = int(os.environ.get("UPRIVER_SOAK_SEED", "20261124"))


@pytest.fixture
def forge():
    child = Child("tests.pipeline.forge")
    yield child
    child.stop()


def test_killed_at_random_nothing_is_lost_and_nothing_done_twice(forge, database_url, tmp_path):
    dice = random.Random(SEED)
    waiting: list[tuple[int, str]] = []
    given = told(forge, tmp_path, database_url)
    service = Child("tests.pipeline.serve", given)
    try:
        for number in range(KILLS):
            forge.call("/world", {"lag": dice.choice([0.0, 0.0, 0.3, LAG / 2])})
            waiting += [(number, "A"), (number, "B")]
            waiting = [row for row in waiting if service.deliver(deliveries(*row)) is None]
            time.sleep(dice.uniform(0.05, 2.5))
            service.process.kill()
            service.stop()
            last = number == KILLS - 1  # what was given up on the way is begun once more in peace
            service = Child("tests.pipeline.serve", {**given, "revive": 0.5 if last else 3_600.0})
        forge.call("/world", {"lag": 0.0})
        for row in waiting:
            assert service.deliver(deliveries(*row))
        service.idle()
        for number in range(KILLS):
            once(forge, number, f"{KILLS} kills, seed {SEED}")
    finally:
        service.stop()
    asyncio.run(all_done(database_url))


async def all_done(database_url):
    store = await open_store(database_url)
    try:
        async with store.database.reading() as connection:
            jobs = (await connection.execute(text("SELECT state, count(*) FROM jobs GROUP BY state"))).all()
            buried = (await connection.execute(text("SELECT id, message FROM buried WHERE settled_at IS NULL"))).all()
            states = (await connection.execute(text("SELECT state, count(*) FROM deliveries GROUP BY state"))).all()
    finally:
        await store.database.close()
    assert [tuple(row) for row in buried] == []
    assert [tuple(row) for row in jobs] == [("done", 2 * KILLS)]
    assert [tuple(row) for row in states] == [("job", 2 * 4 * KILLS)]
