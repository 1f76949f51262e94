"""The whole service against the stand-in for github.com: signed webhooks in, killed, caught up, everything once.

The stand-in is a process of its own. Deliveries that a dead service did not answer are found by the catch-up, as on
GitHub, which never repeats one by itself.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from typing import Any

import pytest
from sqlalchemy import text

from bot.store import open_store
from tests.pipeline.processes import PATIENCE, Child
from tests.pipeline.serve_github import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STEPS = ("account", "account.done", "complete", "fetch", "analyse", "record", "upstream", "change", "advise", "end")
POINTS = [
    *((step, "effect") for step in STEPS),
    ("forge.open", "landed"),
    ("forge.advise", "landed"),
    ("upstream", "recorded"),
]
EVENTS = ["workflow_job", "check_run", "workflow_run", "status", "issue_comment"]


class Standin:
    """The stand-in's process, played over HTTP."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([sys.executable, "-m", "bot.standin"], stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.addresses = json.loads(self.process.stdout.readline())

    def play(self, verb: str, **body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.addresses['web']}/_standin/{verb}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def issues(self, repository: str) -> list[dict[str, Any]]:
        rows = self.play("state")["repositories"]
        return rows[repository]

    def stop(self) -> None:
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture
def github():
    made = Standin()
    yield made
    made.stop()


class Town:
    """An App, two projects that use it, and libraries that break."""

    def __init__(self, github: Standin, port: int) -> None:
        self.github = github
        self.app = github.play(
            "app",
            manifest={
                "name": "Upriver",
                "url": "http://127.0.0.1",
                "hook_attributes": {"url": f"http://127.0.0.1:{port}/webhook"},
                "default_permissions": {
                    "actions": "read",
                    "checks": "read",
                    "issues": "write",
                    "pull_requests": "write",
                    "contents": "read",
                    "statuses": "read",
                },
                "default_events": EVENTS,
            },
        )
        for owner in ("acme", "zeta"):
            github.play("repository", full_name=f"{owner}/shop", collaborators={"ann": "write"})
            github.play("install", app=self.app["id"], account=owner)

    def library(self, number: int) -> str:
        """A library whose owner installed the App."""
        name = f"up{number}/lib{number}"
        self.github.play("repository", full_name=name)
        self.github.play("install", app=self.app["id"], account=f"up{number}")
        return name

    def fail(self, owner: str, library: str, login: str = "ann", *, fork: bool = False) -> tuple[int, int]:
        """A pull request whose job fails; its number and the job's id."""
        repository = f"{owner}/shop"
        pull = self.github.play("pull", repository=repository, login=login, fork=fork)
        run = self.github.play(
            "run",
            repository=repository,
            jobs=[{"name": "tests", "log": f"2026-11-24T00:00:00.0Z Run pytest\n{library} breaks\n"}],
            trigger={"pull": pull["number"]},
        )
        return pull["number"], run["jobs"][0]


def told(github: Standin, town: Town, folder, database, port: int) -> dict[str, Any]:
    blobs = github.addresses["blobs"].removeprefix("http://").partition("/")[0]
    return {
        "folder": str(folder),
        "database": database if isinstance(database, str) else "",
        "api": github.addresses["api"],
        "web": github.addresses["web"],
        "blobs": blobs,
        "app": town.app["id"],
        "pem": town.app["pem"],
        "secret": town.app["webhook_secret"],
        "port": port,
    }


def settled(github: Standin, service: Child) -> None:
    """Every delivery was tried, caught up where it failed, and worked to its end."""
    deadline = time.monotonic() + PATIENCE
    github.play("drain")
    quiet = 0
    while quiet < 6:  # longer than the catch-up's interval
        assert time.monotonic() < deadline, "it does not come to rest"
        quiet = quiet + 1 if service.call("/busy") == 0 else 0
        time.sleep(0.1)


def test_killed_at_each_step_one_issue_and_one_comment(github, database_url, tmp_path):
    port = free_port()
    town = Town(github, port)
    given = told(github, town, tmp_path, database_url, port)
    service = Child("tests.pipeline.serve_github", given)
    try:
        libraries = [town.library(number) for number in range(len(POINTS))]
        for library in libraries:
            town.fail("zeta", library)
        settled(github, service)
        for library, point in zip(libraries, POINTS, strict=True):
            github.play("pause")
            pull, job = town.fail("acme", library)
            service.call("/die", [*point, "delivery/" if point[0].startswith("account") else str(job)])
            github.play("resume")
            assert service.died(), f"{point} was never reached"
            service.stop()
            github.play("drain")
            service = Child("tests.pipeline.serve_github", given)
            settled(github, service)
            once(github, library, pull, point)
        redelivered(github, service, libraries[-1], pull)
    finally:
        service.stop()
    asyncio.run(accounted(database_url))


def once(github: Standin, library: str, pull: int, point: Any) -> None:
    issues = github.issues(library)
    assert len(issues) == 1, f"{len(issues)} issues after a kill at {point}"
    assert issues[0]["user"] == "upriver[bot]"
    assert "zeta/shop" in issues[0]["body"]
    (change,) = (row for row in github.issues("acme/shop") if row["number"] == pull)
    assert len(change["comments"]) == 1, f"{len(change['comments'])} comments after a kill at {point}"
    assert f"/{library}/issues/1" in change["comments"][0]["body"]


def redelivered(github: Standin, service: Child, library: str, pull: int) -> None:
    """GitHub delivers everything again, on somebody's click: nothing changes."""
    for row in github.play("drain")["deliveries"]:
        github.play("redeliver", delivery=row["id"])
    settled(github, service)
    once(github, library, pull, "redelivery")


def test_a_forks_forged_log_leaves_no_word_upstream(github, tmp_path):
    port = free_port()
    town = Town(github, port)
    service = Child("tests.pipeline.serve_github", told(github, town, tmp_path, tmp_path, port))
    try:
        library = town.library(1)
        pulls = [town.fail(owner, library, login="mallory", fork=True)[0] for owner in ("acme", "zeta")]
        settled(github, service)
        assert github.issues(library) == []
        for owner, pull in zip(("acme", "zeta"), pulls, strict=True):
            (change,) = (row for row in github.issues(f"{owner}/shop") if row["number"] == pull)
            assert len(change["comments"]) == 1
    finally:
        service.stop()


async def accounted(database_url: Any) -> None:
    store = await open_store(database_url)
    try:
        async with store.database.reading() as connection:
            states = (await connection.execute(text("SELECT state, count(*) FROM deliveries GROUP BY state"))).all()
            jobs = (await connection.execute(text("SELECT state, reason, count(*) FROM jobs GROUP BY 1, 2"))).all()
            buried = (await connection.execute(text("SELECT id, message FROM buried"))).all()
    finally:
        await store.database.close()
    assert buried == []
    assert [tuple(row) for row in jobs] == [("done", "", 2 * len(POINTS))]
    # workflow_job and check_run announce the job; workflow_run is counted and dropped
    assert [tuple(row) for row in states] == [("job", 2 * 2 * len(POINTS))]
