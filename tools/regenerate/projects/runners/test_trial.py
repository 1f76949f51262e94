from twisted.internet import defer, reactor
from twisted.logger import Logger
from twisted.python import log
from twisted.trial import unittest

from app import desk


class DeskTrial(unittest.TestCase):
    def test_later(self):
        d = defer.Deferred()
        d.addCallback(lambda _: desk.ask("later"))
        reactor.callLater(0, d.callback, None)
        return d

    def test_never_fires(self):
        return defer.Deferred()

    test_never_fires.timeout = 0.2

    def test_logged(self):
        try:
            desk.ask("logged")
        except desk.Closed:
            log.err(None, "told the log")

    def test_dirty(self):
        reactor.callLater(60, desk.ask, "dirty")

    def test_new_logger(self):
        try:
            desk.ask("new")
        except desk.Closed:
            Logger().failure("new style {x}", x=1)

    @defer.inlineCallbacks
    def test_inline(self):
        yield defer.succeed(None)
        desk.ask("inline")

    def test_todo(self):
        desk.ask("todo")

    test_todo.todo = "some day"

    def test_equal(self):
        self.assertEqual({"a": 1}, {"a": 2})
