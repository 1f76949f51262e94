"""GitHub's published description as a judge of every request the stand-in gets and every answer it gives."""

from __future__ import annotations

import functools
import json
import re
from typing import Any

from jsonschema import Draft202012Validator
from openapi_core import Config, OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from bot.standin import Exchange, Standin
from bot.standin.routes import ROUTES
from tests.parts import require

HOST = "https://api.github.com"
UNDOCUMENTED = frozenset(
    {
        # answers that GitHub gives everywhere and documents for few operations
        301, 302, 304, 307, 401, 403, 404, 410, 429, 422, 400, 500, 502, 503,
    }
)  # fmt: skip


@functools.cache
def api() -> OpenAPI:
    """The REST API, cut to what is used."""
    described = json.loads((require("standin") / "api.json").read_text())
    described["servers"] = [{"url": HOST}]
    repair(described)
    # The description's own schema is not ours to check, and checking it takes seconds.
    return OpenAPI.from_dict(described, config=Config(spec_validator_cls=None))


def repair(value: Any) -> None:
    """Two slips of the published description, each seen in what github.com really answers.

    `nullable` with an `enum` that lacks null (an open issue's `state_reason` is null); an installation's account that
    must be a user and an enterprise at once, in the list only.
    """
    if isinstance(value, list):
        for one in value:
            repair(one)
    elif isinstance(value, dict):
        if value.get("nullable") is True and isinstance(value.get("enum"), list) and None not in value["enum"]:
            value["enum"] = [*value["enum"], None]
        if [one.get("title") for one in value.get("allOf", ()) if isinstance(one, dict)] == [
            "Simple User",
            "Enterprise",
        ]:
            value["anyOf"] = value.pop("allOf")
        for one in value.values():
            repair(one)


class Judge:
    """Watches a stand-in; `close` raises with everything that GitHub's description does not allow."""

    def __init__(self, standin: Standin) -> None:
        self.faults: list[str] = []
        self.judged: set[tuple[str, str, int]] = set()
        self._api = api()
        standin.watchers.append(self.watch)

    def watch(self, exchange: Exchange) -> None:
        """One exchange: its request where it was taken, its answer always."""
        if exchange.fault or not exchange.template:
            return
        try:
            self._judge(exchange)
        except OpenAPIError as error:
            self.faults.append(f"{exchange.method} {exchange.path} → {exchange.status}: {explained(error)}")
        self.judged.add((exchange.method, exchange.template, exchange.status))

    def _judge(self, exchange: Exchange) -> None:
        request = asked(exchange)
        if exchange.status < 400:
            self._api.validate_request(request)
        if exchange.status in UNDOCUMENTED and not documented(exchange):
            return
        self._api.validate_response(request, answered(exchange))

    def close(self) -> None:
        """Raise where anything was wrong."""
        assert not self.faults, "\n".join(self.faults[:20])


def asked(exchange: Exchange) -> MockRequest:
    """The exchange's request as openapi-core takes it; a moved repository's by its number's own name."""
    route = next(row for row in ROUTES if (row.method, row.template) == (exchange.method, exchange.template))
    path = re.sub(r"^/repositories/\d+", "/repos/moved/elsewhere", exchange.path)
    match = route.pattern.match(path)
    params = {name: value.replace("/", "%2F") for name, value in (match.groupdict() if match else {}).items()}
    params |= {
        name: int(value) for name, value in params.items() if name.endswith(("_id", "_number")) and value.isdigit()
    }
    return MockRequest(
        HOST,
        exchange.method.lower(),
        exchange.template.format(**params),
        view_args=params,
        path_pattern=exchange.template,
        args=exchange.query,
        data=exchange.request_body or None,
        content_type=exchange.request_headers.get("Content-Type", "application/json").split(";")[0],
        headers={key: value for key, value in exchange.request_headers.items() if key.lower() != "content-type"},
    )


def answered(exchange: Exchange) -> MockResponse:
    """The exchange's answer as openapi-core takes it."""
    kind = exchange.headers.get("Content-Type", "application/json").split(";")[0]
    return MockResponse(exchange.body, status_code=exchange.status, content_type=kind, headers=exchange.headers)


def documented(exchange: Exchange) -> bool:
    """Whether the description has this status for this operation."""
    return str(exchange.status) in _paths()[exchange.template][exchange.method.lower()]["responses"]


@functools.cache
def _paths() -> dict[str, Any]:
    return json.loads((require("standin") / "api.json").read_text())["paths"]


def explained(error: BaseException) -> str:
    """What was wrong, down to the schema's own words."""
    words = []
    cause: BaseException | None = error
    while cause is not None:
        words.append(str(cause)[:200])
        rows = getattr(cause, "schema_errors", ())
        words += [f"{'.'.join(map(str, row.absolute_path))}: {row.message[:200]}" for row in rows]
        cause = cause.__cause__
    return " | ".join(words)


@functools.cache
def _webhooks() -> tuple[dict[str, Any], Any]:
    described = json.loads((require("standin") / "webhooks.json").read_text())
    registry = Registry().with_resource("urn:github", Resource(contents=described, specification=DRAFT202012))
    return described, registry


def webhook_faults(event: str, action: str | None, payload: dict[str, Any]) -> list[str]:
    """What GitHub's description of a webhook does not allow in a payload."""
    described, registry = _webhooks()
    name = "-".join(filter(None, (event.replace("_", "-"), (action or "").replace("_", "-"))))
    body = described["webhooks"][name]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = {"$ref": "urn:github" + body["$ref"]}
    checker = Draft202012Validator(schema, registry=registry)
    return [
        f"{name} {'.'.join(map(str, row.absolute_path))}: {row.message[:160]}" for row in checker.iter_errors(payload)
    ]
