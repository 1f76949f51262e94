"""For all tests: parts that could not be had are named in the last lines, and with CI=true no test may be skipped."""

from __future__ import annotations

import os

import pytest

from tests.parts import require

__all__ = ["require"]

STRICT = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def _refuse(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure that says the skip's reason."""
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"CI=true allows no skip. {_reason(report)}"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where = report.longrepr
    return str(where[2]) if isinstance(where, tuple) else str(where)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    report = yield
    _refuse(report)
    return report


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter):
    """After everything else, since the last lines are what people read."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    reasons: dict[str, list[str]] = {}
    for report in skipped:
        reasons.setdefault(_reason(report).removeprefix("Skipped: "), []).append(report.nodeid)
    if reasons:
        terminalreporter.section("not run", sep="-")
    for reason, tests in sorted(reasons.items()):
        terminalreporter.write_line(f"{len(tests)} not run: {reason}: {', '.join(tests[:3])}{' …' * (len(tests) > 3)}")
