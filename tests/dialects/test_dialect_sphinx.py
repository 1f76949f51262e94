from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("sphinx"))
def test_sphinx(sample):
    check("sphinx", sample)
