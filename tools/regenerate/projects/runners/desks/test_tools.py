import testtools
from testtools.matchers import Equals, MatchesDict

from app import desk


class ToolsTest(testtools.TestCase):
    def test_matches(self):
        self.assertThat(desk.ask("time"), Equals(13), "the clock")

    def test_dict(self):
        self.assertThat({"a": 1}, MatchesDict({"a": Equals(2)}))

    def test_two_details(self):
        self.addDetail("notes", testtools.content.text_content("Traceback (most recent call last):\nno real one"))
        self.expectThat(1, Equals(2))
        desk.ask("weather")

    def test_cleanups(self):
        self.addCleanup(desk.ask, "first")
        self.addCleanup(desk.ask, "second")

    def test_raises(self):
        with testtools.ExpectedException(desk.Closed, "another"):
            desk.ask("rain")
