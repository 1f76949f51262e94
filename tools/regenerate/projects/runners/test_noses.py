from app import desk


def test_function():
    assert desk.ask("time") == 13


def test_generated():
    for question in ("time", "weather"):
        yield check, question


def check(question):
    desk.ask(question)


class TestPlain(object):
    def setup(self):
        desk.ask("time")

    def test_method(self):
        desk.ask("sunset")
