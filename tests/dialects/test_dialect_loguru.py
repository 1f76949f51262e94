from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("loguru"))
def test_loguru(sample):
    check("loguru", sample)
