import os
import signal


def test_a():
    assert 1 == 2


def test_b():
    os.kill(os.getpid(), signal.SIGINT)
