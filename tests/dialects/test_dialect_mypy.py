from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("mypy"))
def test_mypy(sample):
    check("mypy", sample)
