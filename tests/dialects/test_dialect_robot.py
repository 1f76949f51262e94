from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("robot"))
def test_robot(sample):
    check("robot", sample)
