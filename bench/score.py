"""The corpus' scorer: cases, negatives and both, offline on a warm cache and, asked to, online.

`python -m bench score` warms the index's cache first where it is cold (that asks the package index; the figures of
that pass are printed too). The scorer itself (`bench/scorer.py`) is the corpus' own, unchanged.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.corpus import ROOT, unpacked


def run(argv: Sequence[str] = ()) -> int:
    """Print the scorer's tables; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench score", description=__doc__)
    parser.add_argument("--online", action="store_true", help="ask the package index (and so warm the cache)")
    parser.add_argument("--show", default="", help="kinds of mistakes to list: verdict,action,culprit,…, or all")
    parser.add_argument("--out", help="keep every answer beside its case, as JSON lines")
    args = parser.parse_args(argv)
    cases, negatives = unpacked("cases"), unpacked("negatives")
    code = 0
    for title, folders in (("cases", [cases]), ("negatives", [negatives]), ("together", [cases, negatives])):
        began = time.monotonic()
        print(f"== {title}, {'online' if args.online else 'offline'}", flush=True)
        code |= _score(folders, online=args.online, show=args.show, out=args.out if title == "together" else None)
        print(f"   ({time.monotonic() - began:.0f} s)\n", flush=True)
    return code


def _score(folders: Sequence[Path], *, online: bool, show: str, out: str | None) -> int:
    command = f"{sys.executable} -m bot analyze --json{'' if online else ' --offline'}"
    options = [*(["--show", show] if show else []), *(["--out", out] if out else [])]
    return subprocess.run(
        [sys.executable, str(ROOT / "bench" / "scorer.py"), *map(str, folders), "--cmd", command, *options],
        cwd=ROOT,
        check=False,
    ).returncode
