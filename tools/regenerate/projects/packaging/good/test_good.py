import unittest


class Good(unittest.TestCase):
    def test_six(self):
        import six

        self.assertEqual(six.__version__, "0")
