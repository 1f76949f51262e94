"""Fit the weights of the rules on the corpus, cross-validated by library, and write `bot/classify/weights.toml`.

    python -m bench.weights [--more FOLDER…] [--cache DIR] [--offline] [--check]

A cache that is cold is warmed: the index is asked once, some minutes. `--check --offline` on a cold one says so.

What rules see of each case is collected through the real reader and the package index (a warm cache makes it quick and
repeatable). The model is the one that `bot/classify/weighing.py` applies: a softmax over the kinds that are possible,
each kind's score being its prior plus the weights of the rules that fired for it. A rule's weight is its group's
(`strength`) plus its own deviation, which is held near zero: a rule that the corpus hardly shows keeps its group's
weight. Weights never change sign.

No library is on both sides of a fold: cases that share a culprit, a trigger or a project are kept together.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from bench.corpus import ROOT, unpacked
from bot.classify.judging import judging
from bot.classify.rules import RULES
from bot.classify.weighing import Weights, best, calibrated, possible, seen, spread, standing
from bot.extract import read
from bot.indexes import open_index
from bot.model import Case, Kind, normalized
from bot.pipeline.gather import gather
from bot.worker import instant

OUT = ROOT / "bot" / "classify" / "weights.toml"
BY_NAME = {rule.name: rule for rule in RULES}
FOLDS = 5
KINDS = tuple(Kind)
CACHE = ROOT / ".cache" / "index"
STANDINGS = (
    "upstream",
    "upstream-thin",
    "project",
    "project-afar",
    "project-met",
    "project-blind",
    "environment",
    "none",
    "none-red",
)
FIRST_SIGHT = ROOT / "tests" / "data" / "first_sight.json"
STRENGTHS = ("decisive", "strong", "fair", "weak")

FREE = 0.25
"""How strongly priors and groups are held near zero ..."""
OWN = 0.6
"""... and a rule's own deviation: more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the rules saw of one case, and what is true of it."""

    id: str
    truth: Kind
    group: str
    fired: tuple[str, ...]
    possible: tuple[Kind, ...]
    culprit: str | None = None
    fair: tuple[str, ...] = ()
    standings: tuple[tuple[Kind, str], ...] = ()
    """What a verdict of each kind would be calibrated by."""
    unknown: bool = False
    """Whether the index left a question open."""

    def right(self, kind: Kind) -> bool:
        """Whether saying this kind (with the culprit found) is right."""
        return kind is self.truth and (kind is not Kind.UPSTREAM or self.culprit in self.fair)


def examples(folders: Iterable[Path], *, cache: Path, offline: bool) -> list[Example]:
    """The examples of all cases below some folders, in their order."""
    found = [
        (folder, str(cache), offline)
        for root in folders
        for folder in sorted(root.iterdir())
        if (folder / "case.json").is_file()
    ]
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        rows = list(pool.map(_example, found, chunksize=4))
    groups = _grouped([libraries for _, libraries in rows])
    return [replace(example, group=group) for (example, _), group in zip(rows, groups, strict=True)]


def _example(given: tuple[Path, str, bool]) -> tuple[Example, frozenset[str]]:
    folder, cache, offline = given
    told = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    case = _case(folder, told)
    _, facts = gather(case, open_index(cache_dir=Path(cache), offline=offline), parallel=2)
    look = judging(case, facts).look
    fired = [rule for rule, _ in seen(look)]
    culprit = told.get("culprit") or {}
    trigger = told.get("trigger") or {}
    fair = {culprit.get("distribution"), *(told.get("also_right") or [])} - {None}
    libraries = {culprit.get("distribution"), trigger.get("distribution"), told.get("project")} - {None, "cpython"}
    example = Example(
        id=told["id"],
        truth=Kind(told["verdict"]),
        group="",
        fired=tuple(rule.name for rule in fired),
        possible=possible(look),
        standings=tuple((kind, standing(kind, look, fired)) for kind in possible(look)),
        unknown=bool(look.found and look.found.unknown),
        culprit=look.found.culprit if look.found else None,
        fair=tuple(sorted(normalized(name) for name in fair)),
    )
    return example, frozenset(libraries)


