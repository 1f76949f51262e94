"""What deliveries announce: GitHub's own examples, and what the stand-in sends."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from bot.model import Command, Delivery, Ignored, Job, Removed
from bot.sources.download import Guard
from bot.sources.github.announce import MALFORMED, Announcer
from bot.sources.github.places import Places
from bot.standin import play
from tests.parts import require
from tests.standin.home import at_home

NOW = datetime(2026, 11, 24, tzinfo=UTC)
GUARD = Guard(hosts=("logs.example.org", "zuul.example.org"))
ANNOUNCER = Announcer(Places(), GUARD, lambda: frozenset({"upriver-reports"}))


def _delivery(event, payload):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Delivery(id="1", source="github", event=event, payload=body, received_at=NOW)


READ = sorted(ANNOUNCER.events)


def test_every_relevant_example_of_github_is_read():
    counted = dict.fromkeys(READ, 0)
    jobs = []
    for row in json.loads((require("standin") / "examples.json").read_text()):
        for example in row["examples"]:
            announced = ANNOUNCER.announces(_delivery(row["name"], example))
            assert announced is not MALFORMED, (row["name"], example)
            if row["name"] in counted:
                counted[row["name"]] += 1
            else:
                assert isinstance(announced, Ignored)
            if isinstance(announced, Job):
                jobs.append((row["name"], announced.conclusion))
    assert all(counted.values()), counted
    # two failures with a log that can be had is all that the published examples hold
    assert jobs == [("check_run", "failure"), ("workflow_job", "failure")]


@pytest.mark.parametrize("event", READ)
@pytest.mark.parametrize(
    "payload",
    [b"{}", b'{"action": 3}', b'{"action": "completed", "repository": null}', b'{"repository": {"full_name": []}}'],
)
def test_what_has_no_form_is_ignored(event, payload):
    assert isinstance(ANNOUNCER.announces(_delivery(event, payload)), Ignored)


async def test_all_four_events_announce_one_job():
    async with at_home() as home:
        run = play.finish_run(home.world, home.repo, [play.Played()])
        page = home.github.shapes.job_page(home.repo, run, run.jobs[0])
        play.set_status(home.world, home.repo, run.head_sha, "report", page)
        jobs = home.jobs()
        assert {row.event for row in home.deliveries()} >= {"workflow_job", "check_run", "workflow_run", "status"}
        assert len(jobs) == 3
        assert {job.key for job in jobs} == {f"github:{home.forge.places.host}/acme/widgets/{run.jobs[0].id}"}


async def test_a_second_attempt_is_a_job_of_its_own():
    async with at_home() as home:
        run = play.finish_run(home.world, home.repo, [play.Played()])
        play.finish_run(home.world, home.repo, [play.Played()], rerun=run)
        assert len({job.key for job in home.jobs()}) == 2
        assert {job.attempt for job in home.jobs() if job.pipeline} == {1, 2}


@pytest.mark.parametrize("conclusion", ["success", "cancelled", "skipped", "neutral", "action_required"])
async def test_what_is_no_failure_is_no_job(conclusion):
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played(conclusion=conclusion)])
        assert home.jobs() == []


def _check(details_url, slug="zuul", conclusion="failure"):
    repository = {"full_name": "acme/widgets", "private": False}
    check = {"id": 7, "name": "gate", "head_sha": "a" * 40, "conclusion": conclusion, "details_url": details_url}
    return {"action": "completed", "repository": repository, "check_run": {**check, "app": {"slug": slug}}}


def _status(target_url, state="failure"):
    repository = {"full_name": "acme/widgets", "default_branch": "main"}
    branches = [{"name": "other"}, {"name": "main"}]
    return {
        "repository": repository,
        "sha": "a" * 40,
        "state": state,
        "context": "ci",
        "target_url": target_url,
        "branches": branches,
    }


def test_other_cis_are_jobs_where_their_log_can_be_had():
    url = "https://logs.example.org/1/console.txt"
    check = ANNOUNCER.announces(_delivery("check_run", _check(url)))
    status = ANNOUNCER.announces(_delivery("status", _status(url)))
    assert isinstance(check, Job)
    assert isinstance(status, Job)
    assert check.key == status.key
    assert (check.log_url, status.branch) == (url, "main")


def test_a_zuul_build_has_zuuls_own_key():
    url = "https://zuul.example.org/t/acme/build/0123456789abcdef0123456789abcdef"
    job = ANNOUNCER.announces(_delivery("check_run", _check(url)))
    assert isinstance(job, Job)
    assert job.key == "zuul:zuul.example.org/acme/0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "not a URL",
        "http://169.254.169.254/latest/meta-data",
        "https://elsewhere.example.com/log",
        "https://logs.example.org.evil.example/log",
        "https://user:pass@logs.example.org/log",
        "file:///etc/passwd",
        "https://github.com/acme/widgets/actions/runs/5",
        "https://github.com/evil/other/actions/runs/5/job/6",
    ],
)
@pytest.mark.parametrize("make", [_check, _status])
def test_links_to_anywhere_else_are_no_jobs(make, url):
    event = "check_run" if make is _check else "status"
    assert isinstance(ANNOUNCER.announces(_delivery(event, make(url))), Ignored)


def _comment(body, action="created", **user):
    account = {"login": "ann", "type": "User", **user}
    comment = {
        "id": 5,
        "body": body,
        "user": account,
        "author_association": "MEMBER",
        "updated_at": "2026-11-24T08:00:00Z",
    }
    return {
        "action": action,
        "repository": {"full_name": "acme/widgets"},
        "issue": {"number": 3},
        "comment": comment,
        "installation": {"id": 9},
    }


def test_a_command_is_read_with_who_and_where():
    announced = ANNOUNCER.announces(_delivery("issue_comment", _comment("/upriver hold")))
    (command,) = announced
    assert isinstance(command, Command)
    assert (command.word, command.actor, command.where, command.place) == ("hold", "ann", "5", "acme/widgets#3")
    assert (command.installation, command.association) == ("9", "MEMBER")


def test_an_edited_comment_is_a_new_revision():
    first = ANNOUNCER.announces(_delivery("issue_comment", _comment("/upriver hold")))
    second = ANNOUNCER.announces(_delivery("issue_comment", _comment("/upriver hold, retry", action="edited")))
    assert first[0].where == second[0].where
    assert first[0].revision != second[0].revision
    assert [row.word for row in second] == ["hold", "retry"]


@pytest.mark.parametrize(
    "payload",
    [
        _comment("just talking"),
        _comment("/upriver hold", action="deleted"),
        _comment("/upriver hold", login="helper[bot]", type="Bot"),
        _comment("/upriver hold", login="helper[bot]"),
        _comment("/upriver hold", login="Upriver-Reports"),
        {**_comment("/upriver hold", action="edited"), "sender": {"login": "upriver[bot]", "type": "Bot"}},
        {**_comment("/upriver hold"), "repository": None},
    ],
)
def test_what_machines_say_and_what_says_nothing_is_ignored(payload):
    assert isinstance(ANNOUNCER.announces(_delivery("issue_comment", payload)), Ignored)


async def test_reviews_and_comments_on_the_diff_command_too():
    async with at_home() as home:
        pull = play.open_pull(home.world, home.repo, "ann")
        review = play.review(home.world, home.repo, pull.number, "ann", "/upriver explain")
        line = play.review_comment(home.world, home.repo, pull.number, "ann", "/upriver status")
        said = [row for rows in home.announced() if isinstance(rows, tuple) for row in rows]
        assert [(row.word, row.where) for row in said] == [
            ("explain", f"review/{review.id}"),
            ("status", f"review-comment/{line.id}"),
        ]
        assert {row.place for row in said} == {f"acme/widgets#{pull.number}"}


async def test_uninstalling_is_announced():
    async with at_home() as home:
        play.uninstall(home.world, home.installation)
        assert home.announced("installation")[-1] == Removed(installation=str(home.installation.id))
