"""The stand-in talks like GitHub: by GitHub's own description, by an independent client, by the webhooks' schemas."""

from __future__ import annotations

import json

import aiohttp
import pytest
from githubkit import AppInstallationAuthStrategy
from githubkit import GitHub as Kit
from githubkit.exception import RequestFailed

from bot.standin import Exchange, FileChange, Standin, World, play
from bot.standin.routes import ROUTES
from tests.parts import require
from tests.standin.described import Judge, webhook_faults
from tests.standin.home import EVENTS, PERMISSIONS, at_home

require("standin")

JUNIT = b'<?xml version="1.0"?><testsuites/>'


async def _populated(home):
    """One of everything."""
    world, repo = home.world, home.repo
    repo.files |= {"CONTRIBUTING.md": "Be kind.", ".github/ISSUE_TEMPLATE/bug.yml": "name: bug"}
    pull = play.open_pull(
        world, repo, "bob", fork=True, changes=[FileChange(filename="a.txt", patch="@@ -1 +1 @@\n-a\n+b")]
    )
    run = play.finish_run(
        world, repo, [play.Played(log=b"log")], play.Trigger(pull=pull), artifacts={"results": {"junit.xml": JUNIT}}
    )
    own = play.open_pull(world, repo, "ann")
    play.finish_run(world, repo, [play.Played(conclusion="success")], play.Trigger(pull=own))
    annotation = {
        "path": "a.py",
        "blob_href": home.url("acme/widgets/blob/a.py"),
        "start_line": 1,
        "end_line": 1,
        "start_column": None,
        "end_column": None,
        "annotation_level": "failure",
        "title": None,
        "message": "no",
        "raw_details": None,
    }
    check = play.finish_check(
        world, repo, own.pull.head_sha, "gate", "zuul", "https://zuul.example.org/t/x/build/1", annotations=[annotation]
    )
    play.set_status(world, repo, own.pull.head_sha, "ci/jenkins", "https://ci.example.org/1/")
    issue = play.open_issue(world, repo, "eve", "It fails", "Badly", labels=["bug"])
    comment = play.comment(world, repo, issue.number, "eve", "still")
    review = play.review_comment(world, repo, pull.number, "ann", "why?")
    play.review(world, repo, pull.number, "ann", "looks good")
    world.advance(61)
    return {
        "owner": "acme",
        "repo": "widgets",
        "installation_id": home.installation.id,
        "path": "CONTRIBUTING.md",
        "username": "ann",
        "commit_sha": own.pull.head_sha,
        "ref": own.pull.head_sha,
        "job_id": run.jobs[0].id,
        "run_id": run.id,
        "attempt_number": 1,
        "workflow_id": run.workflow,
        "artifact_id": run.artifacts[0].id,
        "archive_format": "zip",
        "check_run_id": check.id,
        "pull_number": pull.number,
        "issue_number": issue.number,
        "comment_id": comment.id,
        "review_comment_id": review.id,
    }


async def _ask(home, method, path, token, body=None, **query):
    headers = {"Authorization": f"Bearer {token}", "User-Agent": "test"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.request(method, home.world.api + path, json=body, params=query, allow_redirects=False) as answer,
    ):
        return answer.status, await answer.read()


BODIES = {
    "/issues": {"title": "It fails", "body": "Badly"},
    "/comments": {"body": "a comment"},
    "/reactions": {"content": "eyes"},
    "/replies": {"body": "a reply"},
    "/access_tokens": {"repositories": ["widgets"], "permissions": {"issues": "write"}},
}


async def test_every_operation_asks_and_answers_as_github_describes_it():
    async with at_home() as home:
        values = await _populated(home)
        token = await home.forge._token(str(home.installation.id))
        user = play.personal_token(home.world, "ann", "repo")
        jwt = home.forge.app()._get_app_jwt()
        home.world.manifests["c0de"] = ({"name": "Second", "url": "https://x.example.org"}, "ann", home.world.now())
        play.finish_run(home.world, home.repo, [play.Played()])
        home.github.sender.paused = False
        home.world.wake()
        await home.github.sender.drain()
        delivery = next(iter(home.world.deliveries))
        for route in ROUTES:
            given = dict(values)
            if "/pulls/comments" in route.template or route.template.endswith("/replies"):
                given["comment_id"] = given["review_comment_id"]
            path = route.template.format(**given, delivery_id=delivery, code="c0de")
            body = next((row for end, row in BODIES.items() if path.endswith(end)), {"body": "edited"})
            who = (
                jwt
                if path.startswith("/app") or path.endswith("/installation")
                else user
                if path == "/user" or route.method == "PATCH"
                else token
            )
            query = {"q": "fails repo:acme/widgets is:issue"} if path.startswith("/search") else {}
            status, raw = await _ask(home, route.method, path, who, body if route.method != "GET" else None, **query)
            assert status < 400, (route.method, path, status, raw)
        judged = {(method, template) for method, template, status in home.judge.judged if status < 400}
        assert judged == {(route.method, route.template) for route in ROUTES}


