from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("logging"))
def test_logging(sample):
    check("logging", sample)
