from __future__ import annotations

import io

import pytest

from bot.extract import read
from tests.dialects.truth import check, reading, samples


@pytest.mark.parametrize("sample", samples("pytest"))
def test_pytest(sample):
    check("pytest", sample)


def test_what_is_printed_nowhere_is_doubted():
    seen = reading("pytest", "style_no@4.6.log")
    assert any("says 14 failed, 0 found" in doubt for doubt in seen.doubts), seen.doubts


def test_missing_fixtures_are_told_with_their_place():
    seen = reading("pytest", "style_auto@9.0.log")
    missing = next(one for one in seen.failures if "no_such_fixture" in one.message)
    assert (missing.phase.value, missing.outermost.frames[-1].line) == ("setup", 68)


def test_notes_follow_the_message():
    seen = reading("pytest", "grouped_auto@9.0.log")
    (noted,) = (one for one in seen.failures if one.exception == "KeyError")
    assert "in settings.toml" in "\n".join([noted.message, *noted.outermost.notes])


def test_rows_that_say_alike_are_as_many_failures():
    """`--tb=no` with rows cut to the line, where nothing but the rows is printed."""
    rows = [f"FAILED lib/a/tests/test_colors.py::test_dtype[{name}] - Depreca..." for name in ("uint8", "int", "float")]
    rows += [
        "FAILED lib/a/tests/test_colors.py::test_copy - Deprecati...",
        "FAILED lib/a/tests/test_colors.py::test_norm",
        "ERROR lib/a/tests/test_axes.py - Depreca...",
        "ERROR lib/a/tests/test_ticks.py - Depreca...",
    ]
    log = "\n".join(
        ["= short test summary info =".center(80, "="), *rows, " 5 failed, 2 errors in 1.00s ".center(80, "=")]
    )
    seen = read(io.BytesIO(log.encode()))
    assert [failure.test for failure in seen.failures] == [row.split(" - ")[0].split(" ", 1)[1] for row in rows]
    assert not seen.doubts


def test_what_a_passing_test_printed_is_no_failure():
    """`-rA` reports what tests printed that passed."""
    log = """\
==================================== PASSES ====================================
___________________________ test_logged_and_handled ____________________________
------------------------------ Captured log call -------------------------------
ERROR    cache:test_known_issues.py:33 cache miss, falling back
Traceback (most recent call last):
  File "/w/tests/test_known_issues.py", line 31, in test_logged_and_handled
    {}["missing"]
KeyError: 'missing'
=========================== short test summary info ============================
PASSED tests/test_known_issues.py::test_logged_and_handled
============================== 1 passed in 0.76s ===============================
"""
    seen = read(io.BytesIO(log.encode()))
    assert (seen.failures_total, seen.handled_total) == (0, 1)
