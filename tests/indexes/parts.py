"""Real releases for a loopback package index (PyPI: some 30 wheels, sources and an egg, 5 MB)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.parts.attempts import attempts

PACKAGES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("werkzeug", "egg", ("0.1",)),
    ("werkzeug", "wheel", ("2.2.3", "2.3.7", "2.3.8", "3.0.0")),
    ("flask", "wheel", ("2.1.3", "2.2.2", "2.2.3", "2.2.4")),
    ("importlib-metadata", "wheel", ("4.12.0", "4.13.0", "5.0.0")),
    ("httpx", "wheel", ("0.25.2", "0.27.2", "0.28.0")),
    ("jinja2", "wheel", ("2.11.3", "3.0.3", "3.1.0")),
    ("markupsafe", "sdist", ("2.0.1", "2.1.0")),
    ("markupsafe", "wheel", ("2.1.0",)),
    ("kombu", "wheel", ("4.5.0", "5.2.4", "5.3.0")),
    ("docopt", "sdist", ("0.6.2",)),
    ("stevedore", "wheel", ("3.4.0",)),
    ("pyyaml", "sdist", ("5.4.1",)),
)
"""Project, kind of file, versions: of several files that fit, the smallest is taken."""


def fetch(folder: Path) -> int | None:
    """Download what is missing to `folder/indexes`, with what the index says of each file; the bytes that came."""
    target = folder / "indexes"
    target.mkdir(parents=True, exist_ok=True)
    listed = target / "listed.json"
    rows: dict[str, dict[str, Any]] = json.loads(listed.read_text(encoding="utf-8")) if listed.exists() else {}
    there = {(row["project"], row["kind"], row["version"]) for row in rows.values()}
    missing = [(name, kind, version) for name, kind, versions in PACKAGES for version in versions]
    missing = [wanted for wanted in missing if wanted not in there]
    if not missing:
        return None
    got = 0
    for project in dict.fromkeys(name for name, _, _ in missing):
        wanted = [(kind, version) for name, kind, version in missing if name == project]
        found = attempts(lambda project=project, wanted=wanted: _download(project, wanted, target))
        got += sum(row["size"] for row in found.values())
        rows.update(found)
    listed.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    return got


def _download(project: str, wanted: list[tuple[str, str]], target: Path) -> dict[str, dict[str, Any]]:
    """Some files of a project through the index's client, which checks their hashes."""
    from pypi_simple import PyPISimple

    rows: dict[str, dict[str, Any]] = {}
    with PyPISimple() as client:
        packages = client.get_project_page(project, timeout=60).packages
        for kind, version in wanted:
            fitting = [item for item in packages if item.package_type == kind and item.version == version]
            package = min(fitting, key=lambda item: item.size or 0)
            client.download_package(package, target / package.filename, timeout=60)
            rows[package.filename] = {
                "project": project,
                "kind": kind,
                "version": version,
                "sha256": package.digests["sha256"],
                "size": (target / package.filename).stat().st_size,
                "upload-time": package.upload_time.isoformat() if package.upload_time else None,
                "requires-python": package.requires_python,
                "yanked": package.is_yanked,
            }
    return rows
