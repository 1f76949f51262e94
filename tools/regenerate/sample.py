"""One real output: what is run, where, with which versions, and into which file it goes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.regenerate.environments import HOME, environment

PROJECTS = Path(__file__).parent / "projects"
DATA = Path(__file__).parents[2] / "tests/dialects/data"
WORK = HOME / "project"
_SHOWN = {
    "PYTHONHASHSEED": "0",
    "COLUMNS": "100",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """`name` is `dialect/scenario@versions`; `command` runs in a copy of the project, `{python}` and `{bin}` filled in."""

    name: str
    project: str
    command: str
    python: str = "3.11"
    packages: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    keep: str | None = None
    """A file that the command wrote and that is the sample, instead of what was printed."""
    ending: str = "log"
    neutral: bool = True
    """Whether this machine's paths are replaced; not in binary formats, whose lengths and sums would no longer fit."""

    @property
    def path(self) -> Path:
        """Where it is kept."""
        return DATA / f"{self.name}.{self.ending}"

    def make(self) -> None:
        """Run it and keep what it printed."""
        python = environment(self.python, self.packages)
        self._lay()
        command = self.command.format(python=python, bin=python.parent, tool=Path(__file__).parent)
        path = f"{python.parent}:{os.environ['PATH']}"
        keep = {
            key: value
            for key, value in os.environ.items()
            if key in {"HOME", "UPRIVER_SAMPLES", "SSL_CERT_FILE", "PYENV_ROOT", "LANG"}
        }
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=WORK,
            env={**keep, **_SHOWN, "PATH": path, **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=300,
            check=False,
        )
        said = (WORK / self.keep).read_bytes() if self.keep else done.stdout
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(_neutral(said, python) if self.neutral else said)

    def _lay(self) -> None:
        shutil.rmtree(WORK, ignore_errors=True)
        shutil.copytree(PROJECTS / self.project, WORK)


def _neutral(said: bytes, python: Path) -> bytes:
    """Paths of this machine become those of a CI's."""
    pyenv = str(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions")
    for real, shown in ((WORK, "/home/ci/project"), (python.parent.parent, "/home/ci/venv"), (pyenv, "/opt/python")):
        said = said.replace(str(real).encode(), shown.encode())
    return said.replace(str(HOME).encode(), b"/home/ci/samples").replace(str(Path.home()).encode() + b"/", b"/home/ci/")
