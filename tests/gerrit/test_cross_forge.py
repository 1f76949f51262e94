"""One defect that Zuul meets on Gerrit and Actions meets on GitHub is one Bug with one thread."""

import json
from datetime import UTC, datetime

import pytest

from bot.analyst import ProcessAnalyst
from bot.model import Change, Job, Occurrence, Thread, Trust
from bot.ports import Spooled
from bot.sources.gerrit.reading import place_of
from bot.store import open_store
from bot.worker import IndexOptions
from tests.parts import PROJECT

CASES = PROJECT / "tests" / "corpus" / "cases"
THEN = datetime(2026, 11, 22, tzinfo=UTC)
TRACKER = "https://github.com/pallets/jinja/issues"


def jobs_of_one_bug():
    """The corpus' first defect that jobs on both forges met: a job and a log of each."""
    rows = [(path.parent, json.loads(path.read_text())) for path in sorted(CASES.glob("*/case.json"))]
    by_bug: dict[str, dict[str, object]] = {}
    for folder, case in rows:
        by_bug.setdefault(case["bug"], {}).setdefault(case["ci"], folder)
    both = next(found for found in by_bug.values() if {"zuul", "github-actions"} <= set(found))
    return both["zuul"], both["github-actions"]


def job(source, name):
    place = place_of("review", f"openstack/{name}~7") if source == "gerrit" else f"acme/{name}#7"
    return Job(
        key=f"{source}:{name}",
        source=source,
        project=f"acme/{name}",
        name="tests",
        change=Change(id=place, url="https://example.org/7", revision="1"),
        finished_at=THEN,
        trust=Trust.TRUSTED,
    )


@pytest.mark.slow
async def test_one_bug_on_two_forges(tmp_path):
    analyst = ProcessAnalyst(IndexOptions(cache=str(tmp_path / "cache"), offline=True))
    store = await open_store(tmp_path / "ledger.db")
    try:
        keys = []
        for source, folder in zip(("gerrit", "github"), jobs_of_one_bug(), strict=True):
            (log,) = folder.glob("failing.log*")
            one = job(source, folder.name)
            made = await analyst.analyse(one, Spooled(log=log), None)
            assert made.fingerprint is not None
            assert one.change is not None
            await store.add_job(one)
            seen = Occurrence(
                job=one.key,
                project=one.project,
                change=one.change.id,
                attempt=1,
                trust=one.trust,
                private=False,
                at=THEN,
            )
            keys.append(await store.see(made.fingerprint, made.judgement, seen))
            if len(keys) == 1:
                await store.adopt(keys[0], Thread(url=f"{TRACKER}/1", tracker=TRACKER))
        assert len(set(keys)) == 1
        history = await store.history(keys[0])
    finally:
        await store.database.close()
    assert {row.job.partition(":")[0] for row in history.occurrences} == {"gerrit", "github"}
    assert [thread.url for thread in history.threads] == [f"{TRACKER}/1"]
