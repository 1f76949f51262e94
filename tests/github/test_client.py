"""The client: what it may not do with a token, and every failure as what the worker does about it."""

from __future__ import annotations

import aiohttp
import pytest

from bot.errors import ConfigError, Gone, Permanent, Refused, Transient
from bot.sources.github import Account, Forge
from bot.sources.github.client import Client
from bot.sources.github.forge import read_key
from bot.standin import Fault, play
from tests.parts import require
from tests.standin.home import at_home

require("standin")
REPO = "/repos/{owner}/{repo}"
WHERE = {"owner": "acme", "repo": "widgets"}


async def _client(home):
    return await home.forge.reader("acme/widgets")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.org/repos/acme/widgets",
        "http://127.0.0.1:1/api/v3/user",
        "//evil.example.org/x",
        "{web}/acme",
    ],
)
async def test_the_token_goes_to_the_api_and_nowhere_else(url):
    async with at_home() as home:
        client = await _client(home)
        with pytest.raises(Refused, match="token"):
            await client.get(url.replace("{web}", home.world.web))


async def test_a_renamed_repository_is_read_by_its_old_name():
    async with at_home() as home:
        play.rename(home.world, home.repo, "acme/gadgets")
        row = await (await _client(home)).get(REPO, **WHERE)
        assert row["full_name"] == "acme/gadgets"


@pytest.mark.parametrize("status", [301, 307])
async def test_a_redirected_write_is_refused_and_never_sent_as_a_get(status):
    async with at_home(write_redirect=status) as home:
        client = home.forge.installation(str(home.installation.id))
        play.rename(home.world, home.repo, "acme/gadgets")
        with pytest.raises(Refused):
            await client.write("POST", f"{REPO}/issues", {"title": "x"}, **WHERE)
        assert home.repo.issues == {}
        assert [row.method for row in home.github.exchanges][-1] == "POST"


@pytest.mark.parametrize("status", [403, 429])
async def test_the_primary_limit_is_waited_for(status):
    async with at_home() as home:
        client = await _client(home)
        home.world.limits.status = status
        await client.get(REPO, **WHERE)
        for window in home.world.limits.windows.values():  # somebody else used it up meanwhile
            window.used = window.limit
        with pytest.raises(Transient) as caught:
            await client.get(f"{REPO}/pulls/1", **WHERE)
        assert 0 < caught.value.retry_after <= 3600
        asked = len(home.github.exchanges)
        with pytest.raises(Transient):  # known to be used up: not even asked
            await client.get(REPO, **WHERE)
        assert len(home.github.exchanges) == asked


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize(("said", "expected"), [(7, 7), (None, 60)])
async def test_the_secondary_limit_is_waited_for(status, said, expected):
    async with at_home() as home:
        limits = home.world.limits
        limits.status, limits.retry_after, limits.writes_a_minute = status, said, 1
        client = await _client(home)
        await client.write("POST", f"{REPO}/issues", {"title": "x"}, **WHERE)
        with pytest.raises(Transient) as caught:
            await client.write("POST", f"{REPO}/issues", {"title": "y"}, **WHERE)
        assert caught.value.retry_after == expected


@pytest.mark.parametrize("kind", ["error", "error-after-commit", "drop", "drop-after-commit", "html", "garbage"])
async def test_a_bad_day_is_transient_and_nothing_is_tried_twice(kind):
    async with at_home() as home:
        client = await _client(home)
        home.world.faults.add(Fault(kind=kind, method="POST", path="/issues$", status=502))
        with pytest.raises(Transient):
            await client.write("POST", f"{REPO}/issues", {"title": "x"}, **WHERE)
        assert len(home.repo.issues) == (1 if "after-commit" in kind else 0)


async def test_an_answer_that_does_not_come_is_transient():
    async with at_home() as home:
        home.forge._account = Account(**{**_fields(home.forge._account), "seconds": 0.2})
        await home.forge.close()
        client = await _client(home)
        home.world.faults.add(Fault(kind="hang-after-commit", method="POST", path="/issues$", seconds=1))
        with pytest.raises(Transient):
            await client.write("POST", f"{REPO}/issues", {"title": "x"}, **WHERE)
        assert len(home.repo.issues) == 1


