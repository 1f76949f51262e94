import unittest

import xmlrunner

unittest.main("test_desk", testRunner=xmlrunner.XMLTestRunner(output=None if False else "out", verbosity=2))
