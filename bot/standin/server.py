"""The stand-in as a server: the API below `/api/v3`, the pages beside it, logs on a port of their own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from bot.standin import routes
from bot.standin.answers import Answer, Call, Failed, failed
from bot.standin.control import control
from bot.standin.credentials import BadCredentials, Viewer, viewer_of
from bot.standin.faults import Fault
from bot.standin.hooks import Sender
from bot.standin.pages import Pages
from bot.standin.shapes import Shapes
from bot.standin.world import World

API = "/api/v3"
VERSIONS = frozenset({"2022-11-28", "2026-03-10"})
LARGEST = 25 * 2**20
KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request to the API with its answer, as they went over the wire."""

    method: str
    path: str
    """Below the API's address, without the query."""
    template: str
    query: dict[str, str]
    request_headers: dict[str, str]
    request_body: bytes
    status: int
    headers: dict[str, str]
    body: bytes
    viewer: str
    fault: str = ""


@dataclass
class Standin:
    """A stand-in for github.com that listens. Use as `async with Standin() as github`."""

    world: World = field(default_factory=World)
    host: str = "127.0.0.1"
    port: int = 0
    blob_port: int = 0
    remember: int = KEPT
    controllable: bool = False
    """Whether `/_standin/…` plays: for a stand-in in a process of its own."""

    def __post_init__(self) -> None:
        self.exchanges: deque[Exchange] = deque(maxlen=self.remember)
        self.watchers: list[Callable[[Exchange], None]] = []
        self.shapes = Shapes(self.world)
        self.sender = Sender(self.world)
        self.blob_requests: list[dict[str, str]] = []
        """Headers of what was asked of the log host: no credentials may be among them."""
        self._runners: list[web.AppRunner] = []
        self._sending: asyncio.Task[None] | None = None

    # -------------------------------------------------------------------------------- life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, and begin to send webhooks."""
        self.port = await self._listen(self._app(), self.port)
        self.blob_port = await self._listen(self._blob_app(), self.blob_port)
        self.world.web = f"http://{self.host}:{self.port}"
        self.world.api = self.world.web + API
        self.world.blobs_at = f"http://{self.host}:{self.blob_port}/logs"
        self._sending = asyncio.create_task(self.sender.run())

    async def stop(self) -> None:
        """Stop sending and listening."""
        if self._sending is not None:
            self._sending.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sending
        for runner in self._runners:
            await runner.cleanup()

    async def _listen(self, app: web.Application, port: int) -> int:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, self.host, port).start()
        self._runners.append(runner)
        return int(runner.addresses[0][1])

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=LARGEST)
        app.router.add_route("*", API + "{path:/.*}", self._api)
        if self.controllable:
            app.router.add_post("/_standin/{verb}", self._control)
        Pages(self.world).add_to(app)
        return app

    def _blob_app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/logs/{key}", self._blob)
        return app

    # -------------------------------------------------------------------------------- the API

    async def _api(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        fault = self.world.faults.strike(request.method, path)
        if fault is not None and fault.kind == "drop":
            return self._drop(request)
        if fault is not None and fault.kind in {"error", "html", "garbage"}:
            return await self._struck(request, path, fault)
        raw = await request.read()
        viewer, template, answer = self._answer(request, path, raw)
        if fault is not None:
            if fault.kind == "drop-after-commit":
                return self._drop(request)
            if fault.kind == "error-after-commit":
                return await self._struck(request, path, fault)
            await asyncio.sleep(fault.seconds)
            if fault.kind == "hang-after-commit":
                return self._drop(request)
        response = self._respond(request, answer)
        self._note(request, path, template, raw, response, viewer, "")
        return response

    def _drop(self, request: web.Request) -> web.StreamResponse:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)

    async def _struck(self, request: web.Request, path: str, fault: Fault) -> web.StreamResponse:
        page = "<html><body>We had issues producing the response to your request.</body></html>"
        if fault.kind == "html":
            response = web.Response(status=fault.status, text=page, content_type="text/html")
        elif fault.kind == "garbage":
            response = web.Response(status=200, text='{"id": ', content_type="application/json")
        else:
            response = web.json_response({"message": "Server Error"}, status=fault.status)
        self._note(request, path, "", await request.read(), response, Viewer(), fault.kind)
        return response

    def _answer(self, request: web.Request, path: str, raw: bytes) -> tuple[Viewer, str, Answer]:
        viewer = Viewer()
        try:
            version = request.headers.get("X-GitHub-Api-Version")
            if version is not None and version not in VERSIONS:
                raise failed(410, f"{version} is not a supported API version.")
            if not request.headers.get("User-Agent"):
                raise failed(
                    403,
                    "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.",
                )
            viewer = self._viewer(request)
            path = self._by_number(path)
            route, params = routes.find(request.method, path)
            headers = self._limited(route, viewer)
            answer = routes.perform(route, self._call(request, path, raw, viewer, params))
        except Failed as error:
            return viewer, "", error.answer
        headers = {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": str(self.world.new_id()),
            **headers,
        }
        return (
            viewer,
            route.template,
            Answer(status=answer.status, data=answer.data, empty=answer.empty, headers={**headers, **answer.headers}),
        )

    def _viewer(self, request: web.Request) -> Viewer:
        try:
            return viewer_of(self.world, request.headers.get("Authorization", ""))
        except BadCredentials as error:
            raise failed(401, str(error)) from None

    def _by_number(self, path: str) -> str:
        """`/repositories/{id}/…`, where redirects lead, by its name."""
        if not path.startswith("/repositories/"):
            return path
        _, _, number, *rest = path.split("/", 3)
        repo = self.world.repositories.get(int(number) if number.isdigit() else 0)
        if repo is None:
            raise failed(404, "Not Found")
        return "/".join([f"/repos/{repo.full_name}", *rest])

    def _call(self, request: web.Request, path: str, raw: bytes, viewer: Viewer, params: Any) -> Call:
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            raise failed(400, "Problems parsing JSON") from None
        if not isinstance(body, dict):
            raise failed(400, "Body should be a JSON object")
        return Call(
            world=self.world,
            shapes=self.shapes,
            viewer=viewer,
            method=request.method,
            path=path,
            params=params,
            query=dict(request.query),
            body=body,
        )

    def _limited(self, route: routes.Route, viewer: Viewer) -> dict[str, str]:
        """Count against both limits; raise what GitHub answers beyond them."""
        limits, at = self.world.limits, self.world.now()
        resource = "search" if route.template.startswith("/search") else "core"
        window = limits.window(viewer.bucket, resource, at)
        if route.template != "/rate_limit":
            window.used += 1
        headers = window.headers(resource)
        if window.used > window.limit:
            raise failed(limits.status, f"API rate limit exceeded for {viewer.bucket or 'your address'}.", headers)
        if route.writes and not limits.write(viewer.bucket, at):
            if limits.retry_after is not None:
                headers["Retry-After"] = str(limits.retry_after)
            message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            raise failed(limits.status, message, headers)
        return headers

    def _respond(self, request: web.Request, answer: Answer) -> web.Response:
        headers = {
            "X-GitHub-Api-Version-Selected": request.headers.get("X-GitHub-Api-Version", "2022-11-28"),
            **answer.headers,
        }
        if answer.empty:
            return web.Response(status=answer.status, headers=headers)
        body = answer.body()
        if request.method == "GET" and answer.status == 200:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
            if request.headers.get("If-None-Match") == headers["ETag"]:
                return web.Response(status=304, headers=self._free(request, headers))
        return web.Response(
            status=answer.status, headers=headers, body=body, content_type="application/json", charset="utf-8"
        )

    def _free(self, request: web.Request, headers: dict[str, str]) -> dict[str, str]:
        """Give back what an unchanged answer has cost: it is free with credentials."""
        viewer = self._viewer(request)
        resource = headers.get("X-RateLimit-Resource", "core")
        if viewer.bucket:
            window = self.world.limits.window(viewer.bucket, resource, self.world.now())
            window.used = max(0, window.used - 1)
            headers |= window.headers(resource)
        return headers

    def _note(
        self,
        request: web.Request,
        path: str,
        template: str,
        raw: bytes,
        response: web.Response,
        viewer: Viewer,
        fault: str,
    ) -> None:
        body = response.body
        exchange = Exchange(
            method=request.method,
            path=path,
            template=template,
            query=dict(request.query),
            request_headers=dict(request.headers),
            request_body=raw,
            status=response.status,
            headers={**dict(response.headers), **({"Content-Type": response.headers["Content-Type"]} if body else {})},
            body=body if isinstance(body, bytes) else b"",
            viewer=viewer.kind,
            fault=fault,
        )
        self.exchanges.append(exchange)
        for watch in self.watchers:
            watch(exchange)

    # -------------------------------------------------------------------------------- logs and control

    async def _blob(self, request: web.Request) -> web.StreamResponse:
        self.blob_requests.append(dict(request.headers))
        fault = self.world.faults.strike(request.method, request.path)
        if fault is not None and fault.kind.startswith("drop"):
            return self._drop(request)
        if fault is not None:
            return web.Response(status=fault.status)
        blob = self.world.blobs.get(request.match_info["key"])
        if blob is None or blob.until <= self.world.now():
            return web.Response(
                status=403, text="AuthenticationFailed: signature not valid in the specified time frame"
            )
        if blob.misses:
            blob.misses -= 1
            return web.Response(status=404, text="BlobNotFound")
        response = web.Response(body=blob.content, content_type=blob.content_type)
        if blob.content_type == "text/plain":
            response.enable_compression()
        return response

    async def _control(self, request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else {}
        try:
            return web.json_response(await control(self.world, self.sender, request.match_info["verb"], body))
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": repr(error)}, status=400)