def _fields(account):
    return {name: getattr(account, name) for name in Account.__slots__}


async def test_what_is_not_there_is_gone_to_a_reader_and_refused_to_a_writer():
    async with at_home() as home:
        client = await _client(home)
        with pytest.raises(Gone):
            await client.get(f"{REPO}/issues/99", **WHERE)
        with pytest.raises(Refused):
            await client.write("POST", f"{REPO}/issues/99/comments", {"body": "x"}, **WHERE)


async def test_what_github_does_not_accept_is_permanent():
    async with at_home() as home:
        client = await _client(home)
        with pytest.raises(Permanent, match="422"):
            await client.write("POST", f"{REPO}/issues", {"title": "x" * 257}, **WHERE)


async def test_tokens_are_kept_and_a_rejected_one_is_renewed():
    async with at_home() as home:
        client = home.forge.installation(str(home.installation.id))
        await client.get(REPO, **WHERE)
        await client.get(f"{REPO}/issues", **WHERE)
        assert len([row for row in home.github.exchanges if "access_tokens" in row.path]) == 1
        home.world.advance(3601)
        with pytest.raises(Transient):
            await client.get(f"{REPO}/issues", **WHERE)
        await client.get(f"{REPO}/issues", **WHERE)
        assert len([row for row in home.github.exchanges if "access_tokens" in row.path]) == 2


async def test_tokens_are_of_the_newer_length():
    async with at_home() as home:
        assert len(await home.forge._token(str(home.installation.id))) > 40


async def test_unchanged_answers_cost_nothing():
    async with at_home() as home:
        client = await _client(home)
        first = await client.get(REPO, **WHERE)
        used = home.world.limits.window(f"installation {home.installation.id}", "core", home.world.now()).used
        assert await client.get(REPO, **WHERE) == first
        assert home.github.exchanges[-1].status == 304
        assert home.world.limits.window(f"installation {home.installation.id}", "core", home.world.now()).used == used


async def test_what_one_token_saw_is_no_answer_for_another():
    async with at_home() as home:
        home.repo.private = True
        await (await _client(home)).get(REPO, **WHERE)
        with pytest.raises(Gone):
            await home.forge.nobody().get(REPO, **WHERE)


async def test_every_request_names_the_api_version():
    async with at_home() as home:
        await (await _client(home)).get(REPO, **WHERE)
        assert all(row.request_headers["x-github-api-version"] == "2022-11-28" for row in home.github.exchanges)


async def test_lists_are_read_over_their_pages():
    async with at_home() as home:
        for number in range(5):
            play.open_issue(home.world, home.repo, "eve", f"issue {number}")
        client = await _client(home)
        rows = [row["title"] async for row in client.pages(f"{REPO}/issues?per_page=2", **WHERE)]
        assert sorted(rows) == [f"issue {number}" for number in range(5)]
        assert len([row async for row in client.pages(f"{REPO}/issues?per_page=2", most=3, **WHERE)]) == 3


async def test_a_link_to_another_host_is_not_followed():
    async with at_home() as home, aiohttp.ClientSession() as session:
        client = Client(session, home.world.api + "/elsewhere", oauth_token="secret")
        with pytest.raises(Refused):
            await client.get(f"{home.world.api}/repos/acme/widgets")


@pytest.mark.parametrize("key", ["/no/such/file", "-----BEGIN RSA PRIVATE KEY-----\nno\n-----END RSA PRIVATE KEY-----"])
def test_a_key_that_is_none_stops_the_start(key):
    with pytest.raises(ConfigError, match="PRIVATE_KEY"):
        read_key(key)


async def test_a_key_may_be_a_file(tmp_path):
    async with at_home() as home:
        path = tmp_path / "key.pem"
        path.write_text(home.app.private_key)
        assert read_key(str(path)).strip() == home.app.private_key.strip()
        assert Forge(Account(app_id="1", private_key=str(path))).has_app


async def test_a_suspended_installation_is_refused():
    async with at_home() as home:
        play.suspend(home.world, home.installation)
        client = home.forge.installation(str(home.installation.id))
        home.forge._tokens.clear()
        with pytest.raises(Refused):
            await client.get(f"{REPO}/issues", **WHERE)
