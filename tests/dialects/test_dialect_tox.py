from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("tox"))
def test_tox(sample):
    check("tox", sample)
