import unittest

from shop import price, total


class DeskTest(unittest.TestCase):
    def test_total(self):
        print("counting")
        self.assertEqual(total(["tea", "tea"]), 7)

    def test_missing(self):
        price("coffee")

    def test_fine(self):
        self.assertEqual(price("tea"), 3)

    def test_each(self):
        for count in (1, 2):
            with self.subTest(count=count):
                self.assertEqual(total(["tea"] * count), 3)


class BrokenTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise ConnectionError("the till is closed")

    def test_pays(self):
        pass