def _case(folder: Path, told: Mapping[str, object]) -> Case:
    def reading(name: str):  # noqa: ANN202
        with (folder / name).open("rb") as stream:
            return read(stream)

    artifacts = [
        path for path in sorted(folder.iterdir()) if path.name not in {"case.json", "failing.log", "passing.log"}
    ]
    opened = [(path.name, path.open("rb")) for path in artifacts]
    try:
        with (folder / "failing.log").open("rb") as stream:
            failing = read(stream, opened)
    finally:
        for _, stream in opened:
            stream.close()
    project, as_of = told.get("project"), told.get("as_of")
    return Case(
        reading=failing,
        passing=reading("passing.log") if (folder / "passing.log").exists() else None,
        project=normalized(str(project)) if project else None,
        as_of=instant(str(as_of)) if as_of else None,
    )


def _grouped(libraries: Sequence[frozenset[str]]) -> list[str]:
    """A name for each case's component: cases that share a library share it."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for names in libraries:
        first, *others = sorted(names) or ["-"]
        for other in others:
            parent[root(other)] = root(first)
    return [root(min(names)) if names else f"alone-{number}" for number, names in enumerate(libraries)]


# ---------------------------------------------------------------------------------------------- fitting


def fit(rows: Sequence[Example]) -> Weights:
    """Maximum a posteriori weights by gradient descent with a step that adapts; deterministic."""
    names = sorted({name for row in rows for name in row.fired})
    theta: dict[str, float] = {f"prior:{kind}": 0.0 for kind in KINDS}
    theta |= {f"strength:{strength}": 1.0 for strength in STRENGTHS}
    theta |= {f"rule:{name}": 0.0 for name in names}
    usable = [row for row in rows if row.truth in row.possible and len(row.possible) > 1]
    step, last = 0.05, math.inf
    for _ in range(1500):
        loss, gradient = _loss(theta, usable)
        if loss > last + 1e-9:
            step *= 0.7
        else:
            step *= 1.03
        if abs(last - loss) < 1e-7:
            break
        last = loss
        for name, slope in gradient.items():
            theta[name] -= step * slope
        _clamp(theta, names)
    return _weights(theta, names)


def _loss(theta: Mapping[str, float], rows: Sequence[Example]) -> tuple[float, dict[str, float]]:
    total = 0.0
    slopes: dict[str, float] = defaultdict(float)
    size = len(rows)
    for name, value in theta.items():
        held = OWN if name.startswith("rule:") else FREE
        total += held * value * value / 2
        slopes[name] += held * value
    for row in rows:
        scores = {kind: theta[f"prior:{kind}"] for kind in row.possible}
        for name in row.fired:
            rule = BY_NAME[name]
            if rule.supports in scores:
                scores[rule.supports] += _sign(rule.against) * (
                    theta[f"strength:{rule.strength}"] + theta[f"rule:{name}"]
                )
        top = max(scores.values())
        raised = {kind: math.exp(score - top) for kind, score in scores.items()}
        whole = sum(raised.values())
        total -= scores[row.truth] - top - math.log(whole)
        for kind in row.possible:
            miss = raised[kind] / whole - (kind is row.truth)
            slopes[f"prior:{kind}"] += miss
            for name in row.fired:
                rule = BY_NAME[name]
                if rule.supports is kind:
                    slopes[f"strength:{rule.strength}"] += _sign(rule.against) * miss
                    slopes[f"rule:{name}"] += _sign(rule.against) * miss
    return total / size, {name: slope / size * 20 for name, slope in slopes.items()}


def _sign(against: bool) -> int:  # noqa: FBT001 - a sign has two values
    return -1 if against else 1


def _clamp(theta: dict[str, float], names: Sequence[str]) -> None:
    """Weights keep their sign, and a stronger group never weighs less than a weaker one."""
    floor = 0.1
    for strength in reversed(STRENGTHS):
        theta[f"strength:{strength}"] = floor = max(theta[f"strength:{strength}"], floor)
    for name in names:
        theta[f"rule:{name}"] = max(theta[f"rule:{name}"], -theta[f"strength:{BY_NAME[name].strength}"])


def _weights(theta: Mapping[str, float], names: Sequence[str]) -> Weights:
    return Weights(
        priors={kind: theta[f"prior:{kind}"] for kind in KINDS},
        strengths={strength: theta[f"strength:{strength}"] for strength in STRENGTHS},
        rules={name: theta[f"rule:{name}"] for name in names if abs(theta[f"rule:{name}"]) >= 0.005},
        threshold=0.5,
        calibration={},
    )


# ---------------------------------------------------------------------------------------------- held out


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of a case by weights that never saw its libraries."""

    example: Example
    kind: Kind
    probability: float
    upstream: float


