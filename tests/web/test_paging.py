"""A long list's pages keep what the list was narrowed to."""

from multidict import MultiDict

from bot.views import Page
from bot.web.texts import environment


def _pages(number, total, **query):
    source = '{% import "macros.html" as m with context %}{{ m.pages(page, total, query) }}'
    shown = environment().from_string(source)
    return shown.render(page=Page(number=number), total=total, query=MultiDict(query), now=None)


def test_one_page_needs_no_links():
    assert "<nav" not in _pages(1, 25)


def test_the_first_leads_on_and_the_last_leads_back():
    assert 'href="?page=2"' in _pages(1, 26)
    assert "Newer" not in _pages(1, 26)
    assert 'href="?page=1"' in _pages(2, 26)
    assert "Older" not in _pages(2, 26)


def test_what_was_asked_for_stays_and_is_escaped():
    shown = _pages(2, 100, q='a b&"<', page="2", live="1")
    assert 'href="?q=a+b%26%22%3C&amp;page=3"' in shown
    assert 'href="?q=a+b%26%22%3C&amp;page=1"' in shown
