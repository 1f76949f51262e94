from avocado import Test
from shop import price, total


class Shop(Test):
    def test_total(self):
        self.assertEqual(total(["tea", "tea"]), 7)

    def test_missing(self):
        total(["tea", "coffee"])

    def test_fine(self):
        assert price("tea") == 3