def folds(rows: Sequence[Example]) -> list[list[Example]]:
    """Five parts of about the same size with whole groups; the biggest group first, ties by name."""
    groups: dict[str, list[Example]] = defaultdict(list)
    for row in rows:
        groups[row.group].append(row)
    parts: list[list[Example]] = [[] for _ in range(FOLDS)]
    for name in sorted(groups, key=lambda name: (-len(groups[name]), name)):
        min(parts, key=len).extend(groups[name])
    return parts


def held_out(rows: Sequence[Example], threshold: float | None = None) -> tuple[list[Said], float]:
    """What each case gets from weights fitted without its fold, and the threshold used."""
    raw: list[tuple[Example, dict[Kind, float]]] = []
    parts = folds(rows)
    for number, part in enumerate(parts):
        used = fit([row for other, rest in enumerate(parts) if other != number for row in rest])
        raw += [(row, say(row, used)) for row in part]
    chosen = threshold if threshold is not None else _threshold(raw)
    said = []
    for row, probabilities in raw:
        kind = best(probabilities, chosen)
        said.append(
            Said(
                example=row, kind=kind, probability=probabilities[kind], upstream=probabilities.get(Kind.UPSTREAM, 0.0)
            )
        )
    return said, chosen


def say(row: Example, using: Weights) -> dict[Kind, float]:
    """The kinds' probabilities for a case."""
    return spread(((BY_NAME[name], 1) for name in row.fired), row.possible, using)


def _threshold(raw: Sequence[tuple[Example, dict[Kind, float]]]) -> float:
    """The lowest probability from which on no held-out case was blamed falsely, with half of the rest as margin."""
    wrong = [p.get(Kind.UPSTREAM, 0.0) for row, p in raw if row.truth is not Kind.UPSTREAM]
    lowest = max([0.5, *wrong])
    return round(min(0.8, lowest + (1 - lowest) * 0.2), 3)


GRID = (0.34, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9997, 0.9999)
OFTEN = 40
"""A standing that was met so often has a curve of its own."""
FRESH = 2.0
"""A case that was judged before the rules had seen it tells as much as so many that shaped them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One verdict that was said without knowledge of its case, and whether it was right."""

    standing: str
    probability: float
    right: bool
    weight: float = 1.0


def points(said: Sequence[Said]) -> list[Point]:
    """Held-out verdicts as points."""
    return [
        Point(
            standing=dict(row.example.standings).get(row.kind, row.kind.value),
            probability=row.probability,
            right=row.example.right(row.kind),
        )
        for row in said
    ]


def first_sight() -> list[dict[str, object]]:
    """What was said of each held-out batch before anything was mended for it (`tests/data/first_sight.json`)."""
    rows: list[dict[str, object]] = json.loads(FIRST_SIGHT.read_text(encoding="utf-8"))
    return rows


