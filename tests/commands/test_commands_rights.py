"""Every word for every level, for both audiences: the expectation is written out by hand."""

from pathlib import Path

import pytest

from bot.commands import LEVELS, TABLE, Audience, allowed, help_text, manual, parse, unknown_text, word
from tests.commands.expected import CHANGE_ONLY, LEAST, UPSTREAM


@pytest.mark.parametrize(
    "permission", ["owner", "maintain", "write", "triage", "read", "none", "bot", "self", "nonsense", ""]
)
@pytest.mark.parametrize("said", LEAST)
def test_every_word_for_every_level(said, permission):
    for audience, words in ((Audience.CHANGE, CHANGE_ONLY), (Audience.UPSTREAM, UPSTREAM)):
        enough = permission in LEVELS and LEVELS.index(permission) >= LEVELS.index(LEAST[said])
        verdict = allowed(said, permission, audience)
        assert bool(verdict) is (enough and said in words)
        assert verdict or verdict.why
        stranger = audience is Audience.UPSTREAM and permission in {"none", "nonsense", ""}
        assert verdict.answer is (permission not in {"bot", "self"} and (bool(verdict) or not stranger))


def test_the_table_is_complete_and_its_opposites_exist():
    assert {row.word for row in TABLE} == set(LEAST)
    for row in TABLE:
        assert row.does.endswith(".")
        if row.opposite:
            back = word(row.opposite)
            assert back is not None
            assert set(row.audience) <= set(back.audience)


def test_unknown_words_are_refused():
    assert not allowed("rm", "owner", Audience.CHANGE)
    assert allowed("rm", "read", Audience.UPSTREAM).answer
    assert not allowed("rm", "none", Audience.UPSTREAM).answer  # a stranger can't make us talk in another's thread


@pytest.mark.parametrize("audience", list(Audience))
def test_help_names_every_word_of_its_audience_and_never_commands(audience):
    text = help_text(audience)
    for row in TABLE:
        assert (f"`{row.usage}`" in text) is (audience in row.audience)
    assert parse(text) == ()
    assert not any(line.startswith("/") for line in text.splitlines())


def test_the_answer_to_unknown_words_teaches_and_cannot_be_injected():
    text = unknown_text(parse("/upriver hodl\n/upriver blame\n/upriver @everyone`"), Audience.CHANGE)
    assert "`/upriver hold` meant?" in text
    assert "`blame`: it needs a distribution's name behind it." in text
    assert "@everyone" not in text
    assert parse(text) == ()


def test_the_page_in_the_docs_is_current():
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    assert page.read_text() == manual(), "write bot.commands.manual() to docs/commands.md"
