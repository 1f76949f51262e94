"""The dialects, in the order in which they are asked where several needles stand on one line."""

from __future__ import annotations

from bot.extract.engine import Dialect
from bot.extract.pytest_report import PytestReport, PytestSummary
from bot.extract.tracebacks import Tracebacks
from bot.extract.unittest_report import UnittestReport, UnittestTotals

DIALECTS: tuple[Dialect, ...] = (
    PytestReport(),
    PytestSummary(),
    UnittestReport(),
    UnittestTotals(),
    Tracebacks(),
)
"""Adding a dialect is one module and one line here."""
