import pytest

from shop import till

SEEN = []


def test_second_time():
    SEEN.append(1)
    if len(SEEN) < 2:
        till.pay(0)


def test_never():
    till.pay(0)


@pytest.fixture
def unsure():
    till.pay(0)


def test_setup(unsure):
    pass


def test_fine():
    pass
