"""`POST /webhooks/github`: verified, stored, answered. Everything else happens after the answer.

| status | when |
| --- | --- |
| 202 | it announces something, and that is durable |
| 204 | verified, and nothing for us: counted, with the reason in `X-Upriver-Outcome` |
| 400 | no delivery id or event, or a body that is no JSON object |
| 401 | no SHA-256 signature, or not ours (SHA-1 alone is no signature) |
| 413 | larger than GitHub sends |
| 415 | not `application/json` (the other choice in GitHub's form is refused: it is decoded before it is signed) |
| 503 | the ledger is away; GitHub's list of failed deliveries brings it back |
"""

from __future__ import annotations

import json

import structlog
from aiohttp import web

from bot.errors import Permanent, Transient
from bot.model import Delivery
from bot.web.keys import DRAINING, PARTS
from bot.web.parts import Rejected

log = structlog.get_logger(__name__)

MOST_BYTES = 25 * 1024 * 1024
"""GitHub's own cap on a payload."""


async def github(request: web.Request) -> web.Response:
    """One delivery."""
    parts = request.app[PARTS]
    structlog.contextvars.bind_contextvars(delivery=request.headers.get("X-GitHub-Delivery", "")[:64])
    body = await read_capped(request, MOST_BYTES)
    if isinstance(body, Rejected):
        return refuse(request, body)
    if request.content_type != "application/json":
        return refuse(request, Rejected(status=415, reason="deliveries are taken as application/json"))
    received = parts.webhook(request.headers, body)
    if isinstance(received, Rejected):
        return refuse(request, received)
    if not is_object(body):
        return refuse(request, Rejected(status=400, reason="the body is no JSON object"))
    return await take(request, received)


async def take(request: web.Request, delivery: Delivery) -> web.Response:
    """Hand a verified delivery to the pipeline and answer what became of it."""
    if request.app[DRAINING]:
        return refuse(request, Rejected(status=503, reason="going down; try again"), retry_after=5)
    try:
        outcome = await request.app[PARTS].deliver(delivery)
    except Transient as error:
        log.warning("delivery.not_stored", says=str(error))
        return refuse(request, Rejected(status=503, reason="not stored; try again"), retry_after=30)
    except Permanent as error:
        return refuse(request, Rejected(status=404, reason=str(error)))
    except Exception:
        log.exception("delivery.not_stored")
        return refuse(request, Rejected(status=503, reason="not stored; try again"), retry_after=30)
    accepted = outcome == "accepted"
    log.info("delivery.stored" if accepted else "delivery.ignored", event_name=delivery.event, outcome=outcome)
    return web.Response(status=202 if accepted else 204, headers={"X-Upriver-Outcome": header(outcome)})


def refuse(request: web.Request, why: Rejected, *, retry_after: int = 0) -> web.Response:
    """An answer that says why, logged and counted."""
    request.app[PARTS].metrics.refused.labels(request.path, str(why.status)).inc()
    log.warning("delivery.refused", status=why.status, reason=why.reason, remote=request.remote)
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return web.json_response({"error": why.reason}, status=why.status, headers=headers)


async def read_capped(request: web.Request, most: int) -> bytes | Rejected:
    """The body, or a refusal as soon as it is too large, whatever its length claims."""
    too_large = Rejected(status=413, reason=f"larger than {most // 1024 // 1024} MB")
    if (request.content_length or 0) > most:
        return too_large
    taken = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        taken += chunk
        if len(taken) > most:
            return too_large
    return bytes(taken)


def is_object(body: bytes) -> bool:
    """Whether the bytes are a JSON object."""
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def header(text: str) -> str:
    """The text as a header's value may be."""
    return "".join(letter if 32 <= ord(letter) < 127 else "?" for letter in text)[:200]
