"""Real counterparts for the tests: a browser, its checker, descriptions of other people's APIs, servers.

`python -m tests.parts fetch` brings them through package clients into `.cache/parts` (or `$UPRIVER_PARTS`), without
root. A test asks for one with `require("chromium")` and is skipped, by name and reason, where it could not be had;
with CI=true such a skip fails (`tests/conftest.py`).

A folder of tests that needs more has a `parts.py` with `fetch(folder: Path) -> None`, which is called with the parts'
folder and must be quick and quiet where all is there. It may raise; its tests then say why they are skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    """Where fetched parts are."""
    return Path(os.environ.get("UPRIVER_PARTS") or PROJECT / ".cache" / "parts")


def missing(name: str) -> str | None:
    """Why the part of that name is not there, or None where it is."""
    try:
        rows = json.loads((folder() / "parts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "not fetched; run: python -m tests.parts fetch"
    if name not in rows:
        return "not fetched; run: python -m tests.parts fetch"
    return rows[name]["reason"]


def require(name: str) -> Path:
    """The folder of a part; skips the test, by name and reason, where the part could not be had."""
    import pytest

    reason = missing(name)
    if reason is not None:
        pytest.skip(f"part {name}: {reason}", allow_module_level=True)
    return folder() / name
