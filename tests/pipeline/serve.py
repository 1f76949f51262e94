"""The service's pipeline as a process that a test can kill: `python -m tests.pipeline.serve` reads JSON from its input.

`die` names a step, a moment and a part of a workflow's id: the process kills itself there with SIGKILL, which is what
the fault hook is for. It is given to the engine here; the service itself has none.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from pathlib import Path

import structlog
from aiohttp import web

from bot.pipeline.engine import Engine, EngineOptions
from bot.pipeline.rules import Retry, Rules
from bot.pipeline.service import Pipeline
from bot.store import open_store
from tests.pipeline.fakes import FakeAnalyst, FakeSource, FakeTracker, Wire, delivery


async def main() -> None:
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    told = json.loads(sys.stdin.readline())
    folder = Path(told["folder"])
    store = await open_store(told["database"] or folder / "upriver.db")
    engine = Engine(
        EngineOptions(
            database_url=told["database"] or folder / "engine.db",
            executor_id=told.get("executor", "one"),
            poll_seconds=0.05,
            beat_seconds=0.3,
            silent_seconds=1.5,
        ),
        store,
    )

    def after(step: str, moment: str) -> None:
        if told["die"] and told["die"][:2] == [step, moment] and told["die"][2] in engine.workflow_id:
            os.kill(os.getpid(), signal.SIGKILL)

    wire = Wire(told["forge"], after)
    pipeline = Pipeline(
        engine,
        store,
        [FakeSource(wire)],
        [FakeTracker(wire)],
        FakeAnalyst(),
        Rules(
            spool=folder / "spool",
            shadow=False,
            may_open=True,
            threshold=0.9,
            opens_in_a_row=1_000,
            writes_per_hour=10_000,
            grace_seconds=told.get("grace", 1.0),
            retry=Retry(attempts=8, first_seconds=0.05, longest_seconds=0.5),
            sweep_seconds=0.5,
            revive_seconds=told.get("revive", 3_600.0),
        ),
        after=after,
    )
    await pipeline.start()

    async def deliver(request: web.Request) -> web.Response:
        rows = await request.json()
        said = await asyncio.gather(*(pipeline.deliver(delivery(row.pop("id"), **row)) for row in rows))
        return web.json_response(said, status=202)

    async def busy(_request: web.Request) -> web.Response:
        given_up = [row for row in await store.unsettled() if row.error == "given-up"]
        return web.json_response(await engine.busy() + len(await engine.dead()) + len(given_up))

    application = web.Application()
    application.router.add_post("/deliver", deliver)
    application.router.add_get("/busy", busy)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    await runner.cleanup()
    await pipeline.drain(5)
    await store.database.close()


if __name__ == "__main__":
    asyncio.run(main())
