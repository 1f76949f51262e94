"""Webhooks: queued as GitHub queues them, signed as GitHub signs them, sent by `Sender`."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.standin.records import App, Delivery, Installation, Repository
from bot.standin.shapes import Shapes
from bot.standin.world import World

TIMEOUT = 10.0
"""Seconds that GitHub waits for an answer."""
AT_ONCE = 8
ALWAYS = frozenset({"installation", "installation_repositories", "installation_target", "ping"})
"""Sent to every App, subscribed or not."""


def announce(world: World, repo: Repository, event: str, body: Mapping[str, Any], sender: str) -> None:
    """Queue an event for every App that is installed on a repository and subscribed."""
    shapes = Shapes(world)
    for app in world.apps.values():
        row = world.installation_of(app, repo)
        if row is None or row.suspended_at or event not in app.events:
            continue
        payload = {
            **body,
            "repository": shapes.minimal_repository(repo),
            "sender": shapes.user(sender),
            "installation": {"id": row.id, "node_id": ""},
        }
        emit(world, app, event, payload, row, repo)


def emit(
    world: World,
    app: App,
    event: str,
    payload: Mapping[str, Any],
    installation: Installation | None = None,
    repo: Repository | None = None,
) -> Delivery | None:
    """Queue one delivery to an App; None where it has no webhook."""
    if not app.webhook_url or (event not in app.events and event not in ALWAYS):
        return None
    return _queue(
        world,
        Delivery(
            id=world.new_id(),
            guid=str(uuid.uuid4()),
            event=event,
            action=payload.get("action"),
            installation=installation.id if installation else None,
            repository=repo.id if repo else None,
            app=app.id,
            body=json.dumps(payload).encode(),
            redelivery=False,
            delivered_at=world.now(),
        ),
    )


def redeliver(world: World, row: Delivery) -> Delivery:
    """Queue a delivery again, under the same GUID."""
    again = Delivery(
        id=world.new_id(),
        guid=row.guid,
        event=row.event,
        action=row.action,
        installation=row.installation,
        repository=row.repository,
        app=row.app,
        body=row.body,
        redelivery=True,
        delivered_at=world.now(),
    )
    return _queue(world, again)


def _queue(world: World, row: Delivery) -> Delivery:
    world.deliveries[row.id] = row
    world.outbox.append(row.id)
    world.wake()
    return row


def signature(secret: str, body: bytes) -> str:
    """`X-Hub-Signature-256`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers(app: App, row: Delivery) -> dict[str, str]:
    """What GitHub sends along."""
    legacy = hmac.new(app.webhook_secret.encode(), row.body, hashlib.sha1).hexdigest()
    return {
        "User-Agent": "GitHub-Hookshot/0000000",
        "Content-Type": "application/json",
        "X-GitHub-Event": row.event,
        "X-GitHub-Delivery": row.guid,
        "X-GitHub-Hook-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": f"sha1={legacy}",
        "X-Hub-Signature-256": signature(app.webhook_secret, row.body),
    }


class Sender:
    """Sends what is queued, a few at once; GitHub never repeats by itself, nor does this."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.paused = False
        self._news = asyncio.Event()
        self._going: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)
        world.wake = self._news.set

    async def run(self) -> None:
        """Send until cancelled."""
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            try:
                while True:
                    await self._news.wait()
                    self._news.clear()
                    self._start(session)
            finally:
                for task in self._going:
                    task.cancel()
                await asyncio.gather(*self._going, return_exceptions=True)

    def _start(self, session: aiohttp.ClientSession) -> None:
        while self.world.outbox and not self.paused:
            row = self.world.deliveries[self.world.outbox.popleft()]
            task = asyncio.create_task(self._send(session, row))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def _send(self, session: aiohttp.ClientSession, row: Delivery) -> None:
        app = self.world.apps[row.app]
        async with self._slots:
            began = time.monotonic()
            try:
                url = app.webhook_url
                async with session.post(url, data=row.body, headers=headers(app, row), allow_redirects=False) as answer:
                    row.status_code = answer.status
                    row.status = "OK" if answer.ok else f"Invalid HTTP Response: {answer.status}"
            except TimeoutError:
                row.status, row.status_code = "timed out", 504
            except aiohttp.ClientError:
                row.status, row.status_code = "failed to connect to host", 0
            row.duration = round(time.monotonic() - began, 2)

    def resume(self) -> None:
        """Go on after a pause."""
        self.paused = False
        self._news.set()

    async def drain(self) -> None:
        """Wait until everything that is queued was tried."""
        while self._going or (self.world.outbox and not self.paused):
            with contextlib.suppress(ValueError):
                await asyncio.wait(set(self._going), timeout=1)
            await asyncio.sleep(0)
