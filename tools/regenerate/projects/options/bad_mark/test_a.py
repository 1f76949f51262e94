import pytest


@pytest.mark.nothing
def test_a():
    pass
