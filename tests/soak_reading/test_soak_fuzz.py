"""The reader under a coverage-guided fuzzer for half an hour (`UPRIVER_FUZZ_SECONDS` says otherwise)."""

from __future__ import annotations

import importlib.util
import os
import random
import subprocess
import sys
import time

import pytest

from tests.fuzzing.properties import examine
from tests.fuzzing.test_reading_properties import SAMPLES, content, mangled

SECONDS = int(os.environ.get("UPRIVER_FUZZ_SECONDS", "1800"))


@pytest.mark.soak
def test_the_reader_survives_half_an_hour_of_fuzzing(tmp_path):
    if importlib.util.find_spec("atheris") is None:
        mutate(SECONDS)
        return
    command = [sys.executable, "-m", "tests.soak_reading.fuzz", str(tmp_path / "corpus"), str(SECONDS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = [path.name for path in tmp_path.glob("found-*")]
    assert not found, done.stderr[-4_000:]
    assert "stat::number_of_executed_units" in done.stderr


def mutate(seconds: int) -> None:
    """Where there is no atheris for this interpreter: logs mangled at random, over and over."""
    chance = random.Random(1)
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        data = content(chance.randrange(len(SAMPLES)))
        for _ in range(chance.randrange(1, 6)):
            data = mangled(data, chance)
        examine(data[:200_000])
