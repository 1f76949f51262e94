from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("flake8"))
def test_flake8(sample):
    check("flake8", sample)
