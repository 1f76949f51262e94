import pytest

TRIES = []


@pytest.mark.flaky(retries=2)
def test_flaky():
    TRIES.append(1)
    assert len(TRIES) > 5, f"try {len(TRIES)}"


@pytest.mark.flaky(retries=2)
def test_better():
    TRIES.append(1)
    if len(TRIES) % 2 == 0:
        raise RuntimeError("not yet")
