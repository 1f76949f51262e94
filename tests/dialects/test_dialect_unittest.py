from __future__ import annotations

import io

import pytest

from bot.extract import read
from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("unittest"))
def test_unittest(sample):
    check("unittest", sample)


def test_counts_without_numbers_are_none():
    log = b"Ran 3 tests in 0.1s\n\nFAILED (somehow, failures=1)\n"
    assert [(totals.failed, totals.errors) for totals in read(io.BytesIO(log)).totals] == [(1, 0)]
