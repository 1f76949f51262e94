"""The set-up page: creates the GitHub App in one click, by GitHub's manifest flow.

https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest: the page posts the
manifest to the forge, where a human presses one button; the browser comes back with a code, which is turned into the
App's credentials. They are stored in a file of the data folder that only its owner can read.

The page opens with the one-time code that the log prints, and closes once an App was created.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from aiohttp import web

from bot.errors import ConfigError, Permanent, Transient
from bot.web.guard import policy
from bot.web.keys import PARTS, SESSIONS
from bot.web.pages import render
from bot.web.parts import SetUp

log = structlog.get_logger(__name__)

FILE = "github-app.json"
KEPT = ("id", "slug", "name", "html_url", "client_id", "client_secret", "webhook_secret", "pem")


async def page(request: web.Request) -> web.Response:
    """The one click."""
    parts = request.app[PARTS]
    means = parts.set_up
    if means is None:
        says = "This installation has its GitHub App already. To make another, stop it and remove the saved one."
        return await render(request, "message.html", 404, title="Set up already", says=says)
    if (parts.settings.data / FILE).exists():
        says = "The App was created and saved. Start Upriver again, and it works with it."
        return await render(request, "message.html", 200, title="Set up already", says=says)
    if not _opened(request, means):
        return await render(request, "setup_locked.html", 403 if "key" in request.query else 200)
    owner = request.query.get("organization", "").strip()[:100]
    settings = f"organizations/{quote(owner, safe='')}/settings" if owner else "settings"
    base = means.web.rstrip("/")
    answer = await render(
        request,
        "setup.html",
        action=f"{base}/{settings}/apps/new?state={_state(request, means)}",
        manifest=json.dumps(filled(means.manifest, _public(request))),
        permissions=dict(means.manifest.get("default_permissions", {})),
        events=list(means.manifest.get("default_events", [])),
        owner=owner,
        forge=base,
        key=request.query["key"],
    )
    target = urlsplit(base)
    answer.headers["Content-Security-Policy"] = policy(f" {target.scheme}://{target.netloc}")
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


async def created(request: web.Request) -> web.Response:
    """Back from the forge with a code."""
    parts = request.app[PARTS]
    means, code = parts.set_up, request.query.get("code", "")
    if (
        means is None
        or not code
        or not hmac.compare_digest(request.query.get("state", "").encode(), _state(request, means).encode())
    ):
        says = "This answer does not belong to the set-up that was begun here. Open the set-up page again."
        return await render(request, "message.html", 400, title="Not set up", says=says)
    if (parts.settings.data / FILE).exists():
        says = "An App was created already; the code works once."
        return await render(request, "message.html", 409, title="Set up already", says=says)
    try:
        row = await means.convert(code)
        save(parts.settings.data, row)
    except (Permanent, Transient, ConfigError) as error:
        return await render(
            request, "message.html", 502, title="Not set up", says=f"The forge did not hand out the App: {error}"
        )
    log.info("app.created", app=row.get("slug"), id=row.get("id"))
    return await render(request, "setup_done.html", app=row, install=f"{row.get('html_url', '')}/installations/new")


def filled(manifest: Mapping[str, Any], base: str) -> dict[str, Any]:
    """The manifest with this installation's addresses."""
    return {
        **manifest,
        "url": manifest.get("url") or base,
        "hook_attributes": {"url": f"{base}/webhooks/github", "active": True},
        "redirect_url": f"{base}/setup/created",
        "callback_urls": [f"{base}/sign-in/github/back"],
    }


def save(data: Path, row: Mapping[str, Any]) -> Path:
    """Store an App's credentials where only the owner of the data folder can read them. Raises `ConfigError`."""
    if missing := [name for name in ("id", "pem", "webhook_secret") if not row.get(name)]:
        raise ConfigError(f"the forge's answer lacks {', '.join(missing)}")
    data.mkdir(parents=True, exist_ok=True)
    path, scratch = data / FILE, data / f".{FILE}.new"
    scratch.unlink(missing_ok=True)
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({name: row[name] for name in KEPT if name in row}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    return path


def saved(data: Path) -> dict[str, Any] | None:
    """The App that the set-up page saved, or None. Raises `ConfigError` for a file that is none or others can read."""
    path = data / FILE
    if not path.exists():
        return None
    if path.stat().st_mode & 0o077:
        raise ConfigError(f"{path} can be read by others; run: chmod 600 {path}")
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path} is no JSON: {error}; remove it to set up again") from error
    return dict(row)


def _opened(request: web.Request, means: SetUp) -> bool:
    return hmac.compare_digest(request.query.get("key", "").encode(), means.code.encode())


def _state(request: web.Request, means: SetUp) -> str:
    """Ties the forge's answer to this service and this set-up code."""
    secret = request.app[SESSIONS].secret
    return hmac.new(secret, b"setup\0" + means.code.encode(), hashlib.sha256).hexdigest()


def _public(request: web.Request) -> str:
    return request.app[PARTS].settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"
