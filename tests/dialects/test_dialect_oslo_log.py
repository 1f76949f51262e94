from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("oslo_log"))
def test_oslo_log(sample):
    check("oslo_log", sample)
