from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("trial"))
def test_trial(sample):
    check("trial", sample)
