"""Again, a few times, where a network failed; and what the fetching says."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def say(line: str) -> None:
    """One line to whoever waits."""
    sys.stdout.write(f"parts: {line}\n")
    sys.stdout.flush()


def attempts(act: Callable[[], T], *, times: int = 4, pause: float = 3.0) -> T:
    """What `act` returns, at the first try that does not raise; the last try's error otherwise."""
    for number in range(1, times):
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - whatever failed, it may pass; the last error is raised
            say(f"{type(error).__name__}: {error}; again in {pause * number:.0f} s")
            time.sleep(pause * number)
    return act()
