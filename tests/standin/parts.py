"""GitHub's own descriptions: its REST API cut to what is used, its webhooks, their examples (npm: @octokit/…, 32 MB)"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from tests.parts import npm

OPENAPI, WEBHOOKS, EXAMPLES = "23.0.2", "12.1.0", "7.6.1"
MARK = "upriver-cut"
VERSION = f"2 {OPENAPI} {WEBHOOKS} {EXAMPLES}"
EVENTS = (
    "check-run-completed",
    "installation-created",
    "installation-deleted",
    "installation-suspend",
    "issue-comment-created",
    "issue-comment-edited",
    "issues-opened",
    "pull-request-review-comment-created",
    "pull-request-review-submitted",
    "status",
    "workflow-job-completed",
    "workflow-run-completed",
)


def fetch(folder: Path) -> int | None:
    """Write `standin/{api,webhooks,examples}.json`; the bytes downloaded, None where all is there."""
    at = folder / "standin"
    if (at / MARK).exists() and (at / MARK).read_text() == VERSION:
        return None
    at.mkdir(parents=True, exist_ok=True)
    size = 0
    with tempfile.TemporaryDirectory(dir=folder, prefix=".octokit-") as name:
        scratch = Path(name)
        size += npm.package("@octokit/openapi", OPENAPI, scratch / "openapi")
        whole = json.loads((scratch / "openapi/generated/api.github.com.json").read_text())
        (at / "api.json").write_text(json.dumps(cut(whole, "paths", used())))
        size += npm.package("@octokit/openapi-webhooks", WEBHOOKS, scratch / "webhooks")
        whole = json.loads((scratch / "webhooks/generated/api.github.com.json").read_text())
        (at / "webhooks.json").write_text(json.dumps(cut(whole, "webhooks", {name: {"post"} for name in EVENTS})))
        size += npm.package("@octokit/webhooks-examples", EXAMPLES, scratch / "examples")
        shutil.copyfile(scratch / "examples/api.github.com/index.json", at / "examples.json")
    (at / MARK).write_text(VERSION)
    return size


def used() -> dict[str, set[str]]:
    """The operations that the stand-in knows, as GitHub's description spells them."""
    from bot.standin.routes import ROUTES

    paths: dict[str, set[str]] = {}
    for route in ROUTES:
        paths.setdefault(route.template, set()).add(route.method.lower())
    return paths


def cut(whole: dict[str, Any], key: str, wanted: dict[str, set[str]]) -> dict[str, Any]:
    """The description with only these operations and what they refer to. An operation that it lacks is a mistake of ours."""
    rows = {}
    for path, methods in wanted.items():
        item = whole[key][path]
        rows[path] = {method: item[method] for method in methods}
    kept: dict[str, dict[str, Any]] = {}
    waiting = list(references(rows))
    while waiting:
        kind, name = waiting.pop()
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = whole["components"][kind][name]
            waiting += references(kept[kind][name])
    return {"openapi": whole["openapi"], "info": whole["info"], key: rows, "components": kept}


def references(value: Any) -> list[tuple[str, str]]:
    """Every `#/components/KIND/NAME` below a value."""
    found: list[tuple[str, str]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            to = one.get("$ref")
            if isinstance(to, str) and to.startswith("#/components/"):
                kind, name = to.removeprefix("#/components/").split("/", 1)
                found.append((kind, name))
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return found
