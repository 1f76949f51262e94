from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("unittest"))
def test_unittest(sample):
    check("unittest", sample)
