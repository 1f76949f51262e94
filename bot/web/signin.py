"""Signing in: an operator by token, everybody else through the forge."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets

import structlog
from aiohttp import web

from bot.errors import Permanent, Transient
from bot.views import Viewer
from bot.web.guard import from_here
from bot.web.keys import PARTS, SESSIONS
from bot.web.pages import render
from bot.web.sessions import COOKIE, LIFE, STATE

log = structlog.get_logger(__name__)

PAUSE_SECONDS = 0.5
"""After a wrong token: guessing is slow, and one guess holds up no other request."""


async def page(request: web.Request) -> web.Response:
    """The form."""
    return await render(request, "signin.html", wrong=False, forge=request.app[PARTS].sign_in is not None)


async def enter(request: web.Request) -> web.Response:
    """An operator's token."""
    parts = request.app[PARTS]
    given = str((await request.post()).get("operator_token", ""))
    if not from_here(request):
        return await render(
            request, "message.html", 403, title="Not taken", says="This form was sent from another site."
        )
    if not parts.operator_token or not _same(given.strip(), parts.operator_token):
        log.warning("operator.refused", remote=request.remote)
        await asyncio.sleep(PAUSE_SECONDS)
        return await render(request, "signin.html", 403, wrong=True, forge=parts.sign_in is not None)
    log.info("operator.entered", remote=request.remote)
    return _in(request, Viewer(name="operator", operator=True))


async def leave(request: web.Request) -> web.Response:
    """Forget the viewer."""
    if not from_here(request):
        raise web.HTTPForbidden
    answer = web.HTTPSeeOther("/")
    answer.del_cookie(COOKIE, path="/")
    raise answer


async def to_forge(request: web.Request) -> web.Response:
    """Off to the forge, with a state that only this browser has."""
    sign_in = request.app[PARTS].sign_in
    if sign_in is None:
        raise web.HTTPNotFound
    state = secrets.token_urlsafe(24)
    answer = web.HTTPFound(sign_in.address(state, _back(request)))
    answer.set_cookie(
        STATE, state, max_age=600, httponly=True, samesite="Lax", secure=_secure(request), path="/sign-in"
    )
    raise answer


async def from_forge(request: web.Request) -> web.Response:
    """Back from the forge."""
    parts = request.app[PARTS]
    state, code = request.query.get("state", ""), request.query.get("code", "")
    if parts.sign_in is None or not code or not state or not _same(state, request.cookies.get(STATE, "")):
        says = "The answer of the forge does not belong to this browser. Please sign in again."
        return await render(request, "message.html", 400, title="Not signed in", says=says)
    everything = await parts.reads.projects(Viewer(operator=True))
    asked = frozenset(row.name for row in everything if row.private)
    try:
        person = await parts.sign_in.person(code, _back(request), asked)
    except Permanent as error:
        return await render(request, "message.html", 403, title="Not signed in", says=str(error))
    except Transient:
        says = "The forge does not answer just now. Please try again in a while."
        return await render(request, "message.html", 503, title="Not signed in", says=says)
    return _in(request, Viewer(name=person.login, projects=person.projects & asked))


def _in(request: web.Request, viewer: Viewer) -> web.Response:
    answer = web.HTTPSeeOther("/")
    cookie = request.app[SESSIONS].seal(viewer, request.app[PARTS].clock())
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=int(LIFE.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=_secure(request),
        path="/",
    )
    raise answer


def _back(request: web.Request) -> str:
    base = request.app[PARTS].settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
    return f"{base}/sign-in/github/back"


def _secure(request: web.Request) -> bool:
    return request.app[PARTS].settings.public_url.startswith("https://")


def _same(one: str, other: str) -> bool:
    digests = [hashlib.sha256(text.encode("utf-8", "replace")).digest() for text in (one, other)]
    return hmac.compare_digest(*digests)
