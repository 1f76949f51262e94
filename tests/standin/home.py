"""A stand-in with an App installed, GitHub's description as the judge of every exchange, and our adapters before it."""

from __future__ import annotations

import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import rsa

from bot.model import Announced, Delivery, Job
from bot.sources.download import Guard
from bot.sources.github import Account, Forge, GitHub
from bot.standin import Standin, World, play
from bot.standin.records import App, Installation, Repository
from bot.trackers.github import GitHubIssues
from tests.standin.described import Judge

PERMISSIONS = {
    "actions": "read",
    "checks": "read",
    "contents": "read",
    "issues": "write",
    "pull_requests": "write",
    "statuses": "read",
}
EVENTS = (
    "check_run",
    "issue_comment",
    "pull_request_review",
    "pull_request_review_comment",
    "status",
    "workflow_job",
    "workflow_run",
    "issues",
)


@functools.cache
def _key():
    """One key for all tests: making one takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Home:
    """Everything that a test plays with."""

    github: Standin
    world: World
    app: App
    installation: Installation
    repo: Repository
    forge: Forge
    source: GitHub
    tracker: GitHubIssues
    judge: Judge
    sent: list[Delivery] = field(default_factory=list)

    def deliveries(self, event: str = "") -> list[Delivery]:
        """What GitHub has sent, as the service would receive it."""
        return [
            Delivery(id=row.guid, source="github", event=row.event, payload=row.body, received_at=row.delivered_at)
            for row in self.world.deliveries.values()
            if event in {"", row.event}
        ]

    def announced(self, event: str = "") -> list[Announced]:
        """What the deliveries announce."""
        return [self.source.announces(row) for row in self.deliveries(event)]

    def jobs(self) -> list[Job]:
        """The jobs that were announced."""
        return [row for row in self.announced() if isinstance(row, Job)]

    def url(self, rest: str) -> str:
        """An address on the stand-in's pages."""
        return f"{self.world.web}/{rest}"


@asynccontextmanager
async def at_home(*, upstream_token: bool = False, **settings):
    """A stand-in with `acme/widgets`, where the App is installed."""
    async with Standin(world=World(**settings)) as github:
        world = github.world
        judge = Judge(github)
        play.organisation(world, "acme")
        repo = play.repository(
            world, "acme/widgets", collaborators={"ann": "write", "tim": "triage", "max": "maintain"}
        )
        manifest = {
            "name": "Upriver",
            "url": "https://upriver.example.org",
            "hook_attributes": {"url": "http://127.0.0.1:9/webhooks/github"},
            "default_permissions": PERMISSIONS,
            "default_events": EVENTS,
        }
        app = play.make_app(world, manifest, key=_key())
        installation = play.install(world, app, "acme")
        token = play.personal_token(world, "upriver-reports", "public_repo") if upstream_token else ""
        account = Account(
            api=world.api,
            web=world.web,
            app_id=str(app.id),
            private_key=app.private_key,
            upstream_token=token,
            pause=0,
            seconds=5,
        )
        forge = Forge(account)
        guard = Guard(private=("127.0.0.1",))
        source = GitHub(forge, guard, late=(0.01, 0.01))
        await source.introduce()
        try:
            yield Home(github, world, app, installation, repo, forge, source, GitHubIssues(forge), judge)
        finally:
            await source.close()
        judge.close()