def fresh_points() -> list[Point]:
    """The same as points."""
    return [
        Point(
            standing=str(row["standing"]),
            probability=float(str(row["probability"])),
            right=bool(row["right"]),
            weight=FRESH,
        )
        for row in first_sight()
    ]


def calibration(rows: Sequence[Point]) -> dict[str, tuple[tuple[float, float], ...]]:
    """How often each probability was right when held out: a logistic curve in the log-odds, given as points.

    Each standing that was met often has its curve, the others their kind's, for they have been wrong in different
    measure. It never makes surer than the model is: few mistakes in a corpus are no licence; for each standing certainty
    is capped by how many cases there were.
    """
    curves = {}
    for name in STANDINGS:
        of = [row for row in rows if row.standing == name]
        if len(of) < OFTEN or name.startswith(Kind.UPSTREAM.value):  # to be sure of blame by mistake is dearest
            of = [row for row in rows if row.standing.partition("-")[0] == name.partition("-")[0]]
        slope, offset = _logistic(of)
        curves[name] = [(p, 1 / (1 + math.exp(-(slope * _odds(p) + offset)))) for p in GRID]
    caps = {}
    for name in STANDINGS:
        of = [row for row in rows if row.standing == name]
        # Laplace: after n right ones of n the next may still be wrong.
        caps[name] = (sum(row.weight * row.right for row in of) + 1) / (sum(row.weight for row in of) + 2)
    for name in STANDINGS:
        caps[name] = min(caps[name], caps.get(name.partition("-")[0], 1.0))
    told = {name: tuple((p, round(caps[name] * was, 4)) for p, was in curves[name]) for name in STANDINGS}
    # What lacks something is never surer than what lacks nothing.
    return {
        name: tuple((p, min(was, full)) for (p, was), (_, full) in zip(rows, told[name.partition("-")[0]], strict=True))
        for name, rows in told.items()
    }


def _logistic(rows: Sequence[Point]) -> tuple[float, float]:
    """Slope and offset of the curve; the slope at most 1 and the offset at most 0."""
    slope, offset = 1.0, 0.0
    step = 1.0 / (20 + sum(row.weight for row in rows))
    for _ in range(3000):
        rise, fall = 0.5 * (slope - 1), 0.5 * offset
        for row in rows:
            odds = _odds(row.probability)
            miss = row.weight * (1 / (1 + math.exp(-(slope * odds + offset))) - row.right)
            rise += miss * odds
            fall += miss
        slope, offset = min(1.0, max(0.2, slope - step * rise / 4)), min(0.0, offset - step * fall)
    return slope, offset


def _odds(probability: float) -> float:
    clipped = min(max(probability, 1e-4), 1 - 1e-4)
    return math.log(clipped / (1 - clipped))


# ---------------------------------------------------------------------------------------------- writing


def written(used: Weights, said: Sequence[Said], blind: Sequence[Said], threshold: float, count: int) -> str:
    """The generated file's text."""
    missed = sum(not row.example.right(row.kind) for row in said)
    lines = [
        "# Written by `python -m bench.weights`; do not edit.",
        f"# Fitted on {count} cases; held out by library, {missed} of them were judged wrongly.",
        "",
        "[threshold]",
        f"upstream = {threshold}",
        "",
        "[priors]",
        *(f"{kind} = {used.priors[kind]:.3f}" for kind in KINDS),
        "",
        "[strengths]",
        *(f"{strength} = {used.strengths[strength]:.3f}" for strength in STRENGTHS),
        "",
        "[rules]",
        *(f"{name} = {used.rules[name]:.3f}" for name in sorted(used.rules)),
        "",
        "[calibration]",
        *(
            f"{name} = [{', '.join(f'[{p}, {was}]' for p, was in rows)}]"
            for name, rows in calibration(known_points(said, blind)).items()
        ),
    ]
    return "\n".join(lines) + "\n"


