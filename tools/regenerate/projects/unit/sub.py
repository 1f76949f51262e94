import unittest


class Sub(unittest.TestCase):
    def test_loop(self):
        for i in range(3):
            with self.subTest("number", i=i):
                self.assertEqual(i, 1)
