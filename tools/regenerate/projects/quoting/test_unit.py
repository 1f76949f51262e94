import unittest

from shop import price, total


class ShopTest(unittest.TestCase):
    def test_total(self):
        print("counting")
        self.assertEqual(total(["tea", "tea"]), 7)

    def test_missing(self):
        price("coffee")

    def test_fine(self):
        self.assertEqual(price("tea"), 3)


if __name__ == "__main__":
    unittest.main()
