"""The stand-in's world before the week begins, and what the steps do to it."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import structlog

from bot.demo.week import HUMAN_ISSUE, MAINTAINERS, OPTED_OUT, PROJECTS, UPSTREAMS, Kind, Step
from bot.standin import play
from bot.standin.records import App, Issue, Repository
from bot.standin.world import World

log = structlog.get_logger(__name__)

READY_SECONDS = 60.0
"""How long a step waits for what it talks about to appear."""


class Stage:
    """A stand-in's world in which the week is played."""

    def __init__(self, world: World, manifest: dict[str, Any]) -> None:
        self.world = world
        self.app: App = play.make_app(world, {**manifest, "name": "Upriver demo", "url": "http://127.0.0.1"})
        self._pulls: dict[str, Issue] = {}
        self._repos = {name: self._project(name) for name in PROJECTS}
        for owner, people in MAINTAINERS.items():
            play.organisation(world, owner, people)
            play.install(world, self.app, owner)
        for name, writers, installed in UPSTREAMS:
            self._repos[name] = play.repository(world, name, collaborators=dict.fromkeys(writers, "write"))
            if installed:
                play.install(world, self.app, name.split("/")[0])
        self._repos[OPTED_OUT] = play.repository(world, OPTED_OUT, files={".github/upriver.yml": "reports: false\n"})
        where, title, body = HUMAN_ISSUE
        play.open_issue(world, self._repos[where], "a-user", title, body, at=world.now() - timedelta(days=1))

    def _project(self, name: str) -> Repository:
        owner, short = name.split("/")
        return play.repository(
            self.world,
            name,
            collaborators=dict.fromkeys(MAINTAINERS[owner], "write"),
            files={"pyproject.toml": f'[project]\nname = "{short}"\nversion = "1.0"\n'},
        )

    def listen(self, address: str) -> None:
        """Send webhooks there from now on."""
        self.app.webhook_url = f"{address}/webhooks/github"

    async def play(self, steps: Iterable[Step]) -> None:
        """Let it all happen, in its time."""
        for step in steps:
            await asyncio.sleep(step.after)
            if step.kind is Kind.JOB:
                self._job(step)
            elif step.kind is Kind.SAY:
                await self._say(step)

    # ------------------------------------------------------------------------------------------ steps

    def _job(self, step: Step) -> None:
        repo = self._repos[step.repo]
        ended = datetime.fromisoformat(step.ended).astimezone(UTC)
        green = recorded(f"{step.log}.green")
        if green:
            self._green(repo, green, ended - timedelta(days=1), step)
        trigger = play.Trigger(event="schedule") if step.schedule else play.Trigger()
        if step.change:
            pull = play.open_pull(self.world, repo, step.by, step.change, fork=step.fork, branch=_slug(step.change))
            self._pulls[step.repo] = pull
            trigger = play.Trigger(pull=pull)
        played = play.Played(name="test (ubuntu-latest)", log=recorded(step.log) or b"", ended=ended)
        play.finish_run(self.world, repo, [played], trigger)
        log.info("demo.job_failed", repo=step.repo, change=step.change or "default branch")

    def _green(self, repo: Repository, content: bytes, ended: datetime, step: Step) -> None:
        """The last green run of the default branch, a day earlier."""
        played = play.Played(name="test (ubuntu-latest)", conclusion="success", log=content, steps=(), ended=ended)
        play.finish_run(self.world, repo, [played], play.Trigger(event="schedule" if step.schedule else "push"))

    async def _say(self, step: Step) -> None:
        """A comment, once there is what it is about."""
        async with asyncio.timeout(READY_SECONDS):
            repo, issue = await self._appeared(step.on)
        play.comment(self.world, repo, issue.number, step.by, step.text)
        log.info("demo.said", where=f"{repo.full_name}#{issue.number}", by=step.by)

    async def _appeared(self, on: str) -> tuple[Repository, Issue]:
        """Look twice a second, as somebody who waits for a page would."""
        while True:
            if found := self._place(on):
                return found
            await asyncio.sleep(0.5)

    def _place(self, on: str) -> tuple[Repository, Issue] | None:
        """The pull request or thread that is talked about; for a pull request, once our advice stands on it."""
        if not on.startswith("thread:"):
            pull = self._pulls.get(on)
            return (self._repos[on], pull) if pull and any(row.app for row in pull.comments) else None
        repo = self._repos[on.removeprefix("thread:")]
        ours = [issue for issue in repo.issues.values() if issue.app is not None]
        return (repo, ours[-1]) if ours else None


def recorded(name: str) -> bytes | None:
    """A recorded log, or None where there is none of that name."""
    file = files("bot.demo") / "data" / f"{name}.log.gz"
    return gzip.decompress(file.read_bytes()) if file.is_file() else None


def _slug(text: str) -> str:
    return "-".join("".join(char if char.isalnum() else " " for char in text.lower()).split())
