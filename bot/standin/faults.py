"""Faults on demand: what the network and GitHub do to a client on a bad day."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

KINDS = (
    "error",  # an answer with `status` instead of the real one; nothing was done
    "error-after-commit",  # the same, but it was done
    "drop",  # the connection is closed; nothing was done
    "drop-after-commit",  # the connection is closed; it was done
    "hang-after-commit",  # it was done, and no answer comes
    "html",  # a proxy's page instead of JSON
    "slow",  # the answer takes `seconds`
    "garbage",  # 200 with a body that is no JSON
)


@dataclass(slots=True, kw_only=True)
class Fault:
    """One fault: which requests it hits, how, and how often."""

    kind: str
    method: str = ""
    """Empty: any."""
    path: str = ""
    """Regular expression searched in the path; empty: any."""
    times: int = 1
    after: int = 0
    """How many matching requests pass before it begins."""
    status: int = 500
    seconds: float = 30.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind} is none of {', '.join(KINDS)}")


@dataclass(slots=True)
class Faults:
    """The faults that are still to come, in order."""

    waiting: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        """Let this happen too."""
        self.waiting.append(fault)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault that hits this request, counted down; None on a good day."""
        for fault in self.waiting:
            if fault.method not in {"", method} or not re.search(fault.path, path):
                continue
            if fault.after:
                fault.after -= 1
                continue
            fault.times -= 1
            if fault.times <= 0:
                self.waiting.remove(fault)
            return fault
        return None
