from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("ipython"))
def test_ipython(sample):
    check("ipython", sample)
