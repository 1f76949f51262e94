"""GitHub's issues as a Tracker: channels, consent, finding what stands, writing once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from bot.errors import Gone, Refused
from bot.model import Report
from bot.render import markers
from bot.sources.github import Forge
from bot.standin import play
from bot.trackers.consent import barring_line, opt_out
from bot.trackers.draft import Draft
from bot.trackers.github import GitHubIssues
from tests.parts import require
from tests.standin.home import at_home

require("standin")
FINGERPRINT = "2026-11:0123456789abcdef"
DAY = timedelta(days=1)


def _report(home, full_name="pallets/flask", **more):
    body = f"It fails.\n\n{markers.visible(FINGERPRINT)}\n{markers.hidden(FINGERPRINT)}"
    given = {"title": "flask: ImportError", "body": body, "tracker": home.url(f"{full_name}/issues"), **more}
    return Report(fingerprint=FINGERPRINT, **given)


def _upstream(home, full_name="pallets/flask", **settings):
    return play.repository(home.world, full_name, **settings)


@pytest.mark.parametrize(
    ("rest", "taken"),
    [
        ("pallets/flask", True),
        ("pallets/flask/issues", True),
        ("pallets/flask/issues/new", True),
        ("pallets/flask.git", True),
        ("pallets/flask/issues/5", True),
        ("pallets", False),
        ("sponsors/x/y/z", False),
        ("pallets/flask/tree/main/src", False),
    ],
)
async def test_it_takes_repositories_and_their_threads(rest, taken):
    async with at_home() as home:
        assert home.tracker.takes(home.url(rest)) is taken
        assert not home.tracker.takes("https://gitlab.example.org/pallets/flask")


async def test_without_app_and_token_only_a_human_can_write():
    async with at_home() as home:
        _upstream(home)
        recipient = await home.tracker.recipient(home.url("pallets/flask/issues"))
        assert recipient.channel == "link"
        assert recipient.name.endswith("/pallets")
        with pytest.raises(Refused, match="human"):
            await home.tracker.open(_report(home))


async def test_the_token_is_the_second_channel_and_the_app_the_first():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home)
        url = home.url("pallets/flask/issues")
        assert (await home.tracker.recipient(url)).channel == "token"
        await home.tracker.open(_report(home))
        assert [row.user for row in repo.issues.values()] == ["upriver-reports"]
        play.install(home.world, home.app, "pallets", ["flask"])
        home.forge._found.clear()
        assert (await home.tracker.recipient(url)).channel == "app"
        await home.tracker.open(_report(home))
        assert [row.user for row in repo.issues.values()] == ["upriver-reports", "upriver[bot]"]


async def test_a_second_app_that_only_reports_is_a_channel_too():
    async with at_home() as home:
        repo = _upstream(home)
        manifest = {
            "name": "Upriver reports",
            "url": "https://x.example.org",
            "default_permissions": {"issues": "write"},
        }
        second = play.make_app(home.world, manifest)
        play.install(home.world, second, "pallets", ["flask"])
        account = replace(home.forge._account, upstream_app_id=str(second.id), upstream_private_key=second.private_key)
        forge = Forge(account)
        tracker = GitHubIssues(forge)
        assert (await tracker.recipient(home.url("pallets/flask"))).channel == "app"
        thread = await tracker.open(_report(home))
        assert repo.issues[1].user == f"{second.slug}[bot]"
        assert not (await tracker.state(thread.url)).by_human
        await tracker.edit(thread.url, "edited")
        assert repo.issues[1].body == "edited"
        assert await forge.installed("acme/widgets") == str(home.installation.id)
        await forge.close()


async def test_a_fine_grained_token_is_refused_and_nothing_was_written():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home)
        token = next(row for row in home.world.tokens.values() if row.login == "upriver-reports")
        token.kind = "fine-grained"
        with pytest.raises(Refused, match="403"):
            await home.tracker.open(_report(home))
        assert repo.issues == {}


@pytest.mark.parametrize(
    ("settings", "said"),
    [({"archived": True}, "archived"), ({"disabled": True}, "disabled"), ({"has_issues": False}, "no issues")],
)
async def test_a_closed_door_is_not_knocked_at(settings, said):
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home, **settings)
        assert said in (await home.tracker.recipient(home.url("pallets/flask"))).refused
        with pytest.raises(Refused, match=said):
            await home.tracker.open(_report(home))
        assert repo.issues == {}
        assert not any(row.method == "POST" and row.path.endswith("/issues") for row in home.github.exchanges)


async def test_a_repository_that_is_gone_is_refused():
    async with at_home() as home:
        assert (await home.tracker.recipient(home.url("pallets/nothing"))).refused


@pytest.mark.parametrize("full_name", ["pallets/flask", "pallets/.github"])
async def test_an_opt_out_in_the_repository_or_its_owners_is_heard(full_name):
    async with at_home() as home:
        _upstream(home)
        if full_name != "pallets/flask":
            _upstream(home, full_name)
        home.world.repository(full_name).files[".github/upriver.yml"] = "reports: none\n"
        assert "says no" in (await home.tracker.recipient(home.url("pallets/flask"))).refused


async def test_a_policy_makes_drafts_and_is_quoted():
    async with at_home() as home:
        repo = _upstream(home)
        repo.files["CONTRIBUTING.md"] = (
            "# Contributing\n\nBe kind.\n\nAI-generated issues will be closed immediately.\n"
        )
        recipient = await home.tracker.recipient(home.url("pallets/flask"))
        assert recipient.refused is None
        assert recipient.draft_only == "CONTRIBUTING.md: “AI-generated issues will be closed immediately.”"


@pytest.mark.parametrize(
    "text",
    [
        "We do not accept automated bug reports.",
        "Issues opened by bots are not welcome.",
        "Pull requests and issues written by an LLM will be rejected.",
        "Please don’t submit AI-generated content.",
        "- No AI generated pull requests or issues\n- Be kind",
        "The use of generative AI for contributions is\nprohibited.",
    ],
)
def test_lines_that_bar_machines(text):
    assert barring_line(text)


@pytest.mark.parametrize(
    "text",
    [
        "Our automated tests will run on your pull request; do not worry if they fail.",
        "A bot will ask you to sign the CLA. We can't merge contributions without it.",
        "Do not open issues for questions.",
        "Please do not submit security reports here.",
        "Dependabot opens pull requests; please don't close them.",
        "You don't need automated tests for a documentation contribution.",
        "Reports are welcome, by people and by machines.",
        "<!-- AI-generated issues will be closed -->",
        "",
    ],
)
def test_lines_that_bar_nobody(text):
    assert barring_line(text) is None


def test_a_policy_of_any_length_is_read_in_linear_time():
    assert barring_line("do not " * 200_000) is None


@pytest.mark.parametrize("text", ["reports: none", "reports: false", "enabled: no", "none", "{", "", "reports: [x]"])
def test_what_says_no_and_what_cannot_be_read_is_a_no(text):
    heard = opt_out(text, "upriver.yml")
    assert heard is not None
    assert heard.refused


def test_an_opt_out_file_may_ask_for_drafts_or_allow():
    assert opt_out("reports: draft", "upriver.yml").draft_only
    assert opt_out("reports: allow", "upriver.yml") is None


async def test_what_stands_is_found_at_once_open_or_closed_and_by_whomever():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home)
        url, since = home.url("pallets/flask/issues"), home.world.now() - DAY
        await home.tracker.open(_report(home))
        theirs = play.open_issue(home.world, repo, "eve", "same", f"x\n{markers.visible(FINGERPRINT)}")
        play.set_state(home.world, repo, theirs, "closed", "not_planned")
        play.open_issue(home.world, repo, "eve", "another", markers.visible("2026-11:fedcba9876543210"))
        play.open_pull(home.world, repo, "eve", body=markers.visible(FINGERPRINT))
        found = {row.title: row for row in await home.tracker.standing(url, FINGERPRINT, since)}
        assert set(found) == {"flask: ImportError", "same"}
        assert (found["same"].by_human, found["same"].closed_as) == (True, "not_planned")
        assert not found["flask: ImportError"].by_human
        assert await home.tracker.search(url, ["flask", "ImportError"], since) == []  # the index lags
        home.world.advance(120)
        assert [row.title for row in await home.tracker.search(url, ["flask", "ImportError"], since)] == [
            "flask: ImportError"
        ]


async def test_search_takes_any_words():
    async with at_home(upstream_token=True) as home:
        _upstream(home)
        url = home.url("pallets/flask/issues")
        since = home.world.now() - DAY
        for words in (['repo:evil/x "quoted" is:pr', "OR"], ["x" * 300], ["(", ")"], []):
            assert list(await home.tracker.search(url, words, since)) == []


async def test_a_thread_is_followed_commented_and_edited_over_a_rename():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home)
        thread = await home.tracker.open(_report(home))
        play.rename(home.world, repo, "pallets-eco/flask")
        await home.tracker.edit(thread.url, "new text")
        posted = await home.tracker.comment(thread.url, "news")
        issue = repo.issues[1]
        assert (issue.body, [row.body for row in issue.comments]) == ("new text", ["news"])
        play.comment(home.world, repo, 1, "david", "/upriver not-ours")
        said = await home.tracker.comments(thread.url, home.world.now() - DAY)
        assert [(row.author, row.by_machine) for row in said] == [("upriver-reports", True), ("david", False)]
        assert posted.id == said[0].id
        play.set_state(home.world, repo, issue, "closed")
        state = await home.tracker.state(thread.url)
        assert (state.state, state.closed_as, state.by_human) == ("closed", "completed", False)


async def test_what_people_opened_is_not_edited():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home, collaborators={"upriver-reports": "admin"})
        issue = play.open_issue(home.world, repo, "eve", "hers", "her words")
        with pytest.raises(Refused, match="person"):
            await home.tracker.edit(home.url("pallets/flask/issues/1"), "ours")
        assert issue.body == "her words"


async def test_a_locked_conversation_is_refused():
    async with at_home(upstream_token=True) as home:
        repo = _upstream(home)
        play.open_issue(home.world, repo, "eve", "x").locked = True
        with pytest.raises(Refused):
            await home.tracker.comment(home.url("pallets/flask/issues/1"), "news")


async def test_a_thread_that_is_no_thread_is_gone():
    async with at_home() as home:
        _upstream(home)
        for rest in ("pallets/flask/issues/77", "pallets/flask/wiki"):
            with pytest.raises((Gone, Refused)):
                await home.tracker.state(home.url(rest))


async def test_a_draft_writes_nowhere():
    draft = Draft()
    url = "https://gitlab.example.org/group/project"
    assert draft.takes(url)
    assert not draft.takes("javascript:alert(1)")
    assert (await draft.recipient(url)).name == "gitlab.example.org/group"
    assert (await draft.recipient(url)).channel == "link"
    report = Report(title="x", body="y", tracker=url, fingerprint=FINGERPRINT)
    for write in (draft.open(report), draft.comment(url, "x"), draft.edit(url, "x")):
        with pytest.raises(Refused):
            await write
