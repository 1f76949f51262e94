from absl.testing import absltest, parameterized
from shop import price, total


class ShopTest(parameterized.TestCase):
    @parameterized.named_parameters(("tea", "tea", 3), ("coffee", "coffee", 4))
    def test_price(self, name, cost):
        self.assertEqual(price(name), cost)

    @parameterized.parameters(1, 2)
    def test_total(self, count):
        self.assertEqual(total(["tea"] * count), 3)

    def test_lists(self):
        self.assertSequenceEqual([1, 2, 3], [1, 2, 4])


if __name__ == "__main__":
    absltest.main()
