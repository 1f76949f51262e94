"""What a user waits for one log: `upriver analyze --offline` on each file of the corpus, process start included.

    python -m bench startup [--part cases|negatives]

CPU seconds (user and system) of the whole process, which is what it takes on a machine that has nothing else to do; the
wall time beside them says what else this one did. Bytecode is made first, as an installed package has it. The last lines
say what is spent before anything is read.
"""

from __future__ import annotations

import argparse
import compileall
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import ROOT, unpacked

SMALL = 1_000_000
BARE = 20
"""Runs of which the start's figures are medians."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What one process took, and whether it answered."""

    cpu: float
    wall: float
    answered: bool


def waited(command: Sequence[str | Path]) -> Wait:
    """Run a process to its end."""
    began = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Wait(usage.ru_utime + usage.ru_stime, time.perf_counter() - began, process.returncode == 0)


def analyze(log: Path) -> list[str | Path]:
    """The command, as a user types it."""
    return [Path(sys.executable).parent / "upriver", "analyze", "--offline", log]


def start() -> None:
    """What is spent before anything is read."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "green.log"
        log.write_text("hello\n", encoding="utf-8")
        for title, command in (
            ("python, doing nothing", [sys.executable, "-c", "pass"]),
            ("a log of one line", analyze(log)),
        ):
            waits = [waited(command) for _ in range(BARE)]
            cpu = statistics.median(one.cpu for one in waits)
            print(f"{title}: median {cpu * 1000:.0f} ms CPU, best {min(one.cpu for one in waits) * 1000:.0f} ms")


def run(argv: Sequence[str] = ()) -> int:
    """Print the waiting times of logs under 1 MB; 1 where an answer failed."""
    parser = argparse.ArgumentParser(prog="python -m bench startup", description=__doc__)
    parser.add_argument("--part", default="cases", choices=("cases", "negatives"))
    args = parser.parse_args(argv)
    compileall.compile_dir(ROOT / "bot", quiet=1)
    waits = {
        log.parent.name: waited(analyze(log))
        for log in sorted(unpacked(args.part).glob("*/*.log"))
        if log.stat().st_size < SMALL
    }
    slowest = max(waits, key=lambda name: waits[name].cpu)
    over = sum(one.cpu > 1 for one in waits.values())
    failed = sum(not one.answered for one in waits.values())
    print(
        f"{len(waits)} logs under 1 MB: median {statistics.median(one.cpu for one in waits.values()) * 1000:.0f} ms CPU, "
        f"slowest {waits[slowest].cpu * 1000:.0f} ms ({slowest}), over 1 s: {over}, failed: {failed}; "
        f"slowest by the clock {max(one.wall for one in waits.values()) * 1000:.0f} ms at a load of {os.getloadavg()[0]:.1f}"
    )
    start()
    return int(failed > 0)
