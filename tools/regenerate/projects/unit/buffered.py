import logging
import unittest


class Buffered(unittest.TestCase):
    def test_prints(self):
        print("to the standard output")
        try:
            {}["x"]
        except KeyError:
            logging.exception("handled")
        self.assertTrue(False, "it is not so")
