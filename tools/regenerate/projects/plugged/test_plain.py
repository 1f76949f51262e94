import pytest


def test_without_trace():
    pytest.fail("said without a traceback\nsecond line", pytrace=False)

