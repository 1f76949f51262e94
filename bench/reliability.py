"""Whether confidence means what it says: fitted and held out by library, on cases and negatives together.

`python -m bench reliability` collects what the rules see of every case (through the index's cache, which it warms where
it is cold), then prints for the weights that come with the package and for weights fitted without each case's
libraries: the share judged rightly of each kind, Brier score, a reliability table, false blame among the negatives and
at the default threshold for filing, and precision restated for a world in which three failures in a hundred are
upstream's.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.scorer import upper_bound
from bench.weights import (
    BY_NAME,
    CACHE,
    Example,
    blindly,
    calibration,
    examples,
    first_sight,
    folders,
    fresh_points,
    held_out,
    points,
)
from bot.classify.weighing import Weights, best, calibrated, spread, weights
from bot.model import Kind

FILING = 0.95
"""The default confidence from which on a machine may open an issue (`Settings`)."""
PREVALENCE = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One case's verdict with its confidence."""

    example: Example
    kind: Kind
    confidence: float

    @property
    def right(self) -> bool:
        """Whether the kind, and for `upstream` the culprit, is right."""
        return self.example.right(self.kind)


def run(argv: Sequence[str] = ()) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench reliability", description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--offline", action="store_true", help="ask the cache alone")
    parser.add_argument("--more", nargs="*", default=[], help="further folders of cases")
    args = parser.parse_args(argv)
    places = folders(args.more)
    found = examples(places, cache=args.cache, offline=args.offline)
    print(f"{len(found)} cases in {len({row.group for row in found})} groups of libraries")
    _tell("fitted", _fitted(found, weights()))
    _tell("held out by library", _held_out(found))
    _tell("without an index, as shipped", [_row(row.example, weights()) for row in blindly(places, weights())])
    _tell_first_sight()
    return 0


def _fitted(found: Sequence[Example], using: Weights) -> list[Row]:
    return [_row(example, using) for example in found]


def _row(example: Example, using: Weights) -> Row:
    probabilities = spread(((BY_NAME[name], 1) for name in example.fired), example.possible, using)
    kind = best(probabilities, using.threshold)
    by = dict(example.standings)[kind]
    return Row(example=example, kind=kind, confidence=calibrated(by, probabilities[kind], using))


def _tell_first_sight() -> None:
    """What was said of the held-out batches before anything was mended for them, and how sure it was then."""
    rows = first_sight()
    print(f"\n== at first sight: {_share(bool(row['right']) for row in rows)} judged rightly")
    for batch in sorted({str(row["batch"]) for row in rows}):
        of = [row for row in rows if row["batch"] == batch]
        blame = [row for row in of if row["said"] == "upstream"]
        false = sum(row["truth"] != "upstream" for row in blame)
        print(
            f"  {batch}: {_share(bool(row['right']) for row in of)}; blame {_share(bool(row['right']) for row in blame)}, {false} false"
        )
    using = weights()
    sure = [
        (calibrated(str(row["standing"]), float(str(row["probability"])), using), bool(row["right"])) for row in rows
    ]
    print(f"  Brier with the confidence as it is now {sum((one - right) ** 2 for one, right in sure) / len(sure):.4f}")
    wrong = [one for one, right in sure if not right]
    print(f"  surest mistake {max(wrong, default=0):.3f}")


def _held_out(found: Sequence[Example]) -> list[Row]:
    """Verdicts by weights that never saw the case's libraries, calibrated on the other cases' held-out ones."""
    said, _ = held_out(found)
    groups = sorted({row.example.group for row in said})
    half = {group: number % 2 for number, group in enumerate(groups)}
    rows = []
    for side in (0, 1):
        others = [row for row in said if half[row.example.group] != side]
        known = [*points(others), *fresh_points()]
        using = Weights(priors={}, strengths={}, rules={}, threshold=0.5, calibration=calibration(known))
        rows += [
            Row(
                example=row.example,
                kind=row.kind,
                confidence=calibrated(dict(row.example.standings)[row.kind], row.probability, using),
            )
            for row in said
            if half[row.example.group] == side
        ]
    return rows


def _tell(title: str, rows: Sequence[Row]) -> None:
    print(f"\n== {title}: {_share(row.right for row in rows)} judged rightly")
    for kind in Kind:
        of = [row for row in rows if row.example.truth is kind]
        said = [row for row in rows if row.kind is kind]
        print(
            f"  {kind.value:<12} recall {_share(row.right for row in of):<18} precision {_share(row.right for row in said)}"
        )
    brier = sum((row.confidence - row.right) ** 2 for row in rows) / len(rows)
    print(f"  Brier {brier:.4f}")
    _table(rows)
    _blame(rows)


def _table(rows: Sequence[Row]) -> None:
    bins: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        bins[min(int(row.confidence * 20), 19)].append(row)
    print("  said        was      cases")
    for _, row in sorted(bins.items()):
        said = sum(one.confidence for one in row) / len(row)
        was = sum(one.right for one in row) / len(row)
        print(f"  {said:.3f}       {was:.3f}    {len(row):>5}")


def _blame(rows: Sequence[Row]) -> None:
    due = [row for row in rows if row.example.truth is Kind.UPSTREAM]
    negatives = [row for row in rows if row.example.truth is not Kind.UPSTREAM]
    false = [row for row in negatives if row.kind is Kind.UPSTREAM]
    filed = [row for row in false if row.confidence >= FILING]
    bound = upper_bound(len(false), len(negatives))
    print(
        f"  false blame: {len(false)} of {len(negatives)} negatives (95 % upper bound {bound:.4f}), {len(filed)} at the filing threshold of {FILING}"
    )
    hit, slip = sum(row.right for row in due) / len(due), len(false) / len(negatives)
    above = [row for row in due if row.right and row.confidence >= FILING]
    print(f"  due blame made: {_share(row.right for row in due)}, {len(above)} of it at the filing threshold")
    for name, rate in (("as measured", slip), ("at the bound", bound)):
        made = PREVALENCE * hit
        print(
            f"  precision of blame where {PREVALENCE:.0%} are upstream's, {name}: {made / (made + (1 - PREVALENCE) * rate):.3f}"
        )


def _share(rights: Iterable[bool]) -> str:
    rows = list(rights)
    return f"{sum(rows)}/{len(rows)} = {sum(rows) / len(rows):.3f}" if rows else "–"
