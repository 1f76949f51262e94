import pytest


def test_a():
    pytest.exit("the shop is closed", returncode=3)
