"""The composed service without a process: its pages behind a test client, its ledger in a folder of the test's own."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr

from bot.app import Service, compose
from bot.config import Settings
from bot.sources.github.forge import Account
from bot.standin import play
from bot.standin.server import Standin
from tests.pipeline.fakes import FakeAnalyst

SECRET = "a-webhook-secret"
OPERATOR = "the-operators-token"
NOWHERE = Account(api="http://127.0.0.1:9", web="http://127.0.0.1:9")
"""No GitHub answers there."""


def signed(body: bytes, event: str = "push", identity: str = "d-1", **headers: str | None) -> dict[str, str]:
    """A delivery's headers; a header that is None is left out."""
    made = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": identity,
        "X-Hub-Signature-256": "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return {name: value for name, value in made.items() if value is not None}


@dataclass
class Site:
    """The service, and browsers that look at it."""

    service: Service
    server: TestServer
    browsers: list[TestClient] = field(default_factory=list)

    def browser(self) -> TestClient:
        """Another browser: cookies of its own."""
        self.browsers.append(TestClient(self.server))
        return self.browsers[-1]

    def address(self, path: str) -> str:
        """The page's address."""
        return str(self.server.make_url(path))

    async def operator(self) -> TestClient:
        """A browser in which the operator has signed in."""
        browser = self.browser()
        answer = await browser.post("/sign-in", data={"operator_token": OPERATOR}, allow_redirects=False)
        assert answer.status == 303
        return browser

    async def metric(self, name: str) -> float:
        """A sample of /metrics by its name and labels, as Prometheus writes them; 0 where there is none."""
        text = await (await self.browser().get("/metrics")).text()
        return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " ")), 0.0)


@asynccontextmanager
async def site(folder, account: Account = NOWHERE, *, started: bool = False, **settings):
    """A composed service that listens on loopback."""
    said = {
        "data": folder,
        "cache": folder / "cache",
        "offline": True,
        "operator_token": SecretStr(OPERATOR),
        "api_tokens": SecretStr("ci:the-ci-token, docs:the-docs-token"),
        "github_webhook_secret": SecretStr(SECRET),
        **settings,
    }
    service = await compose(Settings(**said), account=account, analyst=FakeAnalyst())
    if started:
        await service.pipeline.start()
    server = TestServer(service.page, host="127.0.0.1")
    await server.start_server()
    made = Site(service, server)
    try:
        yield made
    finally:
        for browser in made.browsers:
            await browser.session.close()
        await server.close()
        await service.close()


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch):
    """Settings come from the test alone."""
    import os

    for name in [name for name in os.environ if name.startswith("UPRIVER_")]:
        monkeypatch.delenv(name)


@pytest.fixture
async def here(tmp_path):
    """A site whose pipeline does not run: it reads and refuses."""
    async with site(tmp_path) as made:
        yield made


@pytest.fixture
async def working(tmp_path):
    """A site that takes deliveries."""
    async with site(tmp_path, started=True) as made:
        yield made


@pytest.fixture
async def github():
    """A GitHub with an App."""
    async with Standin() as made:
        manifest = {"name": "Upriver", "url": "http://127.0.0.1", "default_permissions": {"actions": "read"}}
        made.app = play.make_app(made.world, manifest)
        yield made


def dumped(value: object) -> bytes:
    """JSON bytes."""
    return json.dumps(value).encode()
