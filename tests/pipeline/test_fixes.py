"""A Bug is followed until a release mends it and a job passes with that; the changes that wait are told."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from bot.pipeline.fixes import Fixes
from tests.pipeline.house import house
from tests.store.examples import THEN

pytestmark = pytest.mark.slow  # DBOS finds a new queue within a second, and each test has its own

A = {"key": "1", "name": "lib breaks name", "project": "org/a", "change": "1"}
B = {"key": "2", "name": "lib breaks name", "project": "org/b", "change": "2"}


@pytest.fixture
async def home(tmp_path, database_url):
    async with house(tmp_path, database_url) as made:
        yield made


async def look(home, hours):
    """A look at what is due, so many hours after the last one."""
    home.later += timedelta(hours=hours)
    await Fixes(home.pipeline.work).look()
    await home.idle()


def said(home):
    return {row["change"]: row["body"] for row in home.forge.advice}


async def fix_of(home):
    (key,) = {row.bug for row in [await home.store.job(f"github:forge/{number}") for number in "12"] if row}
    return (await home.store.history(key)).fix


async def test_a_release_that_mends_it_is_told_on_every_change_that_waits(home):
    await home.jobs(A, B)
    await look(home, 0)
    assert await fix_of(home) is None
    home.analyst.released["lib"] = ("1.1", THEN + timedelta(hours=7))
    await look(home, 7)
    assert (await fix_of(home)).version == "1.1"
    assert [row["edits"] for row in home.forge.advice] == [2, 1], "edited in place; the first had heard of the thread"
    for body in said(home).values():
        assert "Fixed upstream in `1.1`, which is out: http://forge/lib/issues/1" in body
        assert "Upgrade: `lib>=1.1`" in body
    assert home.counted("fix", state="released") == 1
    assert len(home.forge.issues) == 1
    assert home.forge.comments == []


async def test_a_job_that_passes_with_it_confirms_it_once(home):
    await home.jobs(A, B)
    home.analyst.released["lib"] = ("1.1", THEN + timedelta(hours=1))
    await look(home, 2)
    home.source.passing["github:forge/2"] = "1.0.9"
    await look(home, 7)
    assert (await fix_of(home)).green == 0, "it passed with a release from before: another reason"
    home.source.passing["github:forge/2"] = "1.2"
    await look(home, 1)
    assert (await fix_of(home)).green == 0, "looked at again in its turn only"
    await look(home, 7)
    assert (await fix_of(home)).green == 1
    assert all("and 1 job that failed like this passes with it" in body for body in said(home).values())
    await look(home, 7)
    assert home.counted("fix", state="confirmed") == 1


async def test_a_job_that_fails_with_the_mending_release_is_news_and_not_mended(home):
    await home.jobs(A)
    home.analyst.released["lib"] = ("0.9", THEN + timedelta(hours=1))
    await look(home, 2)
    await home.jobs(B)
    assert "which is out" not in said(home)["org/b#2"], "1.0 fails, and 0.9 is no later release"


async def test_nothing_is_filed_any_more_once_it_is_out(home):
    await home.jobs(A)
    home.analyst.released["lib"] = ("1.1", THEN + timedelta(hours=1))
    await look(home, 2)
    await home.jobs(B)
    assert home.forge.issues == []
    assert "nothing is filed" in said(home)["org/b#2"]


async def test_material_that_is_gone_leaves_things_as_they_were(home):
    await home.jobs({**A, "key": "1"})
    home.analyst.released["lib"] = ("1.1", THEN + timedelta(hours=1))
    shutil.rmtree(home.pipeline.work.rules.spool)
    home.forge.broken["world"] = [410]
    await look(home, 2)
    assert await fix_of(home) is None
    await look(home, 7)
    assert (await fix_of(home)).version == "1.1", "fetched again"
    assert list(home.pipeline.work.rules.spool.iterdir()) == []
