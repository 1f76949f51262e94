"""What the source does on real servers: advice, answers, permissions, edits."""

import asyncio
from datetime import UTC, datetime

import pytest

from bot.commands import TABLE, Audience, allowed
from bot.errors import Permanent, Transient
from bot.model import Change, Command, Delivery, Ignored, Job
from bot.sources.gerrit import GerritSource
from bot.sources.gerrit.reading import TAG, place_of
from bot.sources.gerrit.rest import Rest
from bot.sources.gerrit.settings import secrets_of
from tests.commands.expected import may_say
from tests.gerrit.proxy import Proxy
from tests.gerrit.site import PROJECT

pytestmark = pytest.mark.slow


@pytest.fixture
async def source(site):
    made = GerritSource([site.settings()])
    yield made
    await made.close()


def job_on(site, change, patch_set="current"):
    number = change.rpartition("~")[2]
    return Job(
        key="k",
        source="gerrit",
        project=PROJECT,
        name="tox",
        change=Change(id=place_of(f"review-{site.server.version}", change), url=f"u/{number}", revision=patch_set),
        installation=f"review-{site.server.version}",
    )


def on(site, change, account, word="hold", where="message:x"):
    place = place_of(f"review-{site.server.version}", change)
    return Command(
        word=word,
        actor=str(account.id),
        source="gerrit",
        where=f"{place}:{where}",
        place=place,
        installation=f"review-{site.server.version}",
    )


def own_messages(site, change):
    return [row for row in site.server.detail(change)["messages"] if row["author"]["_account_id"] == site.bot.id]


@pytest.fixture
def change(site):
    return site.server.change(PROJECT, site.owner, {"requirements.txt": "flask>=2\n", "nova/api.py": "x = 1\n"})


# ---------------------------------------------------------------------------------------------- advice


async def test_advice_stands_once_for_each_patch_set_and_text(site, source, change):
    job = job_on(site, change, "2")
    body = "It is **flask**, not you.\n\n<!-- upriver:advice -->\nupriver-fingerprint: `2026-11:0123456789abcdef`"
    assert await source.advice_on(job) is None
    first = await source.advise(job, body, None)
    again = await source.advise(job, body, first)
    assert again == first == await source.advice_on(job)
    (message,) = await asyncio.to_thread(own_messages, site, change)
    assert message["tag"] == TAG
    assert "<!--" not in message["message"]
    assert "upriver-fingerprint" in message["message"]
    changed = await source.advise(job, body.replace("flask", "werkzeug"), first)
    assert changed.id != first.id
    assert len(await asyncio.to_thread(own_messages, site, change)) == 2
    assert await source.advice_on(job_on(site, change, "1")) is None


async def test_a_change_that_is_closed_hears_no_news(site, source, change):
    job = job_on(site, change, "2")
    first = await source.advise(job, "It is flask, not you.", None)
    path = f"changes/{change.replace('/', '%2F')}/abandon"
    await asyncio.to_thread(site.server.ask, "POST", path, {})
    assert await source.advise(job, "flask 2.3 is out.", first) == first
    assert len(await asyncio.to_thread(own_messages, site, change)) == 1


async def test_no_vote_and_no_attention(site, source, change):
    await source.advise(job_on(site, change, "2"), "advice", None)
    detail = await asyncio.to_thread(site.server.detail, change)
    votes = [
        row for label in detail["labels"].values() for row in label.get("all", []) if row["_account_id"] == site.bot.id
    ]
    assert all(row.get("value", 0) == 0 for row in votes)


async def test_a_configured_vote_is_given(site, change):
    voting = GerritSource([site.settings(vote={"Code-Review": -1})])
    try:
        await voting.advise(job_on(site, change, "2"), "advice", None)
    finally:
        await voting.close()
    detail = await asyncio.to_thread(site.server.detail, change)
    (mine,) = [row for row in detail["labels"]["Code-Review"]["all"] if row["_account_id"] == site.bot.id]
    assert mine["value"] == -1


async def test_long_advice_is_cut_and_keeps_its_last_paragraph(site, source, change):
    body = "word " * 9000 + "\n\n```\n" + "line\n" * 4000 + "```\n\nupriver-fingerprint: `2026-11:0123456789abcdef`"
    posted = await source.advise(job_on(site, change, "2"), body, None)
    assert len(posted.body.encode()) <= 16_000
    assert posted.body.endswith("upriver-fingerprint: `2026-11:0123456789abcdef`")
    assert posted.body.count("```") % 2 == 0
    assert await source.advise(job_on(site, change, "2"), body, None) == posted


async def test_a_review_that_was_taken_before_the_answer_was_lost_is_not_repeated(site, change, monkeypatch):
    proxy = Proxy(site.server.http)
    await proxy.start()
    made = GerritSource([site.settings(http=proxy.port, http_seconds=3)])
    job = job_on(site, change, "2")
    real = Rest.post

    async def cut_after(self, path, body):
        await real(self, path, body)
        raise Transient("the answer was lost")

    try:
        monkeypatch.setattr(Rest, "post", cut_after)
        with pytest.raises(Transient):
            await made.advise(job, "advice", None)
        monkeypatch.setattr(Rest, "post", real)
        await made.advise(job, "advice", None)
    finally:
        await made.close()
        await proxy.stop()
    assert len(await asyncio.to_thread(own_messages, site, change)) == 1


