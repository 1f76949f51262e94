import unittest

from hues import grouped
from shop import total


class HuesTest(unittest.TestCase):
    def test_total(self):
        self.assertEqual(total(["tea"]), 4)

    def test_grouped(self):
        grouped()

    def test_named(self):
        total(name=["tea"])
