from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("precommit"))
def test_precommit(sample):
    check("precommit", sample)
