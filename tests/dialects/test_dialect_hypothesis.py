from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("hypothesis"))
def test_hypothesis(sample):
    check("hypothesis", sample)
