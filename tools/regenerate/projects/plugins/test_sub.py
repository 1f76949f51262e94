import unittest


class OrderTest(unittest.TestCase):
    def test_each(self):
        for count in range(3):
            with self.subTest("order", count=count):
                self.assertEqual(count % 2, 0)

    def test_opened(self):
        raise OSError(13, "Permission denied", "/srv/till")


def test_fixture_subtests(subtests):
    for name in ("tea", "coffee"):
        with subtests.test(msg=name):
            assert name == "tea"
