"""Zuul's own code, whose reporters write the comments that are parsed (PyPI: zuul, 7 MB)"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

VERSION = "14.3.0"
MARK = "upriver-part"


def fetch(folder: Path) -> int | None:
    """Unpack the wheel's Python files to `zuul/`; the bytes downloaded."""
    at = folder / "zuul"
    if (at / MARK).exists() and (at / MARK).read_text() == VERSION:
        return None
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", scratch, f"zuul=={VERSION}"],
            check=True,
            timeout=600,
        )
        (wheel,) = Path(scratch).glob("zuul-*.whl")
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(
                at, [name for name in packed.namelist() if name.startswith("zuul/") and name.endswith(".py")]
            )
        (at / MARK).write_text(VERSION)
        return wheel.stat().st_size
