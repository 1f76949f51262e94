from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("uv"))
def test_uv(sample):
    check("uv", sample)
