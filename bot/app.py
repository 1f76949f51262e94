"""The composition root of the service: what is configured, put together, started and drained in order.

Start: ledger, engine, pipeline, listeners, then requests. Stop (SIGTERM, SIGINT): no new requests, those under way are
answered, listeners end, running steps finish within their time, the ledger closes. What did not finish is taken up at
the next start.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import structlog
import yaml
from aiohttp import web
from msgspec import Struct
from pydantic import SecretStr
from sqlalchemy import text

from bot import logs
from bot.analyst import ProcessAnalyst
from bot.config import Settings
from bot.errors import ConfigError, Permanent, UpriverError
from bot.model import Delivery
from bot.pipeline.engine import Engine, EngineOptions
from bot.pipeline.rules import Rules
from bot.pipeline.service import Pipeline
from bot.ports import Analyst, Source, Tracker
from bot.render.report import Sender
from bot.saved import own_secrets
from bot.sources import generic
from bot.sources.download import Guard
from bot.sources.gerrit import GerritSource
from bot.sources.gerrit import load as load_gerrit
from bot.sources.github.forge import Account, Forge
from bot.sources.github.oauth import OAuth, convert
from bot.sources.github.source import GitHub
from bot.sources.github.webhook import Rejected as Unsigned
from bot.sources.github.webhook import check_secret, verify
from bot.sources.zuul import Caps
from bot.store import Store, open_store
from bot.store.reads import PageReads
from bot.trackers.draft import Draft
from bot.trackers.github import GitHubIssues
from bot.trackers.launchpad import Launchpad, Token
from bot.web.app import make_app, serve
from bot.web.metrics import Metrics
from bot.web.parts import Parts, Person, Received, Rejected, SetUp
from bot.web.setup import saved
from bot.worker import IndexOptions

log = structlog.get_logger(__name__)

MEGABYTE = 1 << 20
INTRODUCTION_SECONDS = 60.0
"""Between two tries to learn from GitHub under which logins we write."""


class Service(Struct):
    """Everything that runs, put together. `open` it, `run` it; `close` is called by `run`."""

    settings: Settings
    store: Store
    pipeline: Pipeline
    github: GitHub
    gerrit: GerritSource | None
    page: web.Application
    closing: list[Callable[[], Awaitable[None]]]

    async def run(self, stopped: asyncio.Event, listening: Callable[[str], None] = lambda _address: None) -> None:
        """Start, serve until `stopped`, drain."""
        listeners: list[asyncio.Task[None]] = []
        try:
            await self.pipeline.start()
            listeners.append(asyncio.create_task(_introduced(self.github), name="github.introduction"))
            if self.gerrit is not None:
                listen = self.gerrit.listen(self._take, self.store)
                listeners.append(asyncio.create_task(_kept_up(listen, "gerrit"), name="gerrit"))
            await serve(self.page, stopped, listening=listening)
        finally:
            for task in listeners:
                task.cancel()
            await asyncio.gather(*listeners, return_exceptions=True)
            await self.close()

    async def _take(self, delivery: Delivery) -> None:
        await self.pipeline.deliver(delivery)

    async def close(self) -> None:
        """Drain the pipeline and end every connection."""
        await self.pipeline.drain()
        for end in reversed(self.closing):
            with contextlib.suppress(Exception):
                await end()


async def compose(
    settings: Settings,
    *,
    demonstration: bool = False,
    account: Account | None = None,
    analyst: Analyst | None = None,
) -> Service:
    """The service that the settings describe. Raises `ConfigError` for what can't be.

    `account` and `analyst` are the demonstration's own; otherwise they are made from the settings and the saved App.
    """
    keys = own_secrets(settings.data)
    app = _app_credentials(settings)
    settings = _with_secret(settings, app, keys)
    account = account or _account(settings, app)
    metrics = Metrics()
    store = await open_store(settings.database_url or settings.data / "upriver.db")
    closing: list[Callable[[], Awaitable[None]]] = [store.database.close]
    try:
        guard = Guard(hosts=_listed(settings.log_hosts), private=_listed(settings.private_log_hosts))
        caps = Caps(log=settings.log_mb * MEGABYTE, artifact=settings.artifact_mb * MEGABYTE)
        forge = Forge(account)
        github = GitHub(forge, guard, caps=caps)
        closing.append(github.close)
        gerrit = (
            GerritSource(load_gerrit(settings.gerrit_config), guard=guard, caps=caps)
            if settings.gerrit_config
            else None
        )
        if gerrit is not None:
            closing.append(gerrit.close)
            metrics.ask("gerrit_connected", "Whether a Gerrit's event stream is up", "server", gerrit.connected)
            metrics.ask(
                "gerrit_seconds_since_catch_up", "Since all news of a Gerrit were read", "server", gerrit.seconds_behind
            )
        intake = generic.Generic(settings.data / "intake", guard, most=caps.log)
        closing.append(intake.close)
        launchpad = Launchpad(token=_launchpad_token(settings))
        closing.append(launchpad.close)
        sources: list[Source] = [github, intake, *([gerrit] if gerrit else [])]
        trackers: list[Tracker] = [GitHubIssues(forge), launchpad, Draft()]
        engine = Engine(
            EngineOptions(
                database_url=settings.database_url or settings.data / "engine.db", executor_id=settings.executor_id
            ),
            store,
        )
        pipeline = Pipeline(
            engine, store, sources, trackers, analyst or analyst_of(settings), _rules(settings), observe=metrics.observe
        )
    except BaseException:
        for end in reversed(closing):
            await end()
        raise
    parts = Parts(
        settings=settings,
        reads=PageReads(store.database),
        deliver=pipeline.deliver,
        webhook=partial(_verified, settings.secret),
        intake=partial(_received, intake) if settings.api_tokens.get_secret_value() else None,
        intake_schema=generic.Sent.model_json_schema(),
        ready=lambda: pipeline.ready,
        checks={"database": partial(_answers, store)},
        depths=engine.depths,
        replay=pipeline.replay,
        judge=store.judge_text,
        switches=pipeline.work.budgets.switches,
        turn=pipeline.work.budgets.turn,
        metrics=metrics,
        secret=bytes.fromhex(keys["cookies"]),
        operator_token=settings.operator_token.get_secret_value() or keys["operator"],
        sign_in=_SignIn(OAuth(app["client_id"], app["client_secret"], api=account.api, web=account.web))
        if app.get("client_id") and app.get("client_secret")
        else None,
        set_up=None if app else _set_up(account),
        demonstration=demonstration,
    )
    return Service(
        settings=settings,
        store=store,
        pipeline=pipeline,
        github=github,
        gerrit=gerrit,
        page=make_app(parts),
        closing=closing,
    )


# ---------------------------------------------------------------------------------------------- pieces


def _app_credentials(settings: Settings) -> Mapping[str, str]:
    """The App's credentials by their names in GitHub's answer, the settings' first; empty where there is no App."""
    if settings.github_app_id:
        return {
            "id": settings.github_app_id,
            "pem": settings.github_private_key.get_secret_value(),
            "webhook_secret": settings.secret,
            "client_id": settings.github_client_id,
            "client_secret": settings.github_client_secret.get_secret_value(),
        }
    return {name: str(value) for name, value in (saved(settings.data) or {}).items()}


