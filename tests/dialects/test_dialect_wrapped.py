"""One run as every CI and every tool that prefixes lines prints it: what is read is the same."""

from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("wrapped"))
def test_wrapped(sample):
    check("wrapped", sample)
