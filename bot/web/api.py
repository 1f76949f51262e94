"""The JSON API: the pages' values as JSON, described by OpenAPI 3.1 at `/api/openapi.json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from aiohttp import web

from bot import __version__
from bot.pipeline.values import to_json
from bot.views import (
    BugRow,
    BugView,
    DistributionRow,
    FailureView,
    JobRow,
    LedgerSums,
    Overview,
    ProjectRow,
    ReleaseRow,
    ThreadRow,
)
from bot.web.keys import PARTS, VIEWER
from bot.web.pages import wanted
from bot.web.texts import clean_all

FILTERS = ("q", "kind", "distribution", "project", "standing", "page")


def _answer(value: Any, status: int = 200) -> web.Response:
    return web.json_response(clean_all(value), status=status)


def _rows(rows: Sequence[Any], total: int | None = None) -> web.Response:
    return _answer({"rows": [to_json(row) for row in rows], "total": len(rows) if total is None else total})


def _one(value: Any) -> web.Response:
    return _answer({"error": "not found"}, 404) if value is None else _answer(to_json(value))


async def overview(request: web.Request) -> web.Response:
    """The figures of the first page."""
    return _one(await request.app[PARTS].reads.overview(request[VIEWER]))


async def bugs(request: web.Request) -> web.Response:
    """Bugs."""
    return _rows(*await request.app[PARTS].reads.bugs(request[VIEWER], *wanted(request)))


async def bug(request: web.Request) -> web.Response:
    """One Bug."""
    return _one(await request.app[PARTS].reads.bug(request[VIEWER], request.match_info["key"]))


async def failures(request: web.Request) -> web.Response:
    """Failing jobs."""
    return _rows(*await request.app[PARTS].reads.failures(request[VIEWER], *wanted(request)))


async def failure(request: web.Request) -> web.Response:
    """One failing job."""
    return _one(await request.app[PARTS].reads.failure(request[VIEWER], request.match_info["key"]))


async def threads(request: web.Request) -> web.Response:
    """Threads upstream."""
    return _rows(await request.app[PARTS].reads.threads(request[VIEWER]))


async def ledger(request: web.Request) -> web.Response:
    """How right the machine was."""
    sums = await request.app[PARTS].reads.ledger()
    return _answer({**to_json(sums), "precision": sums.precision})


async def distributions(request: web.Request) -> web.Response:
    """Distributions that are to blame for something."""
    return _rows(await request.app[PARTS].reads.distributions(request[VIEWER]))


async def releases(request: web.Request) -> web.Response:
    """Releases of a distribution that made jobs fail."""
    return _rows(await request.app[PARTS].reads.releases(request[VIEWER], request.match_info["name"]))


async def projects(request: web.Request) -> web.Response:
    """Projects whose jobs failed."""
    return _rows(await request.app[PARTS].reads.projects(request[VIEWER]))


async def openapi(request: web.Request) -> web.Response:
    """The description of all this."""
    return web.json_response(description(request.app[PARTS].intake_schema))


# ---------------------------------------------------------------------------------------------- the description

LISTS: tuple[tuple[str, str, type, tuple[str, ...]], ...] = (
    ("/api/bugs", "Bugs, the latest first", BugRow, FILTERS),
    ("/api/failures", "Failing jobs, the latest first", JobRow, ("q", "kind", "project", "page")),
    ("/api/threads", "Threads upstream, the latest first", ThreadRow, ()),
    ("/api/distributions", "Distributions that are to blame for something", DistributionRow, ()),
    ("/api/distributions/{name}/releases", "Releases with which jobs began to fail", ReleaseRow, ()),
    ("/api/projects", "Projects whose jobs failed", ProjectRow, ()),
)
ONES: tuple[tuple[str, str, type], ...] = (
    ("/api/overview", "The figures of the first page", Overview),
    ("/api/bugs/{key}", "One Bug", BugView),
    ("/api/failures/{key}", "One failing job; its key may hold slashes", FailureView),
    ("/api/ledger", "How right the machine was", LedgerSums),
)


def description(intake: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI 3.1, its schemas made from the values themselves; `intake` is that of a job that is sent."""
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for path, about, kind, filters in LISTS:
        rows = {"type": "array", "items": _schema(kind, schemas)}
        whole = {
            "type": "object",
            "required": ["rows", "total"],
            "properties": {"rows": rows, "total": {"type": "integer"}},
        }
        paths[path] = {"get": _operation(path, about, whole, filters)}
    for path, about, kind in ONES:
        paths[path] = {"get": _operation(path, about, _schema(kind, schemas), ())}
    paths["/api/ledger"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = _with_precision(schemas)
    paths["/api/jobs"] = {"post": _intake(intake)}
    itself = {"type": "object", "required": ["openapi", "info", "paths"]}
    paths["/api/openapi.json"] = {"get": _operation("/api/openapi.json", "This description", itself, ())}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Upriver",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"intake": {"type": "http", "scheme": "bearer"}},
        },
    }


def _with_precision(schemas: dict[str, Any]) -> dict[str, Any]:
    """The sums, and what is computed of them."""
    precision = {"type": ["number", "null"], "description": "Of the threads that people answered, the part not refused"}
    extra = {"type": "object", "required": ["precision"], "properties": {"precision": precision}}
    return {"allOf": [_schema(LedgerSums, schemas), extra]}


def _schema(kind: type, schemas: dict[str, Any]) -> dict[str, Any]:
    (made,), parts = msgspec.json.schema_components((kind,), ref_template="#/components/schemas/{name}")
    schemas.update(parts)
    return dict(made)


def _operation(path: str, about: str, schema: dict[str, Any], filters: Sequence[str]) -> dict[str, Any]:
    named = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    parameters = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in named]
    parameters += [{"name": name, "in": "query", "schema": {"type": "string"}} for name in filters]
    answers: dict[str, Any] = {"200": {"description": about, "content": {"application/json": {"schema": schema}}}}
    if named:
        answers["404"] = {"description": "None that you may see"}
    return {"summary": about, "parameters": parameters, "responses": answers}


def _intake(schema: Mapping[str, Any]) -> dict[str, Any]:
    answers = {
        "202": "Stored; it will be worked on",
        "200": "Nothing for us: it is known already, or no failure",
        "400": "Not a job",
        "401": "No token, or none that is known",
        "413": "Too large",
        "415": "Not JSON",
        "503": "Not stored; try again with the same key",
    }
    return {
        "summary": "Hand in a failing job's log",
        "security": [{"intake": []}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": True,
                "schema": {"type": "string", "maxLength": 128},
            }
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": dict(schema)}}},
        "responses": {status: {"description": text} for status, text in answers.items()},
    }
