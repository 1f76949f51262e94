from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("behave"))
def test_behave(sample):
    check("behave", sample)
