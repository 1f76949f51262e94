"""The application and how it is served."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog
from aiohttp import web

from bot.errors import ConfigError
from bot.web import api, intake, operations, pages, setup, signin, webhooks
from bot.web.guard import around
from bot.web.keys import DRAINING, PARTS, SESSIONS, TEMPLATES
from bot.web.parts import Parts
from bot.web.sessions import Sessions
from bot.web.texts import environment

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0


def make_app(parts: Parts) -> web.Application:
    """The application. Raises `ConfigError` without a webhook secret: no secret, no start."""
    if not parts.settings.secret:
        raise ConfigError(
            "There is no webhook secret: set UPRIVER_GITHUB_WEBHOOK_SECRET, or create the App on the set-up page."
        )
    app = web.Application(middlewares=[around], client_max_size=1 << 20)
    app[PARTS] = parts
    app[SESSIONS] = Sessions(parts.secret or secrets.token_bytes(32))
    app[TEMPLATES] = environment()
    app[DRAINING] = []
    app.router.add_routes(_routes())
    app.on_shutdown.append(_drain)
    if parts.startup is not None:
        app.on_startup.append(parts.startup)
    return app


def _routes() -> list[web.RouteDef]:
    return [
        web.post("/webhooks/github", webhooks.github),
        web.post("/api/jobs", intake.jobs),
        web.get("/healthz", operations.healthz),
        web.get("/readyz", operations.readyz),
        web.get("/metrics", operations.metrics),
        web.get("/", pages.home),
        web.get("/bugs/{key}", pages.bug),
        web.post("/bugs/{key}/judge", pages.judge),
        web.get("/failures", pages.failures),
        web.get("/failures/{key:.+}", pages.failure),
        web.get("/threads", pages.threads),
        web.get("/ledger", pages.ledger),
        web.get("/distributions", pages.distributions),
        web.get("/distributions/{name}", pages.distribution),
        web.get("/projects", pages.projects),
        web.get("/projects/{name:.+}", pages.project),
        web.get("/deliveries", pages.deliveries),
        web.get("/buried", pages.buried),
        web.post("/buried/replay", pages.replay),
        web.get("/switches", pages.switches),
        web.post("/switches", pages.turn),
        web.get("/sign-in", signin.page),
        web.post("/sign-in", signin.enter),
        web.post("/sign-out", signin.leave),
        web.get("/sign-in/github", signin.to_forge),
        web.get("/sign-in/github/back", signin.from_forge),
        web.get("/setup", setup.page),
        web.get("/setup/created", setup.created),
        web.get("/static/{name}", pages.static),
        web.get("/api/openapi.json", api.openapi),
        web.get("/api/overview", api.overview),
        web.get("/api/bugs", api.bugs),
        web.get("/api/bugs/{key}", api.bug),
        web.get("/api/failures", api.failures),
        web.get("/api/failures/{key:.+}", api.failure),
        web.get("/api/threads", api.threads),
        web.get("/api/ledger", api.ledger),
        web.get("/api/distributions", api.distributions),
        web.get("/api/distributions/{name}/releases", api.releases),
        web.get("/api/projects", api.projects),
        web.get("/{anything:.*}", _nowhere),
    ]


async def _nowhere(request: web.Request) -> web.Response:
    if request.path.startswith("/api/"):
        return web.json_response({"error": "not found"}, status=404)
    return await pages.not_found(request, "page")


async def _drain(app: web.Application) -> None:
    """Say that no more is taken; requests under way are finished."""
    app[DRAINING].append(True)


async def serve(
    app: web.Application,
    stopped: asyncio.Event,
    *,
    listening: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve until `stopped`, then finish what is under way. `listening` is told the address, once there is one.

    The composition root drains the pipeline after this returns.
    """
    settings = app[PARTS].settings
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_SECONDS, handle_signals=False)
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port)
        await site.start()
        port = runner.addresses[0][1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        address = f"http://{host}:{port}"
        log.info("service.listening", address=address)
        listening(address)
        await stopped.wait()
        app[DRAINING].append(True)
        log.info("service.draining")
    finally:
        await runner.cleanup()
