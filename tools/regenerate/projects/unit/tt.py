import testtools
from testtools.content import text_content


class Details(testtools.TestCase):
    def test_detail(self):
        self.addDetail("request", text_content("GET /\nHost: x"))
        self.assertEqual(1, 2)

    def test_cleanup(self):
        self.addCleanup(self.clean)
        {}["body"]

    def clean(self):
        raise RuntimeError("cannot clean up")
