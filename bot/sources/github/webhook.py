"""Is this delivery GitHub's? SHA-256 only, in constant time, and no secret means no answer. Pure."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import urllib.parse
from collections.abc import Mapping
from datetime import datetime

from bot.errors import ConfigError, Permanent
from bot.model import Delivery

LARGEST = 25 * 2**20
"""GitHub's own cap on a payload: https://docs.github.com/en/webhooks/webhook-events-and-payloads"""
_ID = re.compile(r"[0-9A-Za-z-]{1,64}")
_EVENT = re.compile(r"[a-z_]{1,64}")
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")


class Rejected(Permanent):
    """A request that is no delivery of GitHub's to us; answered with `status`."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def check_secret(secret: str) -> None:
    """Raise `ConfigError` where there is no secret: the service does not start without one."""
    if not secret.strip():
        raise ConfigError("UPRIVER_GITHUB_WEBHOOK_SECRET is empty: without it anybody could send webhooks")


def verify(headers: Mapping[str, str], body: bytes, *, secret: str, received_at: datetime) -> Delivery:
    """The delivery in a request, or `Rejected`: 413 too large, 400 malformed, 401 not signed by whoever has the secret."""
    check_secret(secret)
    if len(body) > LARGEST:
        raise Rejected(413, "the payload is larger than GitHub's cap")
    lower = {key.lower(): value for key, value in headers.items()}
    event, identity = (
        _matching(lower, name, pattern) for name, pattern in (("x-github-event", _EVENT), ("x-github-delivery", _ID))
    )
    given = _SIGNATURE.fullmatch(lower.get("x-hub-signature-256", "").strip())
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if given is None or not hmac.compare_digest(given[1], expected):
        raise Rejected(401, "the signature is not ours")
    payload = _payload(lower.get("content-type", ""), body)
    return Delivery(id=identity, source="github", event=event, payload=payload, received_at=received_at)


def _matching(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = headers.get(name, "").strip()
    if not pattern.fullmatch(value):
        raise Rejected(400, f"the header {name} is missing or malformed")
    return value


def _payload(content_type: str, body: bytes) -> bytes:
    """The JSON object: the body itself, or the form's `payload` as GitHub sends it where the hook is set so."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        fields = urllib.parse.parse_qs(body.decode("utf-8", "replace"), max_num_fields=10)
        body = fields.get("payload", [""])[0].encode()
    elif kind != "application/json":
        raise Rejected(400, "the content type is neither JSON nor a form")
    try:
        known = isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        known = False
    if not known:
        raise Rejected(400, "the payload is no JSON object")
    return body
