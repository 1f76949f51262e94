"""The stand-in's other sides: signed webhooks, pages for humans, the manifest flow, sign-in, a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import sys
from datetime import UTC, datetime
from html import unescape

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.errors import Permanent
from bot.sources.github import verify
from bot.sources.github.oauth import OAuth, convert
from bot.standin import Fault, Standin, play
from bot.standin.hooks import redeliver

MANIFEST = {"name": "Upriver", "url": "https://upriver.example.org", "default_permissions": {"actions": "read"}}
HOOKED = {**MANIFEST, "default_events": ["workflow_job", "issues"]}


@contextlib.asynccontextmanager
async def _listener(statuses=(202,)):
    """A service that takes webhooks and keeps what came."""
    came, left = [], list(statuses)

    async def take(request):
        came.append((dict(request.headers), await request.read()))
        return web.Response(status=left.pop(0) if len(left) > 1 else left[0])

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", came
    finally:
        await runner.cleanup()


async def test_webhooks_arrive_signed_and_a_redelivery_keeps_its_guid():
    async with _listener() as (url, came), Standin() as github:
        world = github.world
        repo = play.repository(world, "acme/widgets")
        app = play.make_app(world, {**HOOKED, "hook_attributes": {"url": url}})
        play.install(world, app, "acme")
        play.finish_run(world, repo, [play.Played()])
        await github.sender.drain()
        headers, body = next(row for row in came if row[0]["X-GitHub-Event"] == "workflow_job")
        delivery = verify(headers, body, secret=app.webhook_secret, received_at=datetime.now(UTC))
        row = next(row for row in world.deliveries.values() if row.guid == delivery.id)
        assert (row.status, row.status_code) == ("OK", 202)
        redeliver(world, row)
        await github.sender.drain()
        assert [one[0]["X-GitHub-Delivery"] for one in came].count(row.guid) == 2
        assert "workflow_run" not in {one[0]["X-GitHub-Event"] for one in came}  # not subscribed


async def test_a_refused_webhook_is_noted_and_not_repeated():
    async with _listener([500]) as (url, came), Standin() as github:
        repo = play.repository(github.world, "acme/widgets")
        app = play.make_app(github.world, {**HOOKED, "hook_attributes": {"url": url}})
        play.install(github.world, app, "acme")
        play.open_issue(github.world, repo, "eve", "x")
        await github.sender.drain()
        assert {row.status_code for row in github.world.deliveries.values()} == {500}
        assert len(came) == len(github.world.deliveries)


async def _get(url, **query):
    async with aiohttp.ClientSession() as session, session.get(url, params=query) as answer:
        return answer.status, await answer.text(), answer.headers


async def _post(url, follow=True, **form):
    async with aiohttp.ClientSession() as session, session.post(url, data=form, allow_redirects=follow) as answer:
        return answer.status, await answer.text(), answer


EVIL = "<script>alert(1)</script>\"'>"


async def test_everything_on_a_page_is_escaped():
    async with Standin() as github:
        world = github.world
        repo = play.repository(world, "acme/widgets")
        issue = play.open_issue(world, repo, EVIL, EVIL, EVIL)
        play.comment(world, repo, issue.number, EVIL, EVIL)
        pull = play.open_pull(world, repo, "eve", EVIL, body=EVIL)
        run = play.finish_run(world, repo, [play.Played(name=EVIL, log=EVIL.encode())], play.Trigger(pull=pull))
        pages = [
            "/",
            "/acme/widgets",
            f"/acme/widgets/issues/{issue.number}",
            f"/acme/widgets/pull/{pull.number}",
            f"/acme/widgets/actions/runs/{run.id}",
            f"/acme/widgets/actions/runs/{run.id}/job/{run.jobs[0].id}",
        ]
        for page in pages:
            status, text, headers = await _get(world.web + page)
            assert status == 200
            assert "<script" not in text
            assert "default-src 'none'" in headers["Content-Security-Policy"]
            assert "Stand-in." in text
        _, text, _ = await _get(f"{world.web}/acme/widgets/issues/new", title=EVIL, body=EVIL)
        assert "<script" not in text


async def test_a_prefilled_form_opens_the_issue_as_a_human():
    async with Standin() as github:
        repo = play.repository(github.world, "acme/widgets")
        page = f"{github.world.web}/acme/widgets/issues/new"
        _, text, _ = await _get(page, title="It fails & more", body="line one\nline two")
        title = unescape(re.search(r'name="title"[^>]*value="([^"]*)"', text)[1])
        body = unescape(re.search(r"<textarea[^>]*>([^<]*)</textarea>", text)[1])
        await _post(page, title=title, body=body.replace("\n", "\r\n"), login="eve")
        issue = repo.issues[1]
        assert (issue.title, issue.body, issue.user) == ("It fails & more", "line one\nline two", "eve")
        await _post(f"{github.world.web}/acme/widgets/issues/1/comments", login="david", body="Thanks")
        await _post(f"{github.world.web}/acme/widgets/issues/1/state", state="closed")
        assert ([row.user for row in issue.comments], issue.state) == (["david"], "closed")


@pytest.mark.parametrize("settings", [{"has_issues": False}, {"archived": True}, {"private": True}])
async def test_a_form_is_not_there_where_no_issue_can_be_opened(settings):
    async with Standin() as github:
        play.repository(github.world, "acme/widgets", **settings)
        status, _, _ = await _get(f"{github.world.web}/acme/widgets/issues/new")
        assert status == 404


async def test_a_link_that_is_too_long_is_refused_as_github_does():
    async with Standin() as github:
        play.repository(github.world, "acme/widgets")
        status, _, _ = await _get(f"{github.world.web}/acme/widgets/issues/new", body="x" * 8_100)
        assert status == 414


async def test_an_app_is_made_from_its_manifest_once():
    async with Standin() as github:
        manifest = {
            **MANIFEST,
            "redirect_url": "http://127.0.0.1:1/setup?a=b",
            "hook_attributes": {"url": "http://127.0.0.1:1/"},
        }
        first = f"{github.world.web}/settings/apps/new?state=s3cret"
        status, text, _ = await _post(first, manifest=json.dumps(manifest))
        assert status == 200
        hidden = dict(re.findall(r'name="(\w+)" value="([^"]*)"', text))
        form = {name: unescape(value) for name, value in hidden.items()}
        _, _, answer = await _post(f"{github.world.web}/settings/apps/create", follow=False, **form)
        back = URL(answer.headers["Location"])
        assert back.query["state"] == "s3cret"
        row = await convert(github.world.api, back.query["code"])
        assert {"id", "slug", "pem", "webhook_secret", "client_id", "client_secret"} <= row.keys()
        assert github.world.apps[row["id"]].webhook_secret == row["webhook_secret"]
        with pytest.raises(Permanent):
            await convert(github.world.api, back.query["code"])


async def test_somebody_signs_in_and_sees_what_they_may():
    async with Standin() as github:
        world = github.world
        play.repository(world, "acme/secret", private=True, collaborators={"ann": "read"})
        play.repository(world, "acme/closed", private=True)
        app = play.make_app(world, MANIFEST)
        play.install(world, app, "acme")
        oauth = OAuth(app.client_id, app.client_secret, api=world.api, web=world.web)
        page = oauth.address("s", "http://127.0.0.1:1/back")
        _, _, answer = await _post(
            page, follow=False, client_id=app.client_id, redirect_uri="http://127.0.0.1:1/back", state="s", login="ann"
        )
        back = URL(answer.headers["Location"])
        login, can = await oauth.person(back.query["code"], "http://127.0.0.1:1/back", ["acme/secret", "acme/closed"])
        assert (login, can) == ("ann", {"acme/secret"})
        with pytest.raises(Permanent):
            await oauth.person(back.query["code"], "http://127.0.0.1:1/back", [])


def test_a_fault_of_no_known_kind_is_a_mistake():
    with pytest.raises(ValueError, match="lightning"):
        Fault(kind="lightning")


async def test_it_runs_as_a_process_and_is_played_over_http():
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.standin", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        addresses = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))

        async def play_it(verb, **body):
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{addresses['web']}/_standin/{verb}", json=body) as answer,
            ):
                return answer.status, await answer.json()

        assert (await play_it("repository", full_name="acme/widgets"))[0] == 200
        _, app = await play_it("app", manifest=HOOKED)
        assert (await play_it("install", app=app["id"], account="acme"))[0] == 200
        _, pull = await play_it("pull", repository="acme/widgets", login="eve", fork=True)
        _, run = await play_it("run", repository="acme/widgets", jobs=[{"log": "no"}], trigger={"pull": pull["number"]})
        assert len(run["jobs"]) == 1
        _, state = await play_it("state")
        assert [row["pull"] for row in state["repositories"]["acme/widgets"]] == [True]
        for verb, body in (("issue", {"repository": "acme/nothing"}), ("nonsense", {}), ("fault", {"kind": "x"})):
            assert (await play_it(verb, **body))[0] == 400
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
