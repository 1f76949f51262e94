from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("pylint"))
def test_pylint(sample):
    check("pylint", sample)
