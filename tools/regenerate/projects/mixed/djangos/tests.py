from django.test import SimpleTestCase, TestCase

from djangos.models import Item


class ItemTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        Item.objects.create(name="tea")

    def test_missing(self):
        Item.objects.get(name="coffee")

    def test_buys(self):
        self.client.get("/buy/")

    def test_status(self):
        self.client.raise_request_exception = False
        self.assertEqual(self.client.get("/buy/").status_code, 200)

    def test_queries(self):
        with self.assertNumQueries(2):
            Item.objects.count()


class PlainTest(SimpleTestCase):
    def test_html(self):
        self.assertHTMLEqual("<p>a</p>", "<p>b</p>")

    def test_sub(self):
        for n in range(2):
            with self.subTest(n=n):
                self.assertEqual(n, 2)
