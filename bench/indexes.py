"""The package index as jobs use it: time, requests and bytes per job, with a cold cache and with a warm one.

`python -m bench indexes` asks the real index, as the client library's default or `UPRIVER_INDEX_URL` has it, through a
cache of its own that is thrown away. Jobs are the corpus' cases; reading the log is not counted. Each job is asked
three times: with the cache as the jobs before left it (cold: the first to need a project pays for it), again by a new
client on the same cache (warm), and once more offline, where the answers must be the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bench.corpus import unpacked
from bot.extract import read
from bot.facts import Fact, Question
from bot.indexes import PackageIndex, open_index
from bot.model import Case, Reading, normalized
from bot.pipeline.gather import gather
from bot.worker import instant


@dataclass(slots=True)
class Recorder:
    """An index that remembers what it was asked and how long each answer took."""

    index: PackageIndex
    asked: list[tuple[Question, float, Fact[object]]] = field(default_factory=list)

    def answer(self, question: Question, as_of: datetime | None) -> Fact[object]:
        """The inner index's answer."""
        began = time.perf_counter()
        fact = self.index.answer(question, as_of)
        self.asked.append((question, time.perf_counter() - began, fact))
        return fact


@dataclass(frozen=True, slots=True)
class Cost:
    """What one job cost in one pass."""

    seconds: float
    questions: int
    requests: int
    bytes: int
    unknown: int


def run(argv: Sequence[str] = ()) -> int:
    """Print the tables; 1 where offline answers differ from the warm ones."""
    parser = argparse.ArgumentParser(prog="python -m bench indexes", description=__doc__)
    parser.add_argument("--cases", type=int, default=0, help="so many of the corpus' cases, evenly chosen; 0: all")
    parser.add_argument("--slowest", type=int, default=5, help="list so many of the slowest cold jobs")
    args = parser.parse_args(argv)
    jobs = _jobs(args.cases)
    url = os.environ.get("UPRIVER_INDEX_URL") or None
    passes: dict[str, list[Cost]] = {}
    kinds: dict[str, Counter[str]] = {}
    answers: dict[str, list[list[object]]] = {}
    with tempfile.TemporaryDirectory(prefix="upriver-bench-") as folder:
        for name in ("cold", "warm", "offline"):
            kinds[name] = Counter()
            passes[name], answers[name] = [], []
            index = open_index(cache_dir=Path(folder), index_url=url, offline=name == "offline")
            for _, case in jobs:
                cost, given = _one(case, index, kinds[name])
                passes[name].append(cost)
                answers[name].append(given)
            index.close()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    _print(passes, size)
    _print_kinds(kinds)
    _print_slowest([name for name, _ in jobs], passes["cold"], args.slowest)
    same = sum(warm == offline for warm, offline in zip(answers["warm"], answers["offline"], strict=True))
    print(f"\noffline answers equal to the warm ones: {same} of {len(jobs)} jobs")
    return int(same < len(jobs))


def _jobs(most: int) -> list[tuple[str, Case]]:
    """The corpus' cases as the pipeline's Cases."""
    folders = sorted(path.parent for path in unpacked("cases").glob("*/case.json"))
    if 0 < most < len(folders):
        folders = [folders[at * len(folders) // most] for at in range(most)]
    return [(folder.name, _case(folder)) for folder in folders]


def _case(folder: Path) -> Case:
    row = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    passing = folder / "passing.log"
    return Case(
        reading=_reading(folder / "failing.log"),
        passing=_reading(passing) if passing.exists() else None,
        project=normalized(row["project"]) if row.get("project") else None,
        as_of=instant(row["as_of"]) if row.get("as_of") else None,
    )


def _reading(log: Path) -> Reading:
    with log.open("rb") as stream:
        return read(stream)


def _one(case: Case, index: PackageIndex, kinds: Counter[str]) -> tuple[Cost, list[object]]:
    """One job's cost, and its answers in the order of the questions."""
    recorder = Recorder(index)
    requests, size = index.tally.requests, index.tally.bytes
    began = time.perf_counter()
    gather(case, recorder)
    seconds = time.perf_counter() - began
    for question, took, _ in recorder.asked:
        kinds[type(question).__name__] += 1
        kinds[f"{type(question).__name__} ms"] += round(took * 1000)
    unknown = sum(not fact.known for _, _, fact in recorder.asked)
    cost = Cost(seconds, len(recorder.asked), index.tally.requests - requests, index.tally.bytes - size, unknown)
    given = sorted((repr(question), repr(fact.answer)) for question, _, fact in recorder.asked)
    return cost, list(given)


def _print(passes: dict[str, list[Cost]], size: int) -> None:
    asking = [at for at, cost in enumerate(passes["cold"]) if cost.questions]
    passes = {name: [costs[at] for at in asking] for name, costs in passes.items()}
    print(f"{len(asking)} jobs that ask anything; the cache is {size / 1e6:.0f} MB in the end\n")
    print(
        "pass     | s/job median | p90 | max | requests/job median | p90 | KiB/job median | p90 | questions | not known"
    )
    print(
        "-------- | ------------ | --- | --- | ------------------- | --- | -------------- | --- | --------- | ---------"
    )
    for name, costs in passes.items():
        seconds, requests = [cost.seconds for cost in costs], [cost.requests for cost in costs]
        sizes = [cost.bytes / 1024 for cost in costs]
        print(
            f"{name:8} | {statistics.median(seconds):12.3f} | {_p90(seconds):.2f} | {max(seconds):.2f} | "
            f"{statistics.median(requests):19.0f} | {_p90(requests):3.0f} | "
            f"{statistics.median(sizes):14.0f} | {_p90(sizes):.0f} | "
            f"{sum(cost.questions for cost in costs):9} | {sum(cost.unknown for cost in costs)}"
        )


def _print_kinds(kinds: dict[str, Counter[str]]) -> None:
    print("\nquestion | asked | ms each, cold | warm")
    print("-------- | ----- | ------------- | ----")
    for name in sorted(name for name in kinds["cold"] if not name.endswith(" ms")):
        each = [kinds[part][f"{name} ms"] / max(kinds[part][name], 1) for part in ("cold", "warm")]
        print(f"{name:8} | {kinds['cold'][name]:5} | {each[0]:13.1f} | {each[1]:.1f}")


def _print_slowest(names: list[str], costs: list[Cost], most: int) -> None:
    if most:
        print("\nslowest with a cold cache")
    for name, cost in sorted(zip(names, costs, strict=True), key=lambda pair: -pair[1].seconds)[:most]:
        print(f"  {cost.seconds:6.1f} s  {cost.requests:4} requests  {cost.bytes / 1e6:6.1f} MB  {name}")


def _p90(values: Sequence[float]) -> float:
    return sorted(values)[min(len(values) * 9 // 10, len(values) - 1)]
