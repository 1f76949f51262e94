from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("build"))
def test_build(sample):
    check("build", sample)
