"""Names and numbers that everything else is said in."""

from __future__ import annotations

import re
from typing import NewType

DistributionName = NewType("DistributionName", str)
"""A normalized distribution name (PEP 503), such as `pyyaml`; never an import name."""

Span = tuple[int, int]

KEPT_FAILURES = 1_000
"""How many distinct failures a Reading keeps; the others are counted."""


def normalized(name: str) -> DistributionName:
    """The distribution name in PEP 503's normal form."""
    return DistributionName(re.sub(r"[-_.]+", "-", name).lower())