async def test_what_is_not_there_is_said(site, source, change):
    with pytest.raises(Permanent):
        await source.advise(job_on(site, f"{PROJECT}~999999", "1"), "advice", None)
    with pytest.raises(Permanent, match="configured"):
        await source.advice_on(Job(key="k", source="gerrit", project="p", name="n", installation="other"))


async def test_edits_name_paths_and_requirements(site, source, change):
    edits = await source.edits(job_on(site, change, "2"))
    assert edits.paths == ("nova/api.py", "requirements.txt")
    assert [(row.distribution, row.before, row.after) for row in edits.requirements] == [("flask", None, ">=2")]
    assert await source.edits(job_on(site, f"{PROJECT}~999999", "1")) is None


# ---------------------------------------------------------------------------------------------- commands


def comment(site, change, who, path, text, **more):
    site.server.review(who, change, {"comments": {path: [{"message": text, **more}]}})
    rows = [row for row in site.server.comments(change)[path] if row["message"] == text]
    return rows[-1]["id"]


@pytest.mark.parametrize(("path", "more"), [("/PATCHSET_LEVEL", {}), ("nova/api.py", {"line": 1}), ("nova/api.py", {})])
async def test_the_answer_stands_in_the_thread_that_asked_once(site, source, change, path, more):
    asked = await asyncio.to_thread(comment, site, change, site.core, path, "/upriver hold", **more)
    command = on(site, change, site.core, where=f"comment:{asked}")
    assert await source.replied(command) is None
    await source.acknowledge(command)
    first = await source.reply(command, "Held.", None)
    again = await source.reply(command, "Held.", None)
    assert first == again == await source.replied(command)
    rows = (await asyncio.to_thread(site.server.comments, change))[path]
    (answer,) = [row for row in rows if row["author"]["_account_id"] == site.bot.id]
    assert (answer["in_reply_to"], answer["message"], answer.get("line")) == (asked, "Held.", more.get("line"))
    assert await source.advice_on(job_on(site, change, "2")) is None  # an answer is no advice


async def test_a_command_in_a_message_is_answered_once_too(site, source, change):
    await asyncio.to_thread(site.server.review, site.core, change, {"message": "/upriver hold"})
    detail = await asyncio.to_thread(site.server.detail, change)
    command = on(site, change, site.core, where=f"message:{detail['messages'][-1]['id']}")
    first = await source.reply(command, "Held.", None)
    assert await source.reply(command, "Held.", None) == first
    rows = (await asyncio.to_thread(site.server.comments, change))["/PATCHSET_LEVEL"]
    assert len([row for row in rows if row["author"]["_account_id"] == site.bot.id]) == 1


WHO = {
    "owner": "triage",
    "core": "maintain",
    "voter": "write",
    "stranger": "read",
    "robot": "bot",
    "zuul": "bot",
    "bot": "self",
}


@pytest.fixture
async def voted(site, change):
    await asyncio.to_thread(site.server.review, site.voter, change, {"labels": {"Code-Review": 2}})
    await asyncio.to_thread(site.server.review, site.stranger, change, {"labels": {"Code-Review": 1}})
    return change


async def test_permissions_are_what_gerrit_says(site, source, voted):
    for name, level in WHO.items():
        assert (name, await source.may(on(site, voted, getattr(site, name)))) == (name, level)
    nobody = Command(
        word="hold",
        actor="",
        source="gerrit",
        place=on(site, voted, site.core).place,
        installation=f"review-{site.server.version}",
    )
    assert await source.may(nobody) == "none"


async def test_every_word_for_everybody(site, source, voted):
    """The whole table on a real change: what each of these people may say follows from what Gerrit says of them."""
    for name, expected in WHO.items():
        level = await source.may(on(site, voted, getattr(site, name)))
        assert (name, {row.word for row in TABLE if allowed(row.word, level, Audience.CHANGE)}) == (
            name,
            may_say(expected),
        )


async def test_subgroups_count_and_unknown_groups_give_nothing(site, voted):
    name = f"all-{voted.rpartition('~')[2]}"
    await asyncio.to_thread(site.server.ask, "PUT", f"groups/{name}", {"visible_to_all": True})
    await asyncio.to_thread(site.server.ask, "PUT", f"groups/{name}/groups/nova%20core")
    made = GerritSource([site.settings(people={"groups": {name: "owner", "no such group": "owner"}})])
    try:
        assert await made.may(on(site, voted, site.core)) == "owner"
        assert await made.may(on(site, voted, site.stranger)) == "read"
    finally:
        await made.close()


# ---------------------------------------------------------------------------------------------- deliveries


@pytest.mark.parametrize(
    "payload",
    [b"", b"[]", b"{}", b'{"kind":"job"}', b'{"kind":"command","text":"/upriver hold"}', b"\xff", b"[" * 9999],
)
async def test_a_broken_delivery_is_ignored(payload):
    from bot.sources.gerrit.reading import announced

    delivery = Delivery(id="x", source="gerrit", event="job", payload=payload, received_at=datetime.now(UTC))
    assert isinstance(announced(delivery), Ignored)


async def test_a_login_page_is_noticed(site):
    from aiohttp import web

    async def page(_request):
        return web.Response(text="<html>Sign in</html>", content_type="text/html")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    settings = site.settings(http=listening._server.sockets[0].getsockname()[1])
    rest = Rest(settings, secrets_of(settings))
    try:
        with pytest.raises(Permanent, match="login page"):
            await rest.get("accounts/self")
    finally:
        await rest.close()
        await runner.cleanup()
