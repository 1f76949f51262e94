from twisted.internet import defer
from twisted.trial import unittest


class Deferring(unittest.TestCase):
    def test_fails(self):
        d = defer.Deferred()
        d.addCallback(lambda _: {}["deferred"])
        d.callback(None)
        return d

    def test_equal(self):
        self.assertEqual("a", "b")

    def test_error(self):
        int("x")
