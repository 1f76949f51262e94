from lib import nothing_here


def test_never():
    pass
