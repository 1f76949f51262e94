from django.test import Client, TestCase


class Views(TestCase):
    def test_raises(self):
        self.client.get("/broken")

    def test_answers(self):
        answer = Client(raise_request_exception=False).get("/broken")
        self.assertEqual(answer.status_code, 500)

    def test_status(self):
        self.assertEqual(self.client.get("/nowhere").status_code, 200)
