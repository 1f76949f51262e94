import unittest

STOCK = {"tea": 3}


def count(name):
    return STOCK[name]


class Counting(unittest.TestCase):
    def test_passes(self):
        pass

    def test_compares(self):
        """The count is compared."""
        self.assertEqual(count("tea"), 4)

    def test_raises(self):
        count("coffee")

    def test_chained(self):
        try:
            count("milk")
        except KeyError:
            raise ValueError("unknown: milk")


class SetUpFails(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        count("class")

    def test_never(self):
        pass


class Lists(unittest.TestCase):
    def test_long(self):
        self.assertEqual([1, 2, 3], [1, 3])