def known_points(said: Sequence[Said], blind: Sequence[Said]) -> list[Point]:
    """Everything that confidence is calibrated on: held out by library, without an index, at first sight."""
    lacking = [point for point in points(blind) if "-" in point.standing]
    return [*points(said), *lacking, *fresh_points()]


def blindly(places: Sequence[Path], using: Weights) -> list[Said]:
    """What is said of each case where the index answers nothing."""
    with tempfile.TemporaryDirectory(prefix="upriver-blind-") as empty:
        rows = examples(places, cache=Path(empty), offline=True)
    said = []
    for row in rows:
        probabilities = say(row, using)
        kind = best(probabilities, using.threshold)
        said.append(
            Said(
                example=row, kind=kind, probability=probabilities[kind], upstream=probabilities.get(Kind.UPSTREAM, 0.0)
            )
        )
    return said


OWN_CASES = ("negatives", "heldout")
"""The project's own cases, each an archive below `tests/data`: made by construction; and met as unseen ones."""


def folders(more: Sequence[str]) -> list[Path]:
    """Where the cases are: the corpus' two parts, the project's own, and what else was named."""
    own = [folder for name in OWN_CASES for folder in _holding(unpacked_from(name))]
    return [unpacked("cases"), unpacked("negatives"), *own, *map(Path, more)]


def _holding(root: Path) -> list[Path]:
    """The folders below one that hold cases' folders."""
    return sorted({case.parent.parent for case in root.rglob("case.json")})


def unpacked_from(name: str) -> Path:
    """The project's own cases, unpacked into the cache like the corpus."""
    import tarfile

    target = ROOT / ".cache" / "corpus" / f"own-{name}"
    archive = ROOT / "tests" / "data" / name / f"{name}.tar.xz"
    if not target.is_dir() or target.stat().st_mtime < archive.stat().st_mtime:
        target.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as packed:
            # our own archive; Debian 12's Python knows no filters
            packed.extractall(target, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))  # noqa: S202
        os.utime(target)
    return target


def main(argv: Sequence[str] | None = None) -> int:
    """Fit and write, or (`--check`) only say whether the file is what fitting gives."""
    parser = argparse.ArgumentParser(prog="python -m bench.weights", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--more", nargs="*", default=[], help="further folders of cases")
    parser.add_argument(
        "--cache", type=Path, default=CACHE, help="the index's answers (default: .cache/index, warmed on first use)"
    )
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the file would change")
    args = parser.parse_args(argv)
    places = folders(args.more)
    rows = examples(places, cache=args.cache, offline=args.offline)
    if args.offline and (open_ := sum(row.unknown for row in rows)) > len(rows) // 10:
        print(
            f"{args.cache} is cold: {open_} of {len(rows)} cases have questions that it can't answer; leave --offline out"
        )
        return 2
    said, threshold = held_out(rows)
    used = fit(rows)
    blind = blindly(places, structs.replace(used, threshold=threshold))
    text = written(used, said, blind, threshold, len(rows))
    wrong = [row for row in said if not row.example.right(row.kind)]
    for row in wrong:
        print(f"held out, wrong: {row.example.id} is {row.example.truth}, said {row.kind} ({row.probability:.2f})")
    print(f"{len(rows)} cases, {len({row.group for row in rows})} groups of libraries, threshold {threshold}")
    if args.check:
        same = OUT.read_text(encoding="utf-8") == text
        print("weights.toml is what fitting gives" if same else "weights.toml differs from what fitting gives")
        return 0 if same else 1
    OUT.write_text(text, encoding="utf-8")
    return 0


__all__ = [
    "Example",
    "Point",
    "Said",
    "blindly",
    "calibrated",
    "calibration",
    "examples",
    "first_sight",
    "fit",
    "folders",
    "held_out",
    "known_points",
    "points",
    "say",
    "written",
]

if __name__ == "__main__":
    sys.exit(main())