def _with_secret(settings: Settings, app: Mapping[str, str], keys: Mapping[str, str]) -> Settings:
    """The settings with the secret that signs webhooks. With an App there is no start without its own."""
    if app:
        check_secret(app["webhook_secret"])
    secret = app["webhook_secret"] if app else settings.secret or keys["webhooks"]
    return settings.model_copy(update={"github_webhook_secret": SecretStr(secret)})


def _account(settings: Settings, app: Mapping[str, str]) -> Account:
    return Account(
        api=settings.github_api,
        web=settings.github_web,
        app_id=app.get("id", ""),
        private_key=app.get("pem", ""),
        upstream_app_id=settings.github_upstream_app_id,
        upstream_private_key=settings.github_upstream_private_key.get_secret_value(),
        upstream_token=settings.github_upstream_token.get_secret_value(),
    )


def analyst_of(settings: Settings) -> ProcessAnalyst:
    """The analyst that the settings describe."""
    return ProcessAnalyst(index_of(settings), seconds=settings.analysis_seconds, megabytes=settings.analysis_mb)


def index_of(settings: Settings) -> IndexOptions:
    """How the settings reach the package index."""
    user, _, password = settings.index_credentials.get_secret_value().partition(":")
    return IndexOptions(
        cache=str(settings.cache),
        url=settings.index_url or None,
        extra=tuple(settings.extra_index_urls.get_secret_value().split()),
        offline=settings.offline,
        credentials=(user, password) if user else None,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        spool=settings.data / "spool",
        sender=Sender(operator=settings.operator, home=settings.public_url.rstrip("/")),
        shadow=settings.shadow,
        stopped=settings.stop_writing,
        may_open=settings.machine_may_open,
        threshold=settings.file_threshold,
        advise_threshold=settings.advise_threshold,
        writes_per_hour=settings.writes_per_hour,
        opens_in_a_row=settings.opens_in_a_row,
        keep_logs_days=settings.keep_logs_days,
        keep_rows_days=settings.keep_rows_days,
    )


def account_of(settings: Settings) -> Account:
    """Which GitHub, and who we are there: the settings' App or the saved one."""
    return _account(settings, _app_credentials(settings))


async def _answers(store: Store) -> None:
    """Whether the ledger answers; raises where it does not."""
    async with store.database.reading() as connection:
        await connection.execute(text("SELECT 1"))


def _launchpad_token(settings: Settings) -> Token | None:
    """CONSUMER:TOKEN:SECRET of an account that may file bugs on Launchpad. Raises `ConfigError`."""
    text = settings.launchpad_token.get_secret_value()
    if not text:
        return None
    parts = text.split(":")
    if len(parts) != 3:
        raise ConfigError("UPRIVER_LAUNCHPAD_TOKEN must be CONSUMER:TOKEN:SECRET")
    return Token(consumer=parts[0], token=parts[1], secret=parts[2])


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in text.split(","))))


