"""How fast logs are read, as ratios to `grep -c -F` on the same file; how much memory that takes; what peers do.

    python -m bench reading [--full] [--rounds N]

CPU seconds are user and system time of a whole process on one core, start and imports included, medians of
interleaved rounds on this machine; so read the ratios. Memory is a process' peak beyond that of the bare interpreter.
What is *varied* has other times and line numbers in each repetition of the corpus: there the reader gains nothing by not
reading again what it has read (`bot.extract.echoes`), unless one log repeats itself. `--full` takes the sizes of the goals (1 GB clean, 200 MB dense, 5 GB for memory), which takes a while and 6 GB of disk.
"""

from __future__ import annotations

import argparse
import gzip
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import zstandard

from bench.corpus import ROOT
from bench.logs import CACHE, clean, dense, mixed, quiet, varied

MB = 1 << 20
OUT = CACHE / "output"
NEEDLE = "Traceback (most recent call last)"
READ = "import sys; from bot.extract import read; r = read(open(sys.argv[1], 'rb')); print(r.failures_total, r.handled_total, r.lines)"
INFLATE = {
    "gz": "import sys; from isal import igzip\nf = igzip.open(sys.argv[1])\nwhile f.read(1 << 20): pass",
    "zst": "import sys, zstandard\nf = zstandard.open(sys.argv[1])\nwhile f.read(1 << 20): pass",
}
BYTES_IN = (
    "import sys; from bot.extract.source import windows\nfor w in windows(open(sys.argv[1], 'rb')): w.count(b'\\n')"
)
SEARCHED = (
    "import sys; from bot.extract import reading; from bot.extract.source import windows; search = reading._NEEDLES.ready().scan\n"
    "for w in windows(open(sys.argv[1], 'rb')): w.count(b'\\n'), search(w, match_event_handler=lambda *hit: None)"
)
"""What is done whatever a log says: reading, cutting and cleaning bytes and counting lines; and the search on top of it,
whose hits nobody looks at."""
PEAK = "; print(next(row for row in open('/proc/self/status') if row.startswith('VmHWM:')).split()[1])"
"""A process' own peak in kB; what its parent is told counts the parent's memory at the fork, too."""
PEERS = ("boltons", "tblib")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one process took."""

    cpu: float
    wall: float


def measured(command: Sequence[str]) -> Taken:
    """Run a process to its end, its output thrown away."""
    began = time.perf_counter()
    with OUT.open("wb") as sink:  # to a file: grep stops at the first match where its output is thrown away
        process = subprocess.Popen(command, cwd=ROOT, stdout=sink)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"{command[:3]} ended with {process.returncode}")
    return Taken(usage.ru_utime + usage.ru_stime, wall)


def median(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, Taken]:
    """Medians of interleaved rounds, after one round that warms the page cache."""
    seen: dict[str, list[Taken]] = {name: [] for name in commands}
    for turn in range(rounds + 1):
        for name, command in commands.items():
            taken = measured(command)
            if turn or rounds == 0:
                seen[name].append(taken)
    return {
        name: Taken(*(statistics.median(getattr(one, field) for one in rows) for field in ("cpu", "wall")))
        for name, rows in seen.items()
    }


def grep(path: Path) -> list[str]:
    """The yardstick."""
    return ["grep", "-c", "-F", NEEDLE, str(path)]


def reading(path: Path) -> list[str]:
    """Everything that Upriver reads of a log."""
    return [sys.executable, "-c", READ, str(path)]


def alone(code: str, path: Path) -> list[str]:
    """A part of the reading by itself."""
    return [sys.executable, "-c", code, str(path)]


def peer(name: str, path: Path) -> list[str]:
    """A peer with the loop that cuts a log into tracebacks for it."""
    return [sys.executable, "-m", "bench.peers", name, str(path)]


# ------------------------------------------------------------------------------------------ the benches


def against_grep(
    title: str, path: Path, rounds: int, goal: float, floor: float, peers: Sequence[str] = (), *, parts: bool = False
) -> None:
    """A table row: speeds, and the ratio that the goal speaks of; `parts` shows what is left for what a log says."""
    size = path.stat().st_size
    commands = {"grep": grep(path), "upriver": reading(path), **{name: peer(name, path) for name in peers}}
    if parts:
        commands |= {"bytes in": alone(BYTES_IN, path), "+ search": alone(SEARCHED, path)}
    seen = median(commands, rounds)
    print(f"{title}: {size / MB:,.0f} MB")
    for name, taken in seen.items():
        ratio = seen["grep"].cpu / taken.cpu
        mark = f"  goal {goal:.2f}, floor {floor:.3f}: {_verdict(ratio, goal, floor)}" if name == "upriver" else ""
        print(
            f"  {name:8} {taken.cpu:7.3f} s CPU  {size / MB / taken.cpu:8,.0f} MB/s  {ratio:5.3f} of grep{mark}",
            flush=True,
        )


def _verdict(ratio: float, goal: float, floor: float) -> str:
    return "goal met" if ratio >= goal else "floor met" if ratio >= floor else "MISSED"


def compressed(path: Path, rounds: int) -> None:
    """Wall time against the same decoder alone, and against reading the plain file."""
    plain = median({"plain": reading(path)}, rounds)["plain"]
    for ending, packed in (("gz", _gzipped(path)), ("zst", _zstandard(path))):
        seen = median(
            {"decoder alone": [sys.executable, "-c", INFLATE[ending], str(packed)], "upriver": reading(packed)}, rounds
        )
        alone, whole = seen["decoder alone"].wall, seen["upriver"].wall
        larger = "reading is the larger part" if plain.wall > alone else "reading is the smaller part"
        print(
            f"  {path.stem} .{ending} ({packed.stat().st_size / MB:,.0f} MB packed): decoder alone {alone:.3f} s, with reading "
            f"{whole:.3f} s wall = {whole / alone:.2f} of the decoder ({larger}: {plain.wall:.3f} s; "
            f"{whole / max(alone, plain.wall):.2f} of the longer one)",
            flush=True,
        )


def _gzipped(path: Path) -> Path:
    packed = path.with_suffix(".log.gz")
    if not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime:
        with path.open("rb") as source, gzip.open(packed, "wb", 6) as sink:
            shutil.copyfileobj(source, sink, MB)
    return packed


def _zstandard(path: Path) -> Path:
    packed = path.with_suffix(".log.zst")
    if not packed.exists() or packed.stat().st_mtime < path.stat().st_mtime:
        with path.open("rb") as source, packed.open("wb") as sink:
            zstandard.ZstdCompressor(level=3).copy_stream(source, sink)
    return packed


def memory(sizes: Sequence[int], make: Callable[[int], Path]) -> None:
    """Peak memory beyond the bare interpreter, and time, by size."""
    bare, _ = _peak([sys.executable, "-c", "pass" + PEAK])
    for size in sizes:
        path = make(size)
        peak, taken = _peak([sys.executable, "-c", READ + PEAK, str(path)])
        megabytes = path.stat().st_size / MB
        beyond = peak - bare
        print(
            f"  {path.stem:24} {megabytes:7,.0f} MB: {beyond:5.1f} MB beyond the interpreter's {bare:.1f}"
            f"{'' if beyond <= 64 else '  MISSED (64)'}; {taken.cpu:.2f} s CPU = {1000 * taken.cpu / megabytes:.2f} ms/MB",
            flush=True,
        )
        if size >= 1000 * MB:
            path.unlink()


def _peak(command: Sequence[str]) -> tuple[float, Taken]:
    """A process' own peak in MB, which it prints last."""
    taken = measured(command)
    return int(OUT.read_text().split()[-1]) / 1024, taken


