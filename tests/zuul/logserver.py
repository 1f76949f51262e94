"""A log server and a Zuul's REST API on loopback: gzip, redirects, listings, manifests, expired logs."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web


@dataclass
class Built:
    """A build that the API knows, and the files that it left."""

    uuid: str
    job: str = "tox-py311"
    result: str = "FAILURE"
    project: str = "openstack/nova"
    branch: str = "master"
    change: str = "1"
    patchset: str = "1"
    pipeline: str = "check"
    files: dict[str, bytes] = field(default_factory=dict)
    started: str = "2026-11-22T10:00:00"
    ended: str = "2026-11-22T10:10:00"
    manifest: bool = False
    log: bool = True
    nested: bool = True

    def api(self, base: str) -> dict[str, Any]:
        ref = {
            "project": self.project,
            "branch": self.branch,
            "change": int(self.change) if self.change.isdigit() else None,
            "patchset": self.patchset,
            "ref": f"refs/changes/01/{self.change}/{self.patchset}",
            "ref_url": "https://review.example.org/1",
            "newrev": None,
        }
        artifacts = []
        if self.manifest:
            url = f"{base}/logs/{self.uuid}/zuul-manifest.json"
            artifacts = [{"name": "Zuul Manifest", "url": url, "metadata": {"type": "zuul_manifest"}}]
        return {
            "uuid": self.uuid,
            "job_name": self.job,
            "result": self.result,
            "start_time": self.started,
            "end_time": self.ended,
            "voting": True,
            "log_url": f"{base}/logs/{self.uuid}/" if self.log else None,
            "error_detail": None,
            "pipeline": self.pipeline,
            "artifacts": artifacts,
            **({"ref": ref} if self.nested else {**ref, "buildset": {"uuid": "x"}}),
        }


class LogServer:
    """Serves `builds` under `/api` and `/logs`; `pages` are further paths, `closed` forbidden ones, `asked` is what was asked."""

    def __init__(self) -> None:
        self.builds: dict[str, Built] = {}
        self.pages: dict[str, web.Response] = {}
        self.closed: set[str] = set()
        self.asked: list[str] = []
        self.base = ""
        self._runner: web.AppRunner | None = None

    async def start(self, host: str = "127.0.0.1") -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, 0)
        await site.start()
        self.base = f"http://{host}:{site._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def api(self) -> str:
        return f"{self.base}/api"

    def add(self, built: Built) -> str:
        """The URL of the build's page."""
        self.builds[built.uuid] = built
        return f"{self.base}/t/acme/build/{built.uuid}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        if request.path in self.closed:
            return web.Response(status=403)
        parts = request.path.strip("/").split("/")
        match parts:
            case ["api", "tenant", "acme", "build", uuid] if uuid in self.builds:
                return web.json_response(self.builds[uuid].api(self.base))
            case ["api", "tenant", "acme", "builds"]:
                return web.json_response([row.api(self.base) for row in self._matching(request.query)])
            case ["logs", uuid, *rest] if uuid in self.builds:
                return self._file(self.builds[uuid], "/".join(rest))
            case _:
                page = self.pages.get(request.path)
                return web.Response(status=404) if page is None else page

    def _matching(self, query: Any) -> list[Built]:
        wanted = {"project": "project", "job_name": "job", "result": "result", "branch": "branch"}
        return [
            row
            for row in reversed(self.builds.values())
            if all(getattr(row, name) == query[key] for key, name in wanted.items() if key in query)
        ]

    def _file(self, built: Built, name: str) -> web.StreamResponse:
        if name == "zuul-manifest.json" and built.manifest:
            return web.json_response({"tree": _tree(built.files), "index_links": False})
        if name not in built.files:
            return web.Response(status=404)
        body = built.files[name]
        kind = "application/json" if name.endswith(".json") else "text/plain"
        return web.Response(body=gzip.compress(body), headers={"Content-Encoding": "gzip", "Content-Type": kind})


def _tree(files: dict[str, bytes]) -> list[dict[str, Any]]:
    root: dict[str, Any] = {}
    for path, body in files.items():
        *folders, name = path.split("/")
        at = root
        for folder in folders:
            at = at.setdefault(folder, {})
        at[name] = len(body)
    return _rows(root)


def _rows(folder: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": name, "mimetype": "application/directory", "encoding": None, "children": _rows(inner)}
        if isinstance(inner, dict)
        else {"name": name, "mimetype": "text/plain", "encoding": None, "size": inner}
        for name, inner in folder.items()
    ]
