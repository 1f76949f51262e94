import time


def wait(seconds):
    time.sleep(seconds)


def test_before():
    pass


def test_hangs():
    print("before it hangs")
    wait(30)


def test_after():
    pass
