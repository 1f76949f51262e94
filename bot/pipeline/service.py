"""The pipeline as the service sees it: start, deliver, replay, drain."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import structlog

from bot.errors import Permanent
from bot.model import Delivery
from bot.pipeline.advise import Advise
from bot.pipeline.budgets import Budgets
from bot.pipeline.durable import After, Durable, Failed
from bot.pipeline.engine import Engine, Queue
from bot.pipeline.jobs import ADVICE, BUGS, COMMANDS, DELIVERIES, JOBS, REPLAY, Intake, lane, run_of
from bot.pipeline.ledger import Ledger
from bot.pipeline.orders import Orders
from bot.pipeline.publish import Publish
from bot.pipeline.records import Buried
from bot.pipeline.rules import Rules
from bot.pipeline.spool import Spool
from bot.pipeline.sweeps import Sweeps
from bot.pipeline.values import from_json
from bot.pipeline.work import Observe, Work
from bot.ports import Analyst, Source, Tracker

log = structlog.get_logger(__name__)

FLUSH_SECONDS = 5.0
QUEUE_OF = {"delivery": DELIVERIES, "job": JOBS, "publish": BUGS, "advise": ADVICE, "command": COMMANDS}


def _ignore(_event: str, /, **_labels: object) -> None:
    """Observe nothing."""


def _now() -> datetime:
    return datetime.now(UTC)


class Pipeline:
    """One a process.

    The composition root opens the store, builds sources, trackers and the analyst, and then: `await start()`,
    `await deliver(delivery)` for every verified request, `await drain()` on SIGTERM.
    """

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        sources: Sequence[Source],
        trackers: Sequence[Tracker],
        analyst: Analyst,
        rules: Rules,
        *,
        clock: Callable[[], datetime] = _now,
        observe: Observe = _ignore,
        after: After | None = None,
    ) -> None:
        """`trackers` are asked in order which one takes a URL. `observe` is told what happened, for metrics.

        `after` is told after every step; it is there for tests that kill the process.
        """
        by_name: Mapping[str, Source] = {source.name: source for source in sources}
        self.work = Work(
            engine=engine,
            durable=Durable(engine, rules.retry, observe, *([after] if after else [])),
            ledger=ledger,
            sources=by_name,
            trackers=tuple(trackers),
            analyst=analyst,
            rules=rules,
            spool=Spool(rules.spool),
            budgets=Budgets(ledger, rules),
            clock=clock,
            observe=observe,
        )
        self._intake = Intake(self.work)
        self.sweeps = Sweeps(self.work, self.deliver, self.replay)
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._register(Publish(self.work), Advise(self.work), Orders(self.work))

    def _register(self, publish: Publish, advise: Advise, orders: Orders) -> None:
        bodies: dict[str, Callable[..., Awaitable[None]]] = {
            "delivery": self._intake.delivery,
            "job": self._intake.job,
            "publish": publish.publish,
            "advise": advise.advise,
            "command": orders.command,
        }
        for name, body in bodies.items():
            self.work.engine.workflow(name, self._guarded(name, body))
        for queue in (
            Queue(name=DELIVERIES, at_once=32),
            Queue(name=JOBS, at_once=self.work.rules.jobs_at_once),
            Queue(name=BUGS, at_once=64, keyed=True),
            Queue(name=ADVICE, at_once=64, keyed=True),
            Queue(name=COMMANDS, at_once=32, keyed=True),
        ):
            self.work.engine.queue(queue)

    # ------------------------------------------------------------------------------------------ life

    async def start(self) -> None:
        """Take up what was unfinished, listen to the queues, begin the sweeps. Raises `ConfigError`."""
        await self.work.engine.start()
        self._tasks = [
            asyncio.create_task(self.sweeps.run(), name="pipeline.sweeps"),
            asyncio.create_task(self._flushing(), name="pipeline.counts"),
        ]
        log.info("pipeline.started", executor=self.work.engine.executor_id)

    async def drain(self, seconds: float = 30.0) -> None:
        """Stop in good order: what runs has so long to finish, and what does not is taken up at the next start."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self.work.engine.drain(seconds)
        await self.flush()
        log.info("pipeline.drained")

    @property
    def ready(self) -> bool:
        """Whether deliveries are taken and worked on."""
        return self.work.engine.started and all(not task.done() for task in self._tasks)

    # ------------------------------------------------------------------------------------------ in the request

    async def deliver(self, delivery: Delivery) -> str:
        """Take a verified delivery. When this returns, what it announces will be worked on whatever crashes.

        "accepted", or why it announces nothing for us. Raises `errors.Transient` where it could not be stored
        (answer 503) and `errors.Permanent` for a source that is not configured.
        """
        outcome = await self._intake.accept(delivery)
        self._counts[(delivery.received_at.date().isoformat(), delivery.source, delivery.event, outcome)] += 1
        self.work.observe("delivery", source=delivery.source, event=delivery.event, outcome=outcome)
        return outcome

    async def flush(self) -> None:
        """Write the counts of deliveries to the ledger."""
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self.work.ledger.count_deliveries(counts)
        except Exception:
            self._counts.update(counts)
            raise

    async def _flushing(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            with contextlib.suppress(Exception):  # kept, and written the next time
                await self.flush()

    # ------------------------------------------------------------------------------------------ buried work

    async def replay(self, identity: str, actor: str) -> None:
        """Do buried work again from its beginning. Raises `errors.Permanent` where there is none of that name."""
        work = await self.work.ledger.buried(identity)
        if work is None or work.workflow not in QUEUE_OF:
            raise Permanent(f"nothing is buried as {identity}")
        key = await self._key(work)
        await self.work.ledger.replayed(identity, actor)
        again = f"{identity}{REPLAY}{work.times}"
        await self.work.engine.submit(QUEUE_OF[work.workflow], work.workflow, again, *work.arguments, key=key)
        log.info("job.replayed", workflow=identity, actor=actor)

    async def _key(self, work: Buried) -> str | None:
        """The lane in which work of a keyed queue runs."""
        if work.workflow in {"delivery", "job"}:
            return None
        if work.workflow == "command":
            return str(work.arguments[0][0]["place"])
        record = await self.work.ledger.job(str(work.arguments[0]))
        if record is None:
            raise Permanent(f"the ledger no longer holds {work.arguments[0]}")
        if work.workflow == "advise":
            return record.job.change.id if record.job.change else record.job.key
        analysis = await self.work.ledger.analysis(record.job.key)
        return lane(record.job, analysis.judgement) if analysis else f"job/{record.job.key}"

    def _guarded(self, name: str, body: Callable[..., Awaitable[None]]) -> Callable[..., Any]:
        """The workflow: whatever fails in it for good is buried, visibly, and may be replayed."""

        async def run(*arguments: Any) -> str:
            identity = self.work.engine.workflow_id
            base, attempt = run_of(identity)
            structlog.contextvars.bind_contextvars(workflow=identity)
            try:
                await body(*arguments)
            except Failed as error:
                bury = partial(self._bury, base, attempt, name, error, list(arguments))
                await self.work.durable.do("bury", bury)
                return "buried"
            if base != identity:
                await self.work.durable.do("settle", lambda: self.work.ledger.settle(base))
            return "done"

        run.__name__ = run.__qualname__ = name
        return run

    async def _bury(self, identity: str, attempt: int, name: str, failed: Failed, arguments: list[Any]) -> None:
        await self.work.ledger.bury(
            Buried(
                id=identity,
                workflow=name,
                refers=identity.partition("/")[2],
                step=failed.step,
                error=failed.kind,
                message=failed.says,
                arguments=arguments,
                at=self.work.clock(),
                times=attempt,
            )
        )
        if name == "delivery":
            head = from_json(Delivery, {**arguments[0], "payload": b""})
            await self.work.ledger.finish_delivery(head.source, head.id, "buried")
        self.work.observe("buried", workflow=name)
        log.error("job.buried", workflow=identity, step=failed.step, error=failed.kind, says=failed.says)
