"""How the reader fares on logs that nobody has read for it: what it finds against what the runners themselves count.

    python -m bench wild FOLDER… [--show N] [--judge DAY]

There is no truth for such logs, but three things that a misreading shows in: a runner's count of failed tests that is not
the number of tests found, headers of tracebacks that are more than the tracebacks found, and time. Sources of public
logs: repositories that keep CI logs as test data (BugSwarm/bugswarm, lacinoire/master-thesis, aorwall/SWE-bench-docker).
Prints the logs that differ, and of how many. A log that prints other runs' output as its own tests' (pytest's own suite) will differ.
`--judge` also asks whose fault each is, as of a day, with the index of the user's configuration, and prints how often
which verdict was given, and each blame of a third party: for somebody to look at.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.errors import Unreadable
from bot.extract import read
from bot.model import Reading

_HEADER = re.compile(rb"^\S*?(?:[^\n]{0,120} )?Traceback \(most recent call last\):\r?$", re.MULTILINE)


def logs(folders: Sequence[str]) -> Iterator[Path]:
    """The files of some folders, at any depth."""
    for folder in folders:
        yield from sorted(path for path in Path(folder).rglob("*") if path.is_file())


def differences(reading: Reading, headers: int) -> list[str]:
    """In what a reading differs from what the log says of itself."""
    rows = list(reading.doubts)
    counted = sum((total.failed or 0) + (total.errors or 0) for total in reading.totals)
    found = sum(failure.times for failure in reading.failures if failure.test)
    if reading.totals and counted != found and not rows:
        rows.append(f"the runners count {counted}, {found} found")
    read_of = sum(len(failure.chain) * failure.times for failure in reading.failures)
    read_of += sum(len(handled.chain) for handled in reading.handled)
    if headers > read_of and reading.handled_total == len(reading.handled):
        rows.append(f"{headers} headers of tracebacks, {read_of} read")
    return rows


def judged(folders: Sequence[str], day: str) -> None:
    """How often which verdict is given, and who is blamed."""
    jobs = [{"id": path.name, "log": str(path), "as_of": day} for path in logs(folders)]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.write("\n".join(map(json.dumps, jobs)))
        file.flush()
        command = [str(Path(sys.executable).parent / "upriver"), "analyze", "--jobs", file.name, "--json"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            rows = [json.loads(row) for row in process.stdout or ()]
    for kind, count in Counter(row["verdict"] for row in rows if row["failures"]).most_common():
        print(f"  {kind or 'unreadable':12} {count:6,}")
    for row in rows:
        if row["culprit"]:
            print(f"  {row['id']}: {row['culprit']['name']}, {row['confidence']:.2f}: {row['summary']}")


def run(argv: Sequence[str] = ()) -> int:
    """Print everything; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m bench wild", description=__doc__.splitlines()[0] if __doc__ else None
    )
    parser.add_argument("folders", nargs="*", metavar="FOLDER")
    parser.add_argument("--show", type=int, default=20, metavar="N", help="logs that differ of which to print the name")
    parser.add_argument("--judge", metavar="DAY", help="judge the logs as of a day, too")
    args = parser.parse_args(argv)
    if not args.folders:
        print("name folders of logs to hold the reader against; see --help")
        return 0
    seen = failing = size = differing = 0
    slowest = 0.0, ""
    began = time.process_time()
    for path in logs(args.folders):
        data = path.read_bytes()
        before = time.process_time()
        try:
            with path.open("rb") as file:
                reading = read(file)
        except Unreadable as error:
            print(f"  {path}: {error}")
            continue
        taken = (time.process_time() - before) / max(len(data) / (1 << 20), 1)
        slowest = max(slowest, (taken, path.name))
        seen, size, failing = seen + 1, size + len(data), failing + bool(reading.failures_total)
        rows = differences(reading, len(_HEADER.findall(data)))
        if rows:
            differing += 1
            if differing <= args.show:
                print(f"  {path.name}: {'; '.join(rows)}")
    print(
        f"{seen:,} logs of {size / 1e6:,.1f} MB, {failing:,} with failures: {differing:,} differ from what they say of themselves"
    )
    print(
        f"{time.process_time() - began:.1f} s CPU; slowest {slowest[0] * 1000:.0f} ms a megabyte (or a whole log), {slowest[1]}"
    )
    if args.judge:
        print(f"verdicts as of {args.judge}, of the logs with failures:")
        judged(args.folders, args.judge)
    return 0
