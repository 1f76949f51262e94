"""Several replicas on one PostgreSQL: a dead one's work is taken over, a drained one's is given up."""

from __future__ import annotations

import pytest

from tests.pipeline.processes import Child
from tests.pipeline.test_crashes import deliveries, once, told

pytestmark = pytest.mark.slow


@pytest.fixture
def forge():
    child = Child("tests.pipeline.forge")
    yield child
    child.stop()


@pytest.mark.parametrize("point", [("analyse", "effect"), ("upstream", "effect"), ("advise", "recorded")])
def test_the_living_take_over_what_a_dead_replica_began(forge, postgres_url, tmp_path, point):
    dying = Child(
        "tests.pipeline.serve", told(forge, tmp_path, postgres_url, [*point, "0B"], executor="dying", grace=1.0)
    )
    living = None
    try:
        dying.deliver(deliveries(0, "A"))
        dying.idle()
        dying.deliver(deliveries(0, "B"))
        assert dying.died()
        living = Child("tests.pipeline.serve", told(forge, tmp_path, postgres_url, executor="living", grace=1.0))
        living.idle()
        once(forge, 0, point)
    finally:
        for child in (dying, living):
            if child is not None:
                child.stop()


def test_two_replicas_share_the_work_and_do_it_once(forge, postgres_url, tmp_path):
    pair = [
        Child("tests.pipeline.serve", told(forge, tmp_path / name, postgres_url, executor=name)) for name in ("a", "b")
    ]
    try:
        for number in range(6):
            pair[number % 2].deliver(deliveries(number, "A"))
        pair[0].idle()
        for number in range(6):
            for child in pair:
                child.deliver(deliveries(number, "B"))
        pair[0].idle()
        for number in range(6):
            once(forge, number, "sharing")
    finally:
        for child in pair:
            child.stop()
