"""How a job ended, by what its CI prints."""

from __future__ import annotations

import io

import pytest

from bot.extract import read
from bot.model import EndKind

FAILED, LATER = 'The command "tox" exited with 1.', 'The command "flake8" exited with 0.'


@pytest.mark.parametrize(
    ("rows", "kind", "code", "line"),
    [
        (["##[error]Process completed with exit code 2."], EndKind.EXIT_CODE, 2, 1),
        (["##[error]Process completed with exit code 137."], EndKind.SIGNAL, 137, 1),
        ([FAILED, LATER, "Done. Your build exited with 1."], EndKind.EXIT_CODE, 1, 1),
        ([FAILED, LATER], EndKind.EXIT_CODE, 1, 1),
        (['The command "make" exited with 137.', "Done. Your build exited with 1."], EndKind.SIGNAL, 137, 1),
        (["make: *** [test] Error 2", "Done. Your build exited with 2."], EndKind.EXIT_CODE, 2, 2),
        ([LATER, "Done. Your build exited with 0."], EndKind.PASSED, 0, 2),
        ([LATER], EndKind.UNKNOWN, None, None),
        (["ERROR: Job failed: exit code 1"], EndKind.EXIT_CODE, 1, 1),
        (["ERROR: Job failed: execution took longer than 1h0m0s seconds"], EndKind.TIMEOUT, None, 1),
        (["Job succeeded"], EndKind.PASSED, None, 1),
    ],
)
def test_what_a_ci_prints_last(rows, kind, code, line):
    ending = read(io.BytesIO("\n".join(rows).encode())).ending
    assert (ending.kind, ending.code, ending.line) == (kind, code, line)
