"""The service over GitHub's real adapters, as a process that a test can kill. Only the analyst is a small one.

`python -m tests.pipeline.serve_github` reads JSON from its input and prints its port. `POST /die` arms the fault.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web

from bot.errors import Transient
from bot.model import Culprit, Edits, Job, Report, Thread, TrackerRef, normalized
from bot.pipeline.engine import Engine, EngineOptions
from bot.pipeline.rules import Retry, Rules
from bot.pipeline.service import Pipeline
from bot.ports import Analysis, Posted, Spooled
from bot.sources.download import Guard
from bot.sources.github import Account, Forge, GitHub, Rejected, verify
from bot.store import open_store
from bot.trackers.github import GitHubIssues
from tests.store.examples import analysis, judged


class LogAnalyst:
    """Judges by the log's last line: `OWNER/LIBRARY breaks`."""

    def __init__(self, web_address: str) -> None:
        self._web = web_address

    async def analyse(self, job: Job, spooled: Spooled, edits: Edits | None) -> Analysis:  # noqa: ARG002 - the port's
        said = spooled.log.read_text(encoding="utf-8").strip().rsplit(None, 2)
        assert said[-1] == "breaks", said
        name = said[-2].rpartition("/")[2]
        return analysis(
            judged(
                message=f"cannot import name 'x' from '{name}'",
                symbol=f"{name}.x",
                culprit=Culprit(distribution=normalized(name), version="1.0"),
                trigger=None,
                tracker=TrackerRef(url=f"{self._web}/{said[-2]}/issues", corroborated=True),
            )
        )


class Fault:
    """Kills the process at a step, once it is armed."""

    def __init__(self) -> None:
        self.at: list[str] | None = None
        self.engine: Engine | None = None

    def __call__(self, step: str, moment: str) -> None:
        if self.at and self.engine and self.at[:2] == [step, moment] and self.at[2] in self.engine.workflow_id:
            os.kill(os.getpid(), signal.SIGKILL)


class Issues(GitHubIssues):
    """Kills between the forge's commit and our knowing of it."""

    fault: Fault

    async def open(self, report: Report) -> Thread:
        made = await super().open(report)
        self.fault("forge.open", "landed")
        return made


class Hub(GitHub):
    fault: Fault

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        made = await super().advise(job, body, standing)
        self.fault("forge.advise", "landed")
        return made


async def main() -> None:
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
    )
    told = json.loads(sys.stdin.readline())
    folder = Path(told["folder"])
    store = await open_store(told["database"] or folder / "upriver.db")
    engine = Engine(
        EngineOptions(database_url=told["database"] or folder / "engine.db", executor_id="one", poll_seconds=0.05),
        store,
    )
    fault = Fault()
    fault.engine = engine
    forge = Forge(
        Account(
            api=told["api"], web=told["web"], app_id=str(told["app"]), private_key=told["pem"], pause=0.0, seconds=5.0
        )
    )
    blobs = told["blobs"]
    hub = Hub(forge, Guard(private=(blobs,)), log_hosts=(blobs,), late=(0.1,))
    issues = Issues(forge)
    hub.fault = issues.fault = fault
    pipeline = Pipeline(
        engine,
        store,
        [hub],
        [issues],
        LogAnalyst(told["web"]),
        Rules(
            spool=folder / "spool",
            shadow=False,
            may_open=True,
            threshold=0.9,
            opens_in_a_row=1_000,
            writes_per_hour=10_000,
            grace_seconds=1.0,
            retry=Retry(attempts=8, first_seconds=0.1, longest_seconds=1.0),
            sweep_seconds=0.3,
            catch_up_seconds=0.3,
        ),
        after=fault,
    )
    await hub.introduce()
    await pipeline.start()

    async def webhook(request: web.Request) -> web.Response:
        try:
            made = verify(request.headers, await request.read(), secret=told["secret"], received_at=datetime.now(UTC))
            return web.Response(text=await pipeline.deliver(made), status=202)
        except Rejected as error:
            return web.Response(text=str(error), status=error.status)
        except Transient as error:
            return web.Response(text=str(error), status=503)

    async def die(request: web.Request) -> web.Response:
        fault.at = await request.json()
        return web.json_response({})

    async def busy(_request: web.Request) -> web.Response:
        return web.json_response(await engine.busy())

    application = web.Application(client_max_size=2**25)
    application.router.add_post("/webhook", webhook)
    application.router.add_post("/die", die)
    application.router.add_get("/busy", busy)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", told["port"]).start()
    sys.stdout.write(f"{told['port']}\n")
    sys.stdout.flush()
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    await stopping.wait()
    await runner.cleanup()
    await pipeline.drain(5)
    await hub.close()
    await store.database.close()


def free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


__all__: list[Any] = ["free_port"]

if __name__ == "__main__":
    asyncio.run(main())
