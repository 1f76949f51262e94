from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("django"))
def test_django(sample):
    check("django", sample)
