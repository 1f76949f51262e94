"""Around every request: its id and log line, the viewer, the headers that keep a page to itself."""

from __future__ import annotations

import time
import uuid

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.web.keys import PARTS, SESSIONS, VIEWER
from bot.web.sessions import COOKIE

log = structlog.get_logger("bot.web.requests")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    "X-Frame-Options": "DENY",
}

QUIET = {"/healthz", "/readyz", "/metrics"}
"""Asked every few seconds by machines: not logged."""


def policy(form_targets: str = "") -> str:
    """The content-security policy: our own style sheet and picture, no script at all."""
    return (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        f" form-action 'self'{form_targets}"
    )


@web.middleware
async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bind, call, measure, log, head."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=uuid.uuid4().hex[:12])
    parts = request.app[PARTS]
    request[VIEWER] = request.app[SESSIONS].open(request.cookies.get(COOKIE), parts.clock())
    began = time.monotonic()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as raised:
        status = raised.status
        _head(request, raised)
        raise
    else:
        _head(request, response)
        return response
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource else "none"
        seconds = time.monotonic() - began
        parts.metrics.requests.labels(route, str(status)).observe(seconds)
        if request.path not in QUIET:
            log.info("request.finished", method=request.method, route=route, status=status, ms=round(seconds * 1000))


def _head(request: web.Request, response: web.StreamResponse) -> None:
    """The headers that every answer has."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", policy())
    response.headers.setdefault("Cache-Control", "no-store" if request[VIEWER].name else "no-cache")


def from_here(request: web.Request) -> bool:
    """Whether a form was sent from a page of ours, as browsers say it; what says nothing is judged by its token."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or origin.partition("://")[2] == request.host
