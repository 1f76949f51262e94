"""Where a job's material lies between fetching and reading: a folder a job, on this machine, for a set time.

A reference is the folder's name. What is there is told by a file written last, so a fetch that a crash cut short is
no fetch; and whoever finds nothing (another replica, a retried job of last month) fetches again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from bot.ports import Spooled

CONTENTS = "contents.json"


class Spool:
    """The folders."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def name(self, job: str) -> str:
        """The reference of a job's material; no part of it comes from the job's text."""
        return hashlib.sha256(job.encode()).hexdigest()[:40]

    def clean(self, reference: str) -> Path:
        """An empty folder for it, readable by us alone."""
        folder = self._folder(reference)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def keep(self, reference: str, spooled: Spooled) -> None:
        """Note what was fetched; from now on `find` finds it."""
        folder = self._folder(reference)
        row = {
            "log": _within(folder, spooled.log),
            "passing": _within(folder, spooled.passing) if spooled.passing else None,
            "artifacts": [[name, _within(folder, path)] for name, path in spooled.artifacts],
        }
        (folder / CONTENTS).write_text(json.dumps(row), encoding="utf-8")

    def find(self, reference: str) -> Spooled | None:
        """What was fetched, or None where it is not (or no longer) on this machine."""
        folder = self._folder(reference)
        try:
            row = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        found = Spooled(
            log=folder / row["log"],
            passing=folder / row["passing"] if row["passing"] else None,
            artifacts=tuple((name, folder / path) for name, path in row["artifacts"]),
        )
        return found if found.log.exists() else None

    def remove(self, reference: str) -> None:
        """Delete what was fetched."""
        shutil.rmtree(self._folder(reference), ignore_errors=True)

    def strays(self, known: frozenset[str], before: float) -> list[str]:
        """Folders that no job refers to and that nobody touched since then (seconds since the epoch)."""
        if not self._root.is_dir():
            return []
        return [
            folder.name
            for folder in self._root.iterdir()
            if folder.is_dir() and folder.name not in known and folder.stat().st_mtime < before
        ]

    def _folder(self, reference: str) -> Path:
        if not reference.isalnum():
            raise ValueError(f"{reference!r} is no reference")
        return self._root / reference


def _within(folder: Path, path: Path) -> str:
    """The path relative to the folder. Raises `ValueError` for one outside of it."""
    return str(path.resolve().relative_to(folder.resolve()))
