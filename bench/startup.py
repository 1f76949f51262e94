"""What a user waits for one log: `upriver analyze --offline` on each file of the corpus, process start included."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence

from bench.corpus import ROOT, unpacked

SMALL = 1_000_000


def run(argv: Sequence[str] = ()) -> int:
    """Print the waiting times of logs under 1 MB; 1 where an answer failed."""
    parser = argparse.ArgumentParser(prog="python -m bench startup", description=__doc__)
    parser.add_argument("--part", default="cases", choices=("cases", "negatives"))
    args = parser.parse_args(argv)
    waits, failed = [], 0
    for log in sorted(unpacked(args.part).glob("*/*.log")):
        if log.stat().st_size < SMALL:
            began = time.perf_counter()
            done = subprocess.run(
                [sys.executable, "-m", "bot", "analyze", "--offline", log], cwd=ROOT, capture_output=True, check=False
            )
            waits.append((time.perf_counter() - began, log.parent.name))
            failed += done.returncode != 0
    slowest, name = max(waits)
    over = sum(wait > 1 for wait, _ in waits)
    print(
        f"{len(waits)} logs under 1 MB: median {statistics.median(wait for wait, _ in waits):.2f} s, slowest {slowest:.2f} s ({name}), over 1 s: {over}, failed: {failed}"
    )
    return int(failed > 0)
