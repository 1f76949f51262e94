import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.render import markers, quote

HOSTILE = st.text(alphabet=st.sampled_from("`~@#/\n\r <>[]()!*_\\-aG0H1\u202e\x1b\x00"), max_size=120)


@given(HOSTILE)
def test_a_fence_cannot_be_left(text):
    lines = quote.fence(text).split("\n")
    opening = re.match(r"`+", lines[0])[0]
    inside = "\n".join(lines[1:-1])
    assert lines[-1] == opening
    assert opening not in inside
    assert not any(line.startswith("/") for line in lines)


@given(HOSTILE)
def test_inline_code_cannot_be_left_and_is_one_line(text):
    shown = quote.code(text)
    ticks = re.match(r"`+", shown)[0]
    assert shown.endswith(ticks)
    assert ticks not in shown[len(ticks) : -len(ticks)].strip("`").replace("`" * (len(ticks) + 1), "")
    assert "\n" not in shown


@pytest.mark.parametrize("make", [quote.neutral, quote.title, quote.code, quote.prose])
@given(text=HOSTILE)
def test_nothing_mentions_or_links(make, text):
    shown = make(text)
    assert not re.search(r"@[A-Za-z0-9]", shown)
    assert not re.search(r"#\d", shown)
    assert not re.search(r"(?i)\bgh-\d", shown)
    assert "\n" not in shown
    assert "\u202e" not in shown
    assert "\x1b" not in shown


def test_closing_words_and_links_are_harmless():
    shown = quote.neutral("Fixes #12, see https://evil.example/x and owner/repo#3, cc @maintainer <img src=x> [a](b)")
    assert "hxxps" in shown
    assert "#12" not in shown
    assert "@maintainer" not in shown
    assert "\\<img" in shown
    assert "\\[a\\]\\(b\\)" in shown


def test_a_title_fits_githubs_limit():
    assert len(quote.title("x" * 1000)) <= 256


def test_markers_are_found_again_and_shared():
    text = markers.visible("2026-11:0123456789abcdef") + "\n" + markers.hidden("2026-11:0123456789abcdef", "job-1")
    assert markers.fingerprints(text) == ("2026-11:0123456789abcdef",)
    assert markers.notes(text, "2026-11:0123456789abcdef") == ("job-1",)
    assert markers.ours(text)
    assert not markers.ours("a human's text")


def test_our_own_sentences_keep_their_code():
    assert (
        quote.prose("`anvil` 2.0 took *it* away from `hammer.strike`")
        == "`anvil` 2.0 took \\*it\\* away from `hammer.strike`"
    )
