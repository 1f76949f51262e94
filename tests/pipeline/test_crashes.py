"""The service is killed after each step in turn, restarted, and has done everything once.

A step is killed at two moments: when its effect is done and not recorded (it runs again), and when it is recorded.
The forge's own calls are killed too, between the forge's commit and our knowing of it.
"""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.store import open_store
from tests.pipeline.processes import Child

STEPS = ("account", "account.done", "complete", "fetch", "analyse", "record", "upstream", "change", "advise", "waiting")
POINTS = [
    *((step, "effect") for step in (*STEPS, "end")),
    *((step, "recorded") for step in ("account", "fetch", "record", "upstream", "advise")),
    ("forge.open", "landed"),
    ("forge.advise", "landed"),
    ("forge.open", "sent"),
    ("forge.advise", "sent"),
]
LAG = 4.5
"""Seconds after which the forge commits a request whose client is dead: the restarted service is up sooner."""


@pytest.fixture
def forge():
    child = Child("tests.pipeline.forge")
    yield child
    child.stop()


def told(forge, folder, database, die=None, **more):
    url = database if isinstance(database, str) else ""
    return {"folder": str(folder), "database": url, "forge": forge.address, "die": die, "grace": LAG + 1, **more}


def deliveries(number: int, letter: str) -> list[dict]:
    """One job of library N, delivered twice and announced by four events."""
    said = {
        "key": f"{number}{letter}",
        "name": f"lib{number} breaks name",
        "project": f"org/p{letter}",
        "change": str(number),
    }
    rows = [{"id": f"{number}{letter}-{event}", "event": event, "job": said} for event in EVENTS]
    return [*rows, dict(rows[0])]


EVENTS = ("workflow_job", "check_run", "workflow_run", "status")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_killed_after_each_step_everything_is_done_once(forge, database_url, tmp_path):
    dies = [[*point, f"{number}B"] for number, point in enumerate(POINTS)]
    service = Child("tests.pipeline.serve", told(forge, tmp_path, database_url, dies[0]))
    try:
        for number in range(len(POINTS)):
            assert service.deliver(deliveries(number, "A")), "the first sighting is no crash"
        service.idle()
        for number, point in enumerate(POINTS):
            forge.call("/world", {"lag": LAG if point[1] == "sent" else 0.0})
            arrived = service.deliver(deliveries(number, "B"))
            assert service.died(), f"{point} was never reached"
            forge.call("/world", {"lag": 0.0})
            service.stop()
            service = Child("tests.pipeline.serve", told(forge, tmp_path, database_url, [*dies, None][number + 1]))
            if arrived is None:  # the forge saw no answer; it delivers again
                assert service.deliver(deliveries(number, "B"))
            service.idle()
            once(forge, number, point)
    finally:
        service.stop()
    asyncio.run(accounted(database_url))


def once(forge, number, point):
    while (world := forge.call("/world", {}))["landing"]:
        time.sleep(0.1)
    issues = [row for row in world["issues"] if f"/lib{number}/" in row["tracker"]]
    advice = [row for row in world["advice"] if row["change"] == f"org/pB#{number}"]
    assert len(issues) == 1, f"{len(issues)} issues after a kill at {point}"
    assert len(advice) == 1, f"{len(advice)} comments after a kill at {point}"
    assert "org/pA" in issues[0]["body"]
    assert issues[0]["url"].removeprefix("http://") in advice[0]["body"], f"advice without its thread after {point}"


async def accounted(database_url):
    """Every delivery is known with what became of it, every job is done, nothing is buried."""
    from sqlalchemy import text

    store = await open_store(database_url)
    try:
        async with store.database.reading() as connection:
            rows = (await connection.execute(text("SELECT id, state FROM deliveries"))).all()
            jobs = (await connection.execute(text("SELECT key, state, reason FROM jobs"))).all()
            buried = (await connection.execute(text("SELECT id, message FROM buried"))).all()
    finally:
        await store.database.close()
    expected = {f"{number}{letter}-{event}" for number in range(len(POINTS)) for letter in "AB" for event in EVENTS}
    assert {row.id for row in rows} == expected
    assert {row.state for row in rows} == {"job"}
    assert len(jobs) == 2 * len(POINTS)
    assert {(row.state, row.reason) for row in jobs} == {("done", "")}
    assert buried == []
