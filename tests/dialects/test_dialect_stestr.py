from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("stestr"))
def test_stestr(sample):
    check("stestr", sample)
