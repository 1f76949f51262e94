# -*- coding: utf-8 -*-
import unittest

from app import desk


class DeskTest(unittest.TestCase):
    """A desk."""

    def test_answers(self):
        self.assertEqual(desk.ask("time"), 12)

    def test_wrong(self):
        """The time is wrong."""
        self.assertEqual(desk.ask("time"), 13, "it is late")

    def test_closed(self):
        desk.ask("weather")

    def test_lists(self):
        self.assertEqual([1, 2, 3, "four"], [1, 2, 3, "vier"])

    @unittest.skip("ValueError: not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        desk.ask("expected")

    @unittest.expectedFailure
    def test_surprise(self):
        pass


class SetUpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        desk.ask("class")

    def test_never(self):
        pass


class CleanUpTest(unittest.TestCase):
    def setUp(self):
        self.addCleanup(desk.ask, "cleanup")

    def tearDown(self):
        desk.ask("teardown")

    def test_itself(self):
        desk.ask("itself")
