"""The pipeline with a forge in the same process, for the tests that kill nothing."""

from __future__ import annotations

import asyncio
import atexit
import shutil
import tempfile
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.errors import Gone, Refused, Transient
from bot.pipeline.engine import Engine, EngineOptions
from bot.pipeline.rules import Retry, Rules
from bot.pipeline.service import Pipeline
from bot.store import Store, open_store
from tests.pipeline.fakes import FakeAnalyst, FakeSource, FakeTracker, delivery
from tests.pipeline.forge import Forge
from tests.store.examples import THEN

POLL = 0.05
BEGAN = datetime.now(UTC)


class Near:
    """The forge without a network between; `broken` statuses raise what adapters raise."""

    def __init__(self, forge: Forge) -> None:
        self.forge = forge

    async def __call__(self, name: str, **body: Any) -> Any:
        self.forge.calls[name] = self.forge.calls.get(name, 0) + 1
        status = self.forge.broken[name].pop(0) if self.forge.broken.get(name) else 200
        if status == 410:
            raise Gone(f"{name}: 410")
        if status in {403, 404}:
            raise Refused(f"{name}: {status}")
        if status >= 500:
            raise Transient(f"{name}: {status}", retry_after=0.01)
        return await getattr(self.forge, f"do_{name}")(**body)


class House:
    """A running pipeline, and what a test does with it."""

    def __init__(
        self, pipeline: Pipeline, store: Store, forge: Forge, source: FakeSource, analyst: FakeAnalyst
    ) -> None:
        self.pipeline = pipeline
        self.store = store
        self.forge = forge
        self.source = source
        self.analyst = analyst
        self.later = timedelta()
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def now(self) -> datetime:
        """An hour after the jobs of the examples ended, and on from there: no test knows the day on which it runs."""
        return THEN + timedelta(hours=1) + (datetime.now(UTC) - BEGAN) + self.later

    async def deliver(self, *rows: dict[str, Any]) -> list[str]:
        return list(await asyncio.gather(*(self.pipeline.deliver(delivery(row.pop("id"), **row)) for row in rows)))

    async def jobs(self, *jobs: dict[str, Any]) -> None:
        """Deliver jobs one after another, each worked to its end; the keys are the deliveries' ids."""
        for row in jobs:
            await self.deliver({"id": row["key"], "job": row})
            await self.idle()

    async def say(self, text: str, *, place: str, by: str = "write", where: str = "c1", revision: str = "1") -> str:
        """Say commands in a comment; our answer to it."""
        rows = []
        for word in text.split(";"):
            name, _, argument = word.strip().partition(" ")
            rows.append(
                {
                    "word": name,
                    "argument": argument,
                    "actor": "ann",
                    "association": by,
                    "where": where,
                    "place": place,
                    "revision": revision,
                }
            )
        await self.deliver({"id": f"{where}/{revision}", "event": "issue_comment", "commands": rows})
        await self.idle()
        return next((row["body"] for row in self.forge.replies if row["where"] == where), "")

    async def idle(self) -> None:
        quiet = 0
        async with asyncio.timeout(200):
            while quiet < 2:
                quiet = quiet + 1 if await self.pipeline.work.engine.busy() == 0 else 0
                await asyncio.sleep(0.03)

    def counted(self, event: str, **labels: str) -> int:
        return sum(name == event and labels.items() <= said.items() for name, said in self.seen)


_TEMPLATE: list[Path] = []


async def _copy(folder: Path, ledger: Path) -> None:
    """Begin with databases that are migrated and know their queues: a new queue is noticed within a second only."""
    if not _TEMPLATE:
        made = Path(tempfile.mkdtemp(prefix="upriver-template"))
        atexit.register(shutil.rmtree, made, ignore_errors=True)
        store = await open_store(made / "upriver.db")
        engine = Engine(EngineOptions(database_url=made / "engine.db", poll_seconds=POLL), store)
        source = FakeSource(Near(Forge()))
        pipeline = Pipeline(
            engine, store, [source], [], FakeAnalyst(), Rules(spool=made / "spool", sweep_seconds=3_600.0)
        )
        await engine.start()
        del pipeline
        await engine.drain(0)
        await store.database.close()
        _TEMPLATE.append(made)
    for name, place in (("upriver.db", ledger), ("engine.db", folder / "engine.db")):
        for end in ("", "-wal", "-shm"):
            if (_TEMPLATE[0] / f"{name}{end}").exists():
                shutil.copy(_TEMPLATE[0] / f"{name}{end}", f"{place}{end}")


@asynccontextmanager
async def house(folder: Any, url: Any, **rules: Any) -> Any:
    """A house over a database; `rules` are the pipeline's."""
    forge = Forge()
    source = FakeSource(Near(forge))
    holder: list[House] = []

    def now() -> datetime:
        return holder[0].now() if holder else datetime.now(UTC)

    def observe(event: str, /, **labels: Any) -> None:
        holder[0].seen.append((event, labels))

    if not isinstance(url, str):
        await _copy(folder, url)
    store = await open_store(url, now)
    engine = Engine(
        EngineOptions(
            database_url=url if isinstance(url, str) else folder / "engine.db", executor_id="test", poll_seconds=POLL
        ),
        store,
    )
    said = {
        "spool": folder / "spool",
        "shadow": False,
        "may_open": True,
        "threshold": 0.9,
        "opens_in_a_row": 100,
        "grace_seconds": 0.3,
        "retry": Retry(attempts=8, first_seconds=0.02, longest_seconds=0.1),
        "sweep_seconds": 3_600.0,
        "settling_seconds": (0.1, 0.1, 0.2, 0.4, 0.8),
        **rules,
    }
    analyst = FakeAnalyst()
    pipeline = Pipeline(
        engine, store, [source], [FakeTracker(Near(forge))], analyst, Rules(**said), clock=now, observe=observe
    )
    holder.append(House(pipeline, store, forge, source, analyst))
    await pipeline.start()
    try:
        yield holder[0]
    finally:
        await pipeline.drain(0)
        await store.database.close()
