"""Fetch every part, say what and how much, and write down what could not be had and why."""

from __future__ import annotations

import importlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.parts import PROJECT, chromium, folder, npm
from tests.parts.attempts import say

AXE = "4.14.1"


@dataclass(frozen=True, slots=True)
class Part:
    """A name to ask for with `require`, what it is, and what brings it to the folder; returns bytes where it knows."""

    name: str
    about: str
    bring: Callable[[Path], int | None]


def own() -> list[Part]:
    """The parts that this package brings."""
    return [
        Part("chromium", "a headless Chromium (npm: @sparticuz/chromium, 70 MB)", chromium.fetch),
        Part(
            "axe",
            "axe-core, which checks pages for accessibility (npm: axe-core, 0.7 MB)",
            lambda at: npm.package("axe-core", AXE, at),
        ),
    ]


def others(root: Path) -> list[Part]:
    """What the `parts.py` of the folders of tests bring; each is given the parts' folder itself."""
    found = []
    for path in sorted((PROJECT / "tests").glob("*/parts.py")):
        module = importlib.import_module(f"tests.{path.parent.name}.parts")
        about = (module.__doc__ or path.parent.name).strip().splitlines()[0]
        found.append(Part(path.parent.name, about, lambda _at, act=module.fetch: act(root)))
    return found


def fetch() -> int:
    """Bring all parts; the exit status is 0 also where one could not be had: its tests say so themselves."""
    root = folder()
    root.mkdir(parents=True, exist_ok=True)
    rows: dict[str, dict[str, object]] = {}
    for part in [*own(), *others(root)]:
        rows[part.name] = _one(part, root)
        _write(root / "parts.json", rows)
    lacking = [name for name, row in rows.items() if row["reason"] is not None]
    say(f"{len(rows) - len(lacking)} of {len(rows)} at {root}")
    for name in lacking:
        say(f"MISSING {name}: {rows[name]['reason']}")
    return 0


def _one(part: Part, root: Path) -> dict[str, object]:
    began = time.monotonic()
    say(f"{part.name}: {part.about}")
    try:
        size = part.bring(root / part.name)
    except Exception as error:  # noqa: BLE001 - whatever it is, the part's tests must say it
        return {"reason": f"{type(error).__name__}: {error}"[:300].replace("\n", " ")}
    took = time.monotonic() - began
    if size:
        say(f"{part.name}: fetched {size / 1e6:.1f} MB in {took:.1f} s")
    elif took < 1.0:
        say(f"{part.name}: there already")
    return {"reason": None}


def _write(path: Path, rows: dict[str, dict[str, object]]) -> None:
    """Whole or not at all: tests may read it meanwhile."""
    scratch = path.with_suffix(".new")
    scratch.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    scratch.replace(path)
