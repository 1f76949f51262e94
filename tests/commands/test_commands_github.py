"""Every word × everybody × every place where people write, on GitHub's stand-in: the same table as on Gerrit."""

import pytest

from bot.commands import TABLE, Argument, Audience, allowed
from bot.model import Ignored
from bot.standin import play
from tests.commands.expected import CHANGE_ONLY, may_say
from tests.standin.home import at_home

ARGUMENTS = {
    Argument.NONE: "",
    Argument.URL: "https://example.org/1",
    Argument.DISTRIBUTION: "flask",
    Argument.DAYS: "7",
    Argument.VERSION: "2.0",
}
PEOPLE = {
    "olga": ("admin", "owner"),
    "mara": ("maintain", "maintain"),
    "will": ("write", "write"),
    "tina": ("triage", "triage"),
    "reed": ("read", "read"),
    "stranger": (None, "read"),
}
"""Login to the role that GitHub knows and the level that follows; a stranger reads what is public."""


def comment(home, pull, login, text):
    return play.comment(home.world, home.repo, pull.number, login, text)


def review(home, pull, login, text):
    return play.review(home.world, home.repo, pull.number, login, text)


def inline(home, pull, login, text):
    return play.review_comment(home.world, home.repo, pull.number, login, text)


PLACES = {"issue_comment": comment, "pull_request_review": review, "pull_request_review_comment": inline}


@pytest.fixture
async def home():
    async with at_home() as made:
        made.repo.collaborators.update({login: role for login, (role, _) in PEOPLE.items() if role})
        for login in PEOPLE:
            made.world.user(login)
        yield made


def newest(home, event):
    return home.announced(event)[-1]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("login", PEOPLE)
async def test_every_word_by_everybody(home, login, place):
    pull = play.open_pull(home.world, home.repo, "author")
    level = PEOPLE[login][1]
    for row in TABLE:
        PLACES[place](home, pull, login, f"/upriver {row.word} {ARGUMENTS[row.argument]}")
        (command,) = newest(home, place)
        assert (command.word, command.argument, command.actor) == (row.word, ARGUMENTS[row.argument], login)
        assert await home.source.may(command) == level
        obeyed = bool(allowed(command.word, level, Audience.CHANGE))
        assert (row.word, obeyed) == (row.word, row.word in may_say(level) & CHANGE_ONLY)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("login", ["other-app[bot]", "itself"])
async def test_machines_are_not_even_heard(home, login, place):
    pull = play.open_pull(home.world, home.repo, "author")
    login = f"{home.app.slug}[bot]" if login == "itself" else login
    home.repo.collaborators[login] = "admin"
    PLACES[place](home, pull, login, "/upriver hold")
    assert isinstance(newest(home, place), Ignored)


async def test_an_edited_comment_is_read_again_and_a_quoted_one_is_not(home):
    pull = play.open_pull(home.world, home.repo, "author")
    row = comment(home, pull, "will", "> /upriver hold\n`/upriver hold`")
    assert isinstance(newest(home, "issue_comment"), Ignored)
    play.edit_comment(home.world, home.repo, pull, row, "/upriver retry")
    (first,) = newest(home, "issue_comment")
    play.edit_comment(home.world, home.repo, pull, row, "/upriver retry and pin")
    again, pin = newest(home, "issue_comment")
    assert (first.word, again.word, pin.word) == ("retry", "retry", "pin")
    assert first.where == again.where
    assert first.revision != again.revision


async def test_the_answer_is_given_once_acknowledged_and_edited(home):
    pull = play.open_pull(home.world, home.repo, "author")
    row = comment(home, pull, "will", "/upriver hold")
    (command,) = newest(home, "issue_comment")
    await home.source.acknowledge(command)
    assert [reaction.content for reaction in row.reactions] == ["eyes"]
    first = await home.source.reply(command, "Held.", None)
    second = await home.source.reply(command, "Held still.", first)
    assert (first.id, second.body) == (second.id, "Held still.")
