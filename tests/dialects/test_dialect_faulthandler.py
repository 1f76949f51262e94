from __future__ import annotations

import pytest

from tests.dialects.truth import check, samples


@pytest.mark.parametrize("sample", samples("faulthandler"))
def test_crashes(sample):
    check("faulthandler", sample)