async def test_the_judge_sees_an_answer_that_github_would_not_give():
    async with Standin() as github:
        judge = Judge(github)
        play.repository(github.world, "acme/widgets")
        good = await _exchange(github, "/repos/acme/widgets")
        judge.watch(good)
        judge.close()
        broken = json.loads(good.body)
        del broken["full_name"]
        judge.watch(_with(good, body=json.dumps(broken).encode()))
        assert len(judge.faults) == 1
        assert "full_name" in judge.faults[0]


async def test_the_judge_sees_a_request_that_github_would_not_take():
    async with at_home() as home:
        issue = play.open_issue(home.world, home.repo, "eve", "title")
        token = await home.forge._token(str(home.installation.id))
        await _ask(home, "POST", f"/repos/acme/widgets/issues/{issue.number}/comments", token, {"body": "x"})
        posted = home.github.exchanges[-1]
        home.judge.watch(_with(posted, request_body=b'{"text": "no body"}'))
        assert len(home.judge.faults) == 1
        home.judge.faults.clear()


async def _exchange(github, path):
    async with aiohttp.ClientSession(headers={"User-Agent": "test"}) as session, session.get(github.world.api + path):
        return github.exchanges[-1]


def _with(exchange, **changed):
    values = {name: getattr(exchange, name) for name in Exchange.__slots__}
    return Exchange(**{**values, **changed})


async def test_every_webhook_is_as_github_describes_it():
    async with at_home() as home:
        await _populated(home)
        issue = next(row for row in home.repo.issues.values() if row.comments)
        play.edit_comment(home.world, home.repo, issue, issue.comments[0], "edited")
        play.suspend(home.world, home.installation)
        play.suspend(home.world, home.installation, suspended=False)
        play.uninstall(home.world, home.installation)
        seen, faults = set(), []
        for row in home.world.deliveries.values():
            if row.event == "installation" and row.action == "unsuspend":
                continue
            seen.add((row.event, row.action))
            faults += webhook_faults(row.event, row.action, json.loads(row.body))
        assert faults == []
        assert {event for event, _ in seen} == {*EVENTS, "installation"}


async def test_an_independent_client_understands_it():
    """githubkit: generated from GitHub's description, it parses every answer into its typed models."""
    async with at_home() as home:
        values = await _populated(home)
        auth = AppInstallationAuthStrategy(str(home.app.id), home.app.private_key, home.installation.id)
        async with Kit(auth, base_url=home.world.api + "/", http_cache=False, auto_retry=False) as kit:
            rest = kit.rest
            where = {"owner": "acme", "repo": "widgets"}
            repo = (await rest.repos.async_get(**where)).parsed_data
            assert repo.full_name == "acme/widgets"
            made = (await rest.issues.async_create(**where, title="Broken", body="by a release")).parsed_data
            assert made.title == "Broken"
            said = await rest.issues.async_create_comment(**where, issue_number=made.number, body="indeed")
            assert said.parsed_data.body == "indeed"
            listed = (await rest.issues.async_list_for_repo(**where, state="all")).parsed_data
            assert made.number in {row.number for row in listed}
            job = (await rest.actions.async_get_job_for_workflow_run(**where, job_id=values["job_id"])).parsed_data
            assert job.conclusion == "failure"
            pull = (await rest.pulls.async_get(**where, pull_number=values["pull_number"])).parsed_data
            assert pull.head.sha != pull.base.sha
            files = (await rest.pulls.async_list_files(**where, pull_number=values["pull_number"])).parsed_data
            assert [row.filename for row in files] == ["a.txt"]
            with pytest.raises(RequestFailed) as caught:
                await rest.repos.async_get(owner="acme", repo="nothing")
            assert caught.value.response.status_code == 404


@pytest.mark.parametrize("permission", sorted(PERMISSIONS))
async def test_without_a_permission_its_operations_are_refused(permission):
    async with at_home() as home:
        values = await _populated(home)
        home.installation.permissions.pop(permission)
        token = await home.forge._token(str(home.installation.id))
        refused = 0
        for route in ROUTES:
            if {name for name, _ in route.needs} != {permission} or route.method == "PATCH":
                continue
            given = {**values, "comment_id": values["review_comment_id"]}
            body = next((row for end, row in BODIES.items() if route.template.endswith(end)), None)
            status, raw = await _ask(home, route.method, route.template.format(**given), token, body)
            assert (status, b"integration" in raw) == (403, True), (route.method, route.template, status)
            refused += 1
        assert refused


def test_a_world_of_its_own_knows_nothing():
    assert World().find("acme/widgets") is None
