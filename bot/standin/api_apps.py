"""The API of Apps: who am I, installations, their tokens, deliveries, manifests."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from bot.standin.answers import Answer, Call, failed, invalid
from bot.standin.credentials import LEVELS, new_installation_token
from bot.standin.hooks import redeliver
from bot.standin.play import make_app
from bot.standin.records import App, Delivery, Installation, Repository
from bot.standin.shapes import when

MANIFEST_LIFE = timedelta(hours=1)


def _app(call: Call) -> App:
    if call.viewer.kind != "app" or call.viewer.app is None:
        raise failed(401, "A JSON web token could not be decoded")
    return call.viewer.app


def get_app(call: Call) -> Answer:
    """`GET /app`."""
    return Answer(data=call.shapes.app(_app(call)))


def installations(call: Call) -> Answer:
    """`GET /app/installations`."""
    app = _app(call)
    rows = [row for row in call.world.installations.values() if row.app == app.id]
    return call.page([call.shapes.installation(row) for row in rows])


def _installation(call: Call) -> Installation:
    app = _app(call)
    row = call.world.installations.get(int(call.params["installation_id"]))
    if row is None or row.app != app.id:
        raise failed(404, "Not Found")
    return row


def get_installation(call: Call) -> Answer:
    """`GET /app/installations/{installation_id}`."""
    return Answer(data=call.shapes.installation(_installation(call)))


def repository_installation(call: Call, repo: Repository) -> Answer:
    """`GET /repos/{owner}/{repo}/installation`."""
    row = call.world.installation_of(_app(call), repo)
    if row is None:
        raise failed(404, "Not Found")
    return Answer(data=call.shapes.installation(row))


def create_token(call: Call) -> Answer:
    """`POST /app/installations/{installation_id}/access_tokens`, narrowed as asked."""
    row = _installation(call)
    if row.suspended_at:
        raise failed(403, "This installation has been suspended")
    body = call.body or {}
    repositories, permissions = _narrowed(call, row, body), dict(body.get("permissions") or row.permissions)
    for name, level in permissions.items():
        granted = row.permissions.get(name, "none")
        if level not in LEVELS or LEVELS.index(level) > LEVELS.index(granted):
            raise failed(422, "The permissions requested are not granted to this installation.")
    token = new_installation_token(call.world, row, repositories, permissions)
    selected = repositories is not None or row.repositories is not None
    data: dict[str, Any] = {
        "token": token.text,
        "expires_at": when(token.expires_at),
        "permissions": permissions,
        "repository_selection": "selected" if selected else "all",
    }
    if repositories is not None:
        shapes = call.shapes
        data["repositories"] = [shapes.minimal_repository(call.world.repositories[one]) for one in repositories]
    return Answer(status=201, data=data)


def _narrowed(call: Call, row: Installation, body: dict[str, object]) -> frozenset[int] | None:
    names, ids = body.get("repositories"), body.get("repository_ids")
    if names is None and ids is None:
        return None
    covered = call.world.covered(row)
    if isinstance(names, list):
        wanted = {str(name).lower() for name in names}
        chosen = {one.id for one in covered if one.name.lower() in wanted}
        complete = len(chosen) == len(wanted)
    else:
        wanted_ids = set(ids) if isinstance(ids, list) else set()
        chosen = {one.id for one in covered if one.id in wanted_ids}
        complete = len(chosen) == len(wanted_ids)
    if not complete:
        raise failed(422, "There is at least one repository that does not exist or is not accessible.")
    return frozenset(chosen)


def token_repositories(call: Call) -> Answer:
    """`GET /installation/repositories`."""
    token = call.viewer.token
    if token is None or token.installation is None:
        raise failed(403, "You must authenticate with an installation access token in order to list repositories.")
    rows = call.world.covered(call.world.installations[token.installation])
    if token.repositories is not None:
        rows = [row for row in rows if row.id in token.repositories]
    return call.page([call.shapes.minimal_repository(row) for row in rows], "repositories")


def deliveries(call: Call) -> Answer:
    """`GET /app/hook/deliveries`, by cursor."""
    rows = [row for row in call.world.recent_deliveries(_app(call)) if row.status != "pending"]
    if call.query.get("status") == "failure":
        rows = [row for row in rows if 400 <= row.status_code <= 599]
    elif call.query.get("status") == "success":
        rows = [row for row in rows if 200 <= row.status_code < 400]
    cursor = call.query.get("cursor", "")
    if cursor:
        try:
            below = int(cursor.removeprefix("v1_"))
        except ValueError:
            raise failed(400, "Invalid cursor") from None
        rows = [row for row in rows if row.id <= below]
    size = min(100, max(1, int(call.query.get("per_page", 30))))
    headers = {"Link": f'<{call.link(cursor=f"v1_{rows[size].id}")}>; rel="next"'} if len(rows) > size else {}
    return Answer(data=[call.shapes.delivery(row) for row in rows[:size]], headers=headers)


def _delivery(call: Call) -> Delivery:
    row = call.world.deliveries.get(int(call.params["delivery_id"]))
    if row is None or row not in call.world.recent_deliveries(_app(call)):
        raise failed(400, "Delivery not found")
    return row


def get_delivery(call: Call) -> Answer:
    """`GET /app/hook/deliveries/{delivery_id}`."""
    row = _delivery(call)
    payload = json.loads(row.body)
    request = {"headers": {"X-GitHub-Delivery": row.guid, "X-GitHub-Event": row.event}, "payload": payload}
    response = {"headers": {}, "payload": ""}
    return Answer(data={**call.shapes.delivery(row), "url": "", "request": request, "response": response})


def redeliver_one(call: Call) -> Answer:
    """`POST /app/hook/deliveries/{delivery_id}/attempts`: the same GUID again."""
    redeliver(call.world, _delivery(call))
    return Answer(status=202, data={})


def convert_manifest(call: Call) -> Answer:
    """`POST /app-manifests/{code}/conversions`: once, within the hour."""
    kept = call.world.manifests.pop(call.params["code"], None)
    if kept is None or kept[2] + MANIFEST_LIFE < call.world.now():
        raise failed(404, "Not Found")
    manifest, owner, _ = kept
    try:
        app = make_app(call.world, manifest, owner)
    except ValueError as error:
        raise invalid("Manifest", "manifest", "custom", str(error)) from error
    secret = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "webhook_secret": app.webhook_secret,
        "pem": app.private_key,
    }
    return Answer(status=201, data={**call.shapes.app(app), **secret})


def me(call: Call) -> Answer:
    """`GET /user`."""
    if call.viewer.kind in {"anonymous", "app"}:
        raise failed(401, "Requires authentication")
    if call.viewer.kind == "installation":
        raise failed(403, "Resource not accessible by integration")
    scopes = ", ".join(sorted(call.viewer.token.scopes)) if call.viewer.token else ""
    headers = {"X-OAuth-Scopes": scopes} if call.viewer.kind == "classic" else {}
    return Answer(data=call.shapes.me(call.viewer.login), headers=headers)


def rate_limit(call: Call) -> Answer:
    """`GET /rate_limit`: free."""
    rows = {}
    for resource in ("core", "search"):
        window = call.world.limits.window(call.viewer.bucket, resource, call.world.now())
        rows[resource] = {
            "limit": window.limit,
            "remaining": max(0, window.limit - window.used),
            "reset": int(window.until.timestamp()),
            "used": window.used,
        }
    return Answer(data={"resources": rows, "rate": rows["core"]})
