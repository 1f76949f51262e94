from hypothesis import given, settings
from hypothesis import strategies as st


@settings(derandomize=True, database=None)
@given(st.integers())
def test_small(n):
    assert n < 100


@settings(derandomize=True, database=None)
@given(st.integers(), st.text())
def test_two_ways(n, text):
    if n > 10:
        raise ValueError("too big")
    assert len(text) < 3