def felt(rounds: int) -> None:
    """`upriver analyze --offline` on a log of 5 MB, start included."""
    for title, path in (("clean", clean(5 * MB)), ("dense", dense(5 * MB))):
        command = [str(Path(sys.executable).parent / "upriver"), "analyze", "--offline", "--json", str(path)]
        walls = sorted(measured(command).wall for _ in range(max(rounds, 3)))
        print(
            f"  {title} 5 MB: median {statistics.median(walls) * 1000:.0f} ms, best {walls[0] * 1000:.0f} ms "
            f"({'goal met' if statistics.median(walls) <= 0.25 else 'MISSED'}: 250 ms)",
            flush=True,
        )


def run(argv: Sequence[str] = ()) -> int:
    """Print everything; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench reading", description=__doc__)
    parser.add_argument("--full", action="store_true", help="the sizes of the goals: 1 GB, 200 MB, 5 GB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="abcde", help="letters of the parts to run")
    args = parser.parse_args(argv)
    big, small = (1000 * MB, 200 * MB) if args.full else (200 * MB, 50 * MB)
    CACHE.mkdir(parents=True, exist_ok=True)
    if "a" in args.only:
        against_grep("(a) clean", clean(big), args.rounds, 1 / 4, 1 / 6, parts=True)
        against_grep("    clean, varied", varied(small, "passing"), args.rounds, 1 / 4, 1 / 6)
        against_grep("    quiet", quiet(big), args.rounds, 1 / 4, 1 / 6, parts=True)
    if "b" in args.only:
        against_grep("(b) dense", dense(small), args.rounds, 1 / 10, 1 / 15, PEERS, parts=True)
        against_grep("    dense, varied", varied(small, "failing"), args.rounds, 1 / 10, 1 / 15)
        for density in (1, 12, 100):
            path = mixed(small, density)
            against_grep(
                f"    {density} tracebacks/MB", path, args.rounds, 1 / 10, 1 / 15, PEERS if density == 12 else ()
            )
    if "c" in args.only:
        print("(c) compressed")
        for path in (clean(small), dense(small)):
            compressed(path, args.rounds)
    if "d" in args.only:
        print("(d) memory, and time by size")
        sizes = [10 * MB, 100 * MB, *([1000 * MB, 5000 * MB] if args.full else [])]
        memory(sizes, clean)
        memory(sizes, lambda size: mixed(size, 12))
        memory(sizes, quiet)
        memory([10 * MB, 100 * MB], dense)
        memory([10 * MB], lambda size: mixed(size, 1000))
    if "e" in args.only:
        print("(e) what users feel")
        felt(args.rounds)
    return 0
