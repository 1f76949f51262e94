"""What all fetching does: say what it does, try again where a network failed, unpack."""

from __future__ import annotations

import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def say(line: str) -> None:
    """One line to whoever waits."""
    sys.stdout.write(f"parts: {line}\n")
    sys.stdout.flush()


def unpack(archive: Path, into: Path) -> None:
    """A tar archive's content, kept inside `into` where this Python can (Debian 12's 3.11.2 has no filters yet)."""
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(into, filter="data")
        else:
            tar.extractall(into)


def attempts(act: Callable[[], T], *, times: int = 4, pause: float = 3.0) -> T:
    """What `act` returns, at the first try that does not raise; the last try's error otherwise."""
    for number in range(1, times):
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - whatever failed, it may pass; the last error is raised
            say(f"{type(error).__name__}: {error}; again in {pause * number:.0f} s")
            time.sleep(pause * number)
    return act()
