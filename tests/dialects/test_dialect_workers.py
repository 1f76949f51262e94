from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("workers"))
def test_workers(sample):
    check("workers", sample)
