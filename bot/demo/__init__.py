"""The demonstration: what `upriver serve` is until something is configured.

The service is the real one. What is not: github.com is the stand-in, the week is played in minutes, and the package
index is what it answered when the data was recorded, so no network is needed. Nothing is kept: each start begins anew
in a folder of its own, unless a data folder is named.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import tarfile
import tempfile
from importlib.resources import files
from pathlib import Path

from pydantic import SecretStr

from bot import app, logs
from bot.config import Settings
from bot.demo.analyst import Relocated
from bot.demo.stage import Stage
from bot.demo.week import WEEK
from bot.sources.github.forge import Account
from bot.standin.server import Standin

__all__ = ["run", "unpack_index"]

SAYS = """\
This is a demonstration: no GitHub App, Gerrit or intake is configured. github.com is a stand-in on this machine, the
people are made up, the failing jobs are real ones of the past. The first bug shows within half a minute.
"""


def run(settings: Settings) -> int:
    """Run the demonstration until it is stopped; the exit status."""
    logs.configure(settings)
    folder = Path(tempfile.mkdtemp(prefix="upriver-demo-"))
    try:
        asyncio.run(_main(_adjusted(settings, folder)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _adjusted(settings: Settings, folder: Path) -> Settings:
    """The settings of a demonstration: everything in a folder of its own, texts really posted (to the stand-in)."""
    return settings.model_copy(
        update={
            "data": folder,
            "cache": folder / "index",
            "database_url": "",
            "offline": True,
            "shadow": False,
            "machine_may_open": True,
            "operator": settings.operator or "the demonstration on this machine",
        }
    )


async def _main(settings: Settings) -> None:
    unpack_index(settings.cache)
    async with Standin() as github:
        stage = Stage(github.world, dict(app.manifest()))
        settings = settings.model_copy(
            update={
                "github_webhook_secret": SecretStr(stage.app.webhook_secret),
                "private_log_hosts": f"127.0.0.1:{github.port},127.0.0.1:{github.blob_port}",
            }
        )
        account = Account(
            api=github.world.api,
            web=github.world.web,
            app_id=str(stage.app.id),
            private_key=stage.app.private_key,
            pause=0.05,
        )
        service = await app.compose(
            settings,
            demonstration=True,
            account=account,
            analyst=Relocated(app.analyst_of(settings), github.world.web),
        )
        playing: list[asyncio.Task[None]] = []

        def listening(address: str) -> None:
            stage.listen(address)
            print(SAYS, flush=True)  # noqa: T201 - the first thing that a visitor reads
            app.announce(service, address)
            print(f"  the stand-in    {github.world.web}/", flush=True)  # noqa: T201 - likewise
            playing.append(asyncio.create_task(stage.play(WEEK), name="demo.week"))

        try:
            await app.run_until_told(service, listening)
        finally:
            for task in playing:
                task.cancel()
            await asyncio.gather(*playing, return_exceptions=True)


def unpack_index(cache: Path) -> None:
    """What the package index answered, as it was recorded."""
    cache.mkdir(parents=True, exist_ok=True)
    packed = files("bot.demo") / "data" / "index.tar.xz"
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes()), mode="r:xz") as archive:
        archive.extractall(cache, filter="data") if hasattr(tarfile, "data_filter") else archive.extractall(cache)  # noqa: S202 - our own file
