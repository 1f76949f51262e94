"""What the templates say of words that strangers wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.web.texts import ago, clean, link, paragraphs, place

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("back", "says"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=400), "20 Oct 2025"),
        (-timedelta(hours=1), "just now"),
    ],
)
def test_when_it_was(back, says):
    assert f">{says}</time>" in ago(NOW - back, NOW)


def test_never():
    assert ago(None, NOW) == "never"


def test_backticks_are_code_and_nothing_in_them_is_markup():
    shown = paragraphs("`<b>` is gone since <i>0.16.0</i>\n\nA second `paragraph")
    assert shown == ("<p><code>&lt;b&gt;</code> is gone since &lt;i&gt;0.16.0&lt;/i&gt;</p><p>A second `paragraph</p>")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "", None, "file:///etc/passwd"]
)
def test_addresses_that_are_not_followed(url):
    assert link(url) == "#"


@pytest.mark.parametrize("url", ["https://example.org/a?b=c", "http://127.0.0.1:8080/x"])
def test_addresses_that_are(url):
    assert link(url) == url


def test_secrets_colours_and_turned_text_do_not_reach_a_page():
    token = "ghp_" + "a1B2" * 9
    assert clean(f"\x1b[31mtoken={token}\x1b[0m \u202eevil\x00").find(token) == -1
    assert clean("\x1b[31mred\x1b[0m \u202eturned\x00") == "red turned"


def test_a_key_in_an_address_keeps_its_slashes_and_nothing_else():
    assert place("github:127.0.0.1:80/a/b/1?x#y") == "github:127.0.0.1:80/a/b/1%3Fx%23y"
