import unittest


def test_with_subtests(subtests):
    for i in range(3):
        with subtests.test(msg="number", i=i):
            assert i != 1


class Sub(unittest.TestCase):
    def test_loop(self):
        for i in range(2):
            with self.subTest(i=i):
                self.assertEqual(i, 0)
