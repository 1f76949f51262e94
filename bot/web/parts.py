"""What the composition root hands to the web: everything that the handlers call, as plain callables and values."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

from aiohttp import web
from msgspec import Struct, field

from bot.config import Settings
from bot.model import Delivery
from bot.views import Reads, Switches
from bot.web.metrics import Metrics


class Rejected(Struct, frozen=True, kw_only=True):
    """Why a request is not taken: the status to answer, and a sentence for whoever sent it."""

    status: int
    reason: str


Received = Delivery | Rejected


class Person(Struct, frozen=True, kw_only=True):
    """Somebody who signed in at the forge."""

    login: str
    projects: frozenset[str] = frozenset()
    """The private projects among those asked about that the forge lets this person read."""


class SignIn(Protocol):
    """Signing in through the forge (GitHub's OAuth web flow)."""

    def address(self, state: str, back: str) -> str:
        """Where the browser goes to sign in; it comes back to `back` with `code` and `state`."""
        ...

    async def person(self, code: str, back: str, asked: frozenset[str]) -> Person:
        """Who came back with that code, and which of the projects they can read.

        Raises `errors.Permanent` for a code that is not good and `errors.Transient` where the forge does not answer.
        """
        ...


Convert = Callable[[str], Awaitable[Mapping[str, Any]]]
"""GitHub's answer to `POST /app-manifests/{code}/conversions`: id, slug, client_id, pem, webhook_secret, …"""


class SetUp(Struct, frozen=True, kw_only=True):
    """The set-up page's means: it creates the App from `app.yaml` by GitHub's manifest flow."""

    code: str
    """The one-time code that the log prints; whoever knows it can read the log."""
    manifest: Mapping[str, Any]
    """`app.yaml`, without addresses: the page fills them in."""
    web: str
    """The forge's web address, which the form is posted to."""
    convert: Convert


def utc_now() -> datetime:
    """The instant it is."""
    return datetime.now(UTC)


async def _no_queues() -> Mapping[str, int]:
    """There are no queues."""
    return {}


async def _nothing(_identity: str, _actor: str) -> None:
    """Replay nothing."""


async def _unjudged(_table: str, _key: int | str, *, right: bool, actor: str) -> None:
    """Mark nothing."""


async def _no_switches() -> Switches:
    """Nothing keeps us from writing."""
    return Switches()


async def _unturned(_name: str, _actor: str, *, on: bool) -> None:
    """Turn nothing."""


class Turn(Protocol):
    """`Budgets.turn`."""

    async def __call__(self, name: str, actor: str, /, *, on: bool) -> None:
        """Turn a switch. Raises `errors.Permanent` where it can't be."""
        ...


class Judge(Protocol):
    """`Store.judge_text`."""

    async def __call__(self, table: str, key: int | str, /, *, right: bool, actor: str) -> None:
        """Record whether a text of the quiet start was right."""
        ...


class Parts(Struct, frozen=True, kw_only=True):
    """Handed to `make_app`."""

    settings: Settings
    reads: Reads
    deliver: Callable[[Delivery], Awaitable[str]]
    """`Pipeline.deliver`: returns when it is durable; "accepted" or why it announces nothing."""
    webhook: Callable[[Mapping[str, str], bytes], Received]
    """Verifies a GitHub webhook's signature over the raw body and names its parts. Pure."""
    intake: Callable[[str, str, bytes], Received] | None = None
    """(scope, idempotency key, body) of `POST /api/jobs` → what it announces. None: the intake is closed."""
    intake_schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    """JSON Schema of that body, for the API's description."""
    ready: Callable[[], bool] = lambda: True
    """`Pipeline.ready`."""
    checks: Mapping[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)
    """What `/readyz` tries beside that, by name; each raises where it fails."""
    depths: Callable[[], Awaitable[Mapping[str, int]]] = _no_queues
    """`Engine.depths`: what runs or waits, by queue."""
    replay: Callable[[str, str], Awaitable[None]] = _nothing
    """`Pipeline.replay`."""
    judge: Judge = _unjudged
    switches: Callable[[], Awaitable[Switches]] = _no_switches
    """`Budgets.switches`."""
    turn: Turn = _unturned
    """`Budgets.turn`."""
    metrics: Metrics = field(default_factory=Metrics)
    secret: bytes = b""
    """Signs cookies and forms; the same for every replica. Empty: one of this process's own."""
    operator_token: str = ""
    sign_in: SignIn | None = None
    set_up: SetUp | None = None
    demonstration: bool = False
    startup: Callable[[web.Application], Awaitable[None]] | None = None
    """Called before the application takes requests."""
    clock: Callable[[], datetime] = utc_now
