from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("pip"))
def test_pip(sample):
    check("pip", sample)
