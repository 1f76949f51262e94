"""Who looks: a signed cookie, so that every replica knows the person and none keeps a table.

A cookie says who it is, what they may see and until when; it is signed with the service's own secret. Forms carry a
value derived from the cookie, so a page elsewhere that makes the browser post here has none.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from datetime import datetime, timedelta

from msgspec import Struct

from bot.views import STRANGER, Viewer

COOKIE = "upriver_session"
STATE = "upriver_state"
LIFE = timedelta(hours=12)
MOST_NAMES = 2_600
"""Bytes of projects' names: a cookie holds 4 KB. Who can read more sees the first of them, and an operator all."""


class Sessions(Struct, frozen=True):
    """Makes and reads cookies."""

    secret: bytes

    def seal(self, viewer: Viewer, now: datetime) -> str:
        """The cookie's value for a viewer."""
        row = {
            "name": viewer.name,
            "operator": viewer.operator,
            "projects": _fitting(viewer.projects),
            "until": int((now + LIFE).timestamp()),
            "nonce": secrets.token_hex(8),
        }
        packed = base64.urlsafe_b64encode(json.dumps(row).encode()).decode().rstrip("=")
        return f"{packed}.{self._sign('session', packed)}"

    def open(self, cookie: str | None, now: datetime) -> Viewer:
        """The viewer that a cookie names; a stranger where it is missing, forged or over."""
        packed, _, signature = (cookie or "").partition(".")
        if not packed or not signature.isascii() or not hmac.compare_digest(signature, self._sign("session", packed)):
            return STRANGER
        try:
            row = json.loads(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)))
        except (ValueError, binascii.Error):
            return STRANGER
        if row["until"] < now.timestamp():
            return STRANGER
        return Viewer(name=row["name"], operator=row["operator"], projects=frozenset(row["projects"]))

    def form_token(self, cookie: str | None) -> str:
        """What a form of this session carries."""
        return self._sign("form", cookie or "")

    def may_post(self, cookie: str | None, token: str) -> bool:
        """Whether a form came from a page of this session."""
        return token.isascii() and hmac.compare_digest(token, self.form_token(cookie))

    def _sign(self, purpose: str, text: str) -> str:
        return hmac.new(self.secret, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()


def _fitting(projects: frozenset[str]) -> list[str]:
    """The first of the names, as many as a cookie holds."""
    left, kept = MOST_NAMES, []
    for name in sorted(projects):
        left -= len(json.dumps(name)) + 2
        if left < 0:
            break
        kept.append(name)
    return kept
