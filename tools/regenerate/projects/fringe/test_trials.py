from shop import price, total
from twisted.internet import defer, reactor
from twisted.trial import unittest


class TrialTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total(["tea", "tea"]), 7)

    def test_later(self):
        waits = defer.Deferred()
        reactor.callLater(0.01, lambda: waits.errback(LookupError("no tea left")))
        return waits

    def test_slow(self):
        self.timeout = 0.1
        return defer.Deferred()

    test_slow.timeout = 0.1

    def test_unclean(self):
        reactor.callLater(100, print)

    def test_logged(self):
        from twisted.python import log

        try:
            price("coffee")
        except KeyError:
            log.err()

    def test_fine(self):
        self.assertEqual(price("tea"), 3)
