from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("rich"))
def test_rich(sample):
    check("rich", sample)
