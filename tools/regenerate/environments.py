"""Interpreters and environments with pinned packages, made once and kept in the folder that `UPRIVER_SAMPLES` names."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HOME = Path(os.environ.get("UPRIVER_SAMPLES", "/tmp/upriver-samples"))  # noqa: S108  # a fixed path keeps outputs alike
UV = str(Path(__file__).parents[2] / ".venv/bin/uv")


def interpreter(version: str) -> Path:
    """An interpreter of a series (`3.11`): pyenv's, PyPy's from the distribution, else uv's choice."""
    if version.startswith("pypy"):
        found = shutil.which("pypy3")
        if found is None:
            raise FileNotFoundError("pypy3 is not installed")
        return Path(found)
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for folder in sorted(root.glob(f"{version}.*")):
        if (folder / "bin/python").exists():
            return folder / "bin/python"
    done = subprocess.run([UV, "python", "find", version], capture_output=True, text=True, check=True)
    return Path(done.stdout.strip())


def environment(version: str, packages: tuple[str, ...]) -> Path:
    """The `python` of an environment that holds the packages; made if it is not there."""
    python = interpreter(version)
    if not packages:
        return python
    name = hashlib.sha256("\n".join((version, *packages)).encode()).hexdigest()[:12]
    folder = HOME / "environments" / name
    if (folder / "made").exists():
        return folder / "bin/python"
    shutil.rmtree(folder, ignore_errors=True)
    if version in {"2.7", "3.6", "3.7"}:
        _old(python, version, packages, folder)
    else:
        subprocess.run([UV, "venv", "-q", "--seed", "--python", python, folder], check=True)
        subprocess.run([UV, "pip", "install", "-q", "--python", folder / "bin/python", *packages], check=True)
    (folder / "made").touch()
    return folder / "bin/python"


def _old(python: Path, version: str, packages: tuple[str, ...], folder: Path) -> None:
    """Interpreters that uv no longer knows."""
    if version == "2.7":
        tools = HOME / "environments/virtualenv27"
        if not tools.exists():
            subprocess.run([python, "-m", "pip", "install", "-q", "-t", tools, "virtualenv<20.22"], check=True)
        run = {**os.environ, "PYTHONPATH": str(tools)}
        subprocess.run([python, "-m", "virtualenv", "-q", "--no-download", folder], check=True, env=run)
    else:
        subprocess.run([python, "-m", "venv", folder], check=True)
    quiet = [folder / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*quiet, *packages], check=True, stderr=subprocess.DEVNULL)
