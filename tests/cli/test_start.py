"""A start imports what a log needs, and nothing that takes a while and that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SLOW = (
    "asyncio", "bot.indexes", "concurrent.futures", "dataclasses", "email", "html", "inspect", "json", "logging",
    "multiprocessing", "packaging", "pydantic", "tarfile", "traceback", "zipfile",
)  # fmt: skip
PROGRAM = """
import sys
from bot.cli import main
main(["analyze", "--offline", "--cache", sys.argv[1], sys.argv[2]])
print("loaded:", *sorted(set(sys.argv[3:]) & set(sys.modules)))
"""


def _loaded(tmp_path: Path, log: str) -> list[str]:
    (tmp_path / "job.log").write_text(log)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "cache"), str(tmp_path / "job.log"), *SLOW],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()[-1].split()[1:]


def test_a_green_log_needs_none_of_the_slow_ones(tmp_path: Path) -> None:
    allowed = {"json", "inspect"}  # records logged as JSON are read wherever they stand; values are msgspec's
    assert set(_loaded(tmp_path, "Successfully installed a-1\n===== 3 passed in 0.1s =====\n")) <= allowed


def test_a_failing_one_is_judged_without_what_only_an_index_or_several_logs_need(tmp_path: Path) -> None:
    log = 'Traceback (most recent call last):\n  File "/w/demo/a.py", line 1, in f\n    g()\nValueError: no\n'
    assert not set(_loaded(tmp_path, log)) & {"asyncio", "concurrent.futures", "multiprocessing", "pydantic"}
