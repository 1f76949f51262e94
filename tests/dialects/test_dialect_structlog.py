from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("structlog"))
def test_structlog(sample):
    check("structlog", sample)
