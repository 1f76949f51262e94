from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("doctest"))
def test_doctest(sample):
    check("doctest", sample)