def _verified(secret: str, headers: Mapping[str, str], body: bytes) -> Received:
    """A webhook's delivery, or why it is none."""
    try:
        return verify(headers, body, secret=secret, received_at=datetime.now(UTC))
    except Unsigned as error:
        return Rejected(status=error.status, reason=str(error))


def _received(intake: generic.Generic, scope: str, key: str, body: bytes) -> Received:
    """A job that was sent, as a delivery, or why it is none."""
    try:
        return intake.receive(scope, key, body)
    except Permanent as error:
        return Rejected(status=422, reason=str(error))


def manifest() -> Mapping[str, Any]:
    """The GitHub App's manifest: `app.yaml` beside the code, or the copy that the installed package carries."""
    beside = Path(__file__).resolve().parent.parent / "app.yaml"
    found = beside.read_text(encoding="utf-8") if beside.exists() else (files("bot") / "app.yaml").read_text("utf-8")
    return dict(yaml.safe_load(found))


def _set_up(account: Account) -> SetUp:
    """The set-up page's means, with the one-time code that the log prints."""
    code = secrets.token_urlsafe(16)
    return SetUp(
        code=code,
        manifest=manifest(),
        web=account.web or Forge(Account()).places.web,
        convert=partial(convert, account.api),
    )


class _SignIn:
    """`bot.web.parts.SignIn` over GitHub's OAuth."""

    def __init__(self, oauth: OAuth) -> None:
        self._oauth = oauth

    def address(self, state: str, back: str) -> str:
        """Where the browser goes."""
        return self._oauth.address(state, back)

    async def person(self, code: str, back: str, asked: frozenset[str]) -> Person:
        """Who came back, and what they can read."""
        login, projects = await self._oauth.person(code, back, asked)
        return Person(login=login, projects=projects)


async def _introduced(github: GitHub) -> None:
    """Learn under which logins we write; until then GitHub's word on a comment's author has to do."""
    while True:
        try:
            logins = await github.introduce()
        except UpriverError as error:
            log.warning("github.introduction_failed", error=str(error))
            await asyncio.sleep(INTRODUCTION_SECONDS)
        else:
            log.info("github.introduced", logins=sorted(logins))
            return


async def _kept_up(listening: Awaitable[None], name: str) -> None:
    """Listeners end with the service only; one that ends by itself is said to."""
    try:
        await listening
    except asyncio.CancelledError:
        raise
    except Exception:
        log.exception("listener.ended", source=name)
        raise


# ---------------------------------------------------------------------------------------------- the process


def configured(settings: Settings) -> bool:
    """Whether there is anything to listen to: an App, a Gerrit, or tokens for the intake."""
    return bool(
        settings.github_app_id
        or settings.gerrit_config
        or settings.api_tokens.get_secret_value()
        or saved(settings.data)
    )


async def run_until_told(service: Service, announce: Callable[[str], None]) -> None:
    """Run a service until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    await service.run(stopped, announce)


def run(settings: Settings) -> int:
    """Run the service that is configured; the exit status. Raises `ConfigError`."""
    logs.configure(settings)
    settings.data.mkdir(parents=True, exist_ok=True)

    async def main() -> None:
        service = await compose(settings)
        await run_until_told(service, partial(announce, service))

    asyncio.run(main())
    return 0


def announce(service: Service, address: str) -> None:
    """Say where the pages are, and how to open what is locked."""
    from bot.web.keys import PARTS

    parts = service.page[PARTS]
    base = service.settings.public_url.rstrip("/") or address
    rows = [f"Upriver listens on {address}", f"  pages           {base}/"]
    if parts.set_up is not None:
        rows.append(f"  set up the App  {base}/setup?key={parts.set_up.code}")
    if not service.settings.operator_token.get_secret_value():
        rows.append(f"  operator token  {parts.operator_token}  (sign in at {base}/sign-in)")
    if service.settings.shadow and not parts.demonstration:
        rows.append("  quiet start     nothing is posted; the pages show what would be (UPRIVER_SHADOW=false ends it)")
    print("\n".join(rows), flush=True)  # noqa: T201 - the one thing that an operator must read


def doctor(settings: Settings, *, as_json: bool = False) -> int:
    """Check everything that is configured; 0 where all is well, 1 where something is to be fixed."""
    from bot.doctor import examine

    rows = asyncio.run(examine(settings))
    if as_json:
        print(json.dumps([row.__dict__ for row in rows]))  # noqa: T201 - the command's output
        return int(any(row.bad for row in rows))
    for row in rows:
        print(f"{'!!' if row.bad else 'ok'}  {row.name}: {row.says}")  # noqa: T201 - likewise
        if row.bad and row.do:
            print(f"      -> {row.do}")  # noqa: T201 - likewise
    return int(any(row.bad for row in rows))


__all__: Sequence[str] = ["ConfigError", "Service", "compose", "configured", "doctor", "run"]
