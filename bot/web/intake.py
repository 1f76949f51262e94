"""`POST /api/jobs`: a failing job's log from any CI, with a scoped token and an idempotency key."""

from __future__ import annotations

import hashlib
import hmac
import re

import structlog
from aiohttp import web

from bot.web.keys import PARTS
from bot.web.parts import Rejected
from bot.web.webhooks import is_object, read_capped, refuse, take

log = structlog.get_logger(__name__)

MOST_BYTES = 32 * 1024 * 1024
"""Of a body that carries its log; a longer log is named by its address instead."""

KEY = re.compile(r"[!-~]{1,128}\Z")


async def jobs(request: web.Request) -> web.Response:
    """One failing job. 202 with what became of it; the same key again is the same job."""
    parts = request.app[PARTS]
    scope = scope_of(request.headers.get("Authorization", ""), parts.settings.api_tokens.get_secret_value())
    if scope is None or parts.intake is None:
        answer = refuse(request, Rejected(status=401, reason="a bearer token of UPRIVER_API_TOKENS is needed"))
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer
    key = request.headers.get("Idempotency-Key", "")
    structlog.contextvars.bind_contextvars(delivery=f"{scope}/{key[:64]}")
    if not KEY.match(key):
        reason = "an Idempotency-Key header is needed: 1 to 128 printable characters, the same at each try of one job"
        return refuse(request, Rejected(status=400, reason=reason))
    body = await read_capped(request, MOST_BYTES)
    if isinstance(body, Rejected):
        return refuse(request, body)
    if request.content_type != "application/json":
        return refuse(request, Rejected(status=415, reason="a job is described in application/json"))
    if not is_object(body):
        return refuse(request, Rejected(status=400, reason="the body is no JSON object"))
    received = parts.intake(scope, key, body)
    if isinstance(received, Rejected):
        return refuse(request, received)
    answer = await take(request, received)
    if answer.status not in {202, 204}:
        return answer
    outcome = answer.headers["X-Upriver-Outcome"]
    return web.json_response({"id": received.id, "outcome": outcome}, status=202 if answer.status == 202 else 200)


def scope_of(authorization: str, tokens: str) -> str | None:
    """The scope whose token the header carries, or None. Compared in constant time, all of them."""
    kind, _, given = authorization.partition(" ")
    found = None
    digest = hashlib.sha256(given.strip().encode("utf-8", "replace")).digest()
    for row in filter(None, (part.strip() for part in tokens.split(","))):
        scope, _, token = row.partition(":")
        same = hmac.compare_digest(digest, hashlib.sha256(token.encode()).digest())
        if same and token and kind.lower() == "bearer":
            found = scope
    return found
