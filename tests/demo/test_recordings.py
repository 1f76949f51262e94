"""The demonstration needs no network: every question that its jobs ask is answered by what was recorded."""

from importlib.resources import files

import pytest

from bot.demo import unpack_index
from bot.demo.stage import recorded
from bot.demo.week import PROJECTS, UPSTREAMS, WEEK, Kind
from bot.worker import IndexOptions, JobSpec, analyse, instant, open_from

JOBS = [step for step in WEEK if step.kind is Kind.JOB]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    cache = tmp_path_factory.mktemp("index")
    unpack_index(cache)
    return open_from(IndexOptions(cache=str(cache), offline=True))


@pytest.mark.parametrize("step", JOBS, ids=lambda step: step.log)
def test_every_question_of_the_week_is_answered(step, index, tmp_path):
    failing = tmp_path / "failing.log"
    failing.write_bytes(recorded(step.log))
    green = recorded(f"{step.log}.green")
    if green:
        (tmp_path / "green.log").write_bytes(green)
    spec = JobSpec(
        id=step.log,
        log=str(failing),
        passing_log=str(tmp_path / "green.log") if green else None,
        as_of=instant(step.ended.replace("Z", "+00:00")),
    )
    unknown = analyse(spec, index).judgement.verdict.unknowns
    assert not [row for row in unknown if "not in the cache" in row], "run python tools/demo_data.py"


def test_the_week_has_every_kind_of_end():
    assert {step.repo for step in JOBS} == set(PROJECTS)
    assert any(step.fork for step in JOBS)
    assert any(step.schedule for step in JOBS)
    assert any(installed for _, _, installed in UPSTREAMS)


def test_the_recordings_are_small():
    size = sum(len(path.read_bytes()) for path in (files("bot.demo") / "data").iterdir())
    assert size < 1_000_000
