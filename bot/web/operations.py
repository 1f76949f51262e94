"""`/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import asyncio

from aiohttp import web

from bot.web.keys import DRAINING, PARTS

CHECK_SECONDS = 5.0


async def healthz(_request: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Whether deliveries are taken and worked on; 503 with what is wrong where they are not."""
    parts = request.app[PARTS]
    problems: dict[str, str] = {}
    if request.app[DRAINING]:
        problems["service"] = "going down"
    elif not parts.ready():
        problems["pipeline"] = "not started"
    for name, check in parts.checks.items():
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001 - whatever fails, the answer is that it is not ready
            problems[name] = f"{type(error).__name__}: {error}"[:200]
    return web.json_response({"ready": not problems, "problems": problems}, status=503 if problems else 200)


async def metrics(request: web.Request) -> web.Response:
    """For Prometheus."""
    parts = request.app[PARTS]
    parts.metrics.graves.set(len(await parts.reads.buried()))
    parts.metrics.queue.clear()
    for queue, depth in (await parts.depths() if parts.ready() else {}).items():
        parts.metrics.queue.labels(queue or "none").set(depth)
    text, kind = parts.metrics.page()
    return web.Response(body=text, headers={"Content-Type": kind})
