"""The durable engine: DBOS Transact's MIT part behind the little that we use of it.

What is promised: work that was submitted runs to its end whatever crashes; a step whose outcome was recorded does not
run again; one that was not runs again. So a step may have its effect twice, and every effect here is idempotent.
Nothing of the vendor's paid parts is used (no Conductor, no auto-upgrade), and nothing is sent anywhere.

Two things DBOS leaves to us. On PostgreSQL a dead replica's work is taken over by the living (heartbeats in the
ledger). And a workflow that kills whoever runs it is buried after `MOST_RECOVERIES` tries.
"""

from __future__ import annotations

import asyncio
import fcntl
import hashlib
import logging
import sqlite3
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol

import structlog
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, SetEnqueueOptions, SetWorkflowID
from dbos import DBOSConfig as Config
from msgspec import Struct
from sqlalchemy import URL, make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bot.errors import ConfigError, Transient

log = structlog.get_logger(__name__)

NAME = "upriver"
VERSION = "1"
"""Constant on purpose: DBOS pins unfinished work to it. Changed workflow code is guarded with `DBOS.patch_async`."""
MOST_RECOVERIES = 8
BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0

Workflow = Callable[..., Coroutine[Any, Any, Any]]


class Heartbeats(Protocol):
    """The part of the ledger that says who is alive."""

    async def beat(self, executor: str, version: str, *, draining: bool = False) -> None:
        """This replica is alive."""
        ...

    async def silent_replicas(self, seconds: float) -> Sequence[str]:
        """Replicas that said nothing for so long."""
        ...

    async def forget_replica(self, executor: str) -> None:
        """Strike a replica off."""
        ...

    async def took_over(self, workflow: str) -> int:
        """Count a takeover of a workflow."""
        ...


class Queue(Struct, frozen=True, kw_only=True):
    """A queue: so many at once in this process, and where it is keyed, one at a time for each key everywhere."""

    name: str
    at_once: int
    keyed: bool = False


class EngineOptions(Struct, frozen=True, kw_only=True):
    """Where the engine keeps its state, and who this process is."""

    database_url: str | Path
    """A PostgreSQL URL, or the path of the engine's own SQLite file (not the ledger's: two files, two write locks)."""
    executor_id: str = ""
    poll_seconds: float = 1.0
    beat_seconds: float = BEAT_SECONDS
    silent_seconds: float = SILENT_SECONDS


class Engine:
    """Runs workflows. One a process, since DBOS has one."""

    def __init__(self, options: EngineOptions, heartbeats: Heartbeats | None = None) -> None:
        """Nothing is opened yet. Raises `ConfigError` where this machine or configuration can't run it."""
        self.options = options
        self.url = _address(options.database_url)
        self.sqlite = self.url.get_backend_name() == "sqlite"
        check_versions(sqlite=self.sqlite)
        if not self.sqlite and not options.executor_id:
            raise ConfigError(
                "UPRIVER_EXECUTOR_ID is required with PostgreSQL: a name that no other replica has (a pod's uid), "
                "since a replica takes up the unfinished work of its own name when it starts"
            )
        self.executor_id = options.executor_id or "single"
        self._heartbeats = heartbeats
        self._queues: list[Queue] = []
        self._workflows: dict[str, Workflow] = {}
        self._alone = _Alone(self.url, self.executor_id)
        self._tasks: list[asyncio.Task[None]] = []
        self._client: DBOSClient | None = None
        self.started = False

    # ------------------------------------------------------------------------------------------ before the start

    def workflow(self, name: str, body: Workflow) -> None:
        """Register a workflow under a name that stays; before `start`."""
        self._workflows[name] = DBOS.workflow(name=name, max_recovery_attempts=MOST_RECOVERIES)(body)

    def queue(self, queue: Queue) -> None:
        """Declare a queue; before `start`."""
        self._queues.append(queue)

    # ------------------------------------------------------------------------------------------ life

    async def start(self) -> None:
        """Open the databases, take up unfinished work, listen to the queues. Raises `ConfigError`."""
        await self._alone.claim()
        if self.sqlite:
            _prepare_sqlite(Path(str(self.url.database)))
        quiet()
        DBOS(config=self._config())
        DBOS.launch()
        for queue in self._queues:
            await DBOS.register_queue_async(
                queue.name,
                worker_concurrency=queue.at_once,
                partition_concurrency=1 if queue.keyed else None,
                polling_interval_sec=self.options.poll_seconds,
            )
        if not self.sqlite:
            self._client = await asyncio.to_thread(self._new_client)
        self.started = True
        if self._heartbeats is not None and not self.sqlite:
            await self._heartbeats.beat(self.executor_id, VERSION)
            self._tasks.append(asyncio.create_task(self._beating(self._heartbeats), name="engine.beat"))

    async def drain(self, seconds: float = 30.0) -> None:
        """Take no new work, give what runs so long to finish, and stop; the rest is taken up at the next start."""
        self.started = False
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        if self._client is not None:
            await asyncio.to_thread(self._client.destroy)
            self._client = None
        # DBOS waits by sleeping: on the loop it would freeze the workflows that it waits for
        with ThreadPoolExecutor(1, thread_name_prefix="engine-drain") as aside:
            await asyncio.get_running_loop().run_in_executor(
                aside, lambda: DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=max(0, int(seconds)))
            )
        if self._heartbeats is not None and not self.sqlite:
            await self._heartbeats.forget_replica(self.executor_id)
        await self._alone.release()

    def _config(self) -> Config:
        config: Config = {
            "name": NAME,
            "system_database_url": self.url.render_as_string(hide_password=False),
            "application_version": VERSION,
            "executor_id": self.executor_id,
            "serializer": DBOSPortableJSONSerializer(),
            "run_migrations": True,
            "max_executor_threads": 12 if self.sqlite else 24,
            "log_level": "WARNING",
            "notification_listener_polling_interval_sec": max(0.05, self.options.poll_seconds),
        }
        if self.sqlite:
            config["sys_db_pool_size"] = 2  # measured: the default's slowest answer is five times slower
        return config

    def _new_client(self) -> DBOSClient:
        return DBOSClient(
            system_database_url=self.url.render_as_string(hide_password=False),
            serializer=DBOSPortableJSONSerializer(),
            application_name=NAME,
            retry_connection_errors=False,
        )

    # ------------------------------------------------------------------------------------------ work

    async def submit(
        self, queue: str, workflow: str, identity: str, *arguments: Any, key: str | None = None, delay: float = 0.0
    ) -> None:
        """Have a workflow run, durably: it is in the database when this returns. An identity runs once.

        `key` is for keyed queues, which run one at a time for each. In a workflow this is a step of it.
        Raises `errors.Transient` where the database can't be reached (outside workflows, on PostgreSQL).
        """
        if self._client is not None and DBOS.workflow_id is None:
            await self._submit_from_outside(queue, workflow, identity, arguments, key, delay)
            return
        with SetWorkflowID(identity), SetEnqueueOptions(queue_partition_key=key, delay_seconds=delay or None):
            await DBOS.enqueue_workflow_async(queue, self._workflows[workflow], *arguments)

    async def _submit_from_outside(
        self, queue: str, workflow: str, identity: str, arguments: tuple[Any, ...], key: str | None, delay: float
    ) -> None:
        """By a client that fails at once: a request must be refused, not hang, while the database is away."""
        assert self._client is not None  # noqa: S101 - the caller looked
        options: Any = {"workflow_name": workflow, "queue_name": queue, "workflow_id": identity, "app_version": VERSION}
        if key is not None:
            options["queue_partition_key"] = key
        if delay:
            options["delay_seconds"] = delay
        try:
            await self._client.enqueue_async(options, *arguments)
        except Exception as error:
            raise Transient(
                f"the engine's database can't be reached: {type(error).__name__}", retry_after=30
            ) from error

    async def step(self, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """Run a step of the current workflow, or take its outcome where it was recorded. JSON values only."""

        async def run() -> Any:
            return await work()

        return await DBOS.run_step_async({"name": name}, run)

    async def sleep(self, seconds: float) -> None:
        """Sleep in a workflow; a restart does not begin it again."""
        await DBOS.sleep_async(seconds)

    @property
    def workflow_id(self) -> str:
        """The current workflow's identity."""
        return DBOS.workflow_id or ""

    # ------------------------------------------------------------------------------------------ looking after it

    async def dead(self, limit: int = 100) -> Sequence[tuple[str, str, list[Any]]]:
        """(identity, workflow, arguments) of what the engine gave up or failed at; strike off with `strike`."""
        rows = await DBOS.list_workflows_async(
            status=["MAX_RECOVERY_ATTEMPTS_EXCEEDED", "ERROR", "CANCELLED"], limit=limit, load_output=False
        )
        return [(row.workflow_id, row.name, list(row.input["args"]) if row.input else []) for row in rows]

    async def strike(self, identities: Sequence[str]) -> None:
        """Forget workflows."""
        if identities:
            await DBOS.delete_workflows_async(list(identities))

    async def busy(self) -> int:
        """How many workflows run or wait."""
        return sum((await self.depths()).values())

    async def depths(self) -> Mapping[str, int]:
        """How many workflows run or wait, by queue; at most 10,000 are counted."""
        rows = await DBOS.list_workflows_async(
            status=["PENDING", "ENQUEUED", "DELAYED"], limit=10_000, load_input=False, load_output=False
        )
        return Counter(row.queue_name or "" for row in rows)

    async def forget_before(self, moment: datetime) -> int:
        """Delete finished workflows from before: longer ago than any forge redelivers. How many."""
        before = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        gone = 0
        while rows := await DBOS.list_workflows_async(
            status="SUCCESS", completed_before=before, limit=500, load_input=False, load_output=False
        ):
            await DBOS.delete_workflows_async([row.workflow_id for row in rows])
            gone += len(rows)
        return gone

    async def _beating(self, heartbeats: Heartbeats) -> None:
        while True:
            await asyncio.sleep(self.options.beat_seconds)
            try:
                await heartbeats.beat(self.executor_id, VERSION)
                for executor in await heartbeats.silent_replicas(self.options.silent_seconds):
                    if executor != self.executor_id:
                        await self._take_over(heartbeats, executor)
            except Exception:  # the database may be away for a while; the next beat tries again
                log.warning("engine.beat_failed", exc_info=True)

    async def _take_over(self, heartbeats: Heartbeats, executor: str) -> None:
        """Put a dead replica's unfinished work back into its queues. Two that do it at once do no harm.

        Resuming gives a workflow a new budget of recoveries, so takeovers are counted here.
        """
        rows = await DBOS.list_workflows_async(
            status="PENDING", executor_id=executor, load_input=False, load_output=False
        )
        for row in rows:
            if await heartbeats.took_over(row.workflow_id) > MOST_RECOVERIES:
                await DBOS.cancel_workflow_async(row.workflow_id)
                log.error("engine.workflow_given_up", workflow=row.workflow_id)
                continue
            await DBOS.resume_workflow_async(row.workflow_id, queue_name=row.queue_name)
        await heartbeats.forget_replica(executor)
        log.warning("engine.taken_over", replica=executor, workflows=len(rows))


# ---------------------------------------------------------------------------------------------- starting safely


def check_versions(
    *,
    sqlite: bool,
    python: tuple[int, int] = sys.version_info[:2],
    library: tuple[int, ...] = sqlite3.sqlite_version_info,
) -> None:
    """Raise `ConfigError` where the engine can't run on this Python with this SQLite, saying what to do.

    DBOS 3.4 uses `unixepoch('subsec')` (SQLite 3.42) from Python 3.12 on, and RETURNING (3.35) everywhere.
    """
    needed = (3, 42) if python >= (3, 12) else (3, 35)
    if sqlite and library < needed:
        raise ConfigError(
            f"SQLite {'.'.join(map(str, library))} is too old for Python {python[0]}.{python[1]}: "
            f"{'.'.join(map(str, needed))} or newer is needed. Use a Python that brings its own SQLite "
            "(uv python install 3.12), Python 3.11, or PostgreSQL (UPRIVER_DATABASE_URL)."
        )


def quiet() -> None:
    """Keep DBOS from installing a handler of its own: its log goes where ours does."""
    logger = logging.getLogger("dbos")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    logger.propagate = True
    logger.setLevel(logging.WARNING)


def _address(url: str | Path) -> URL:
    if isinstance(url, Path):
        return URL.create("sqlite", database=str(url))
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite")
    return parsed.set(drivername="postgresql+psycopg")


def _prepare_sqlite(path: Path) -> None:
    """Write-ahead logging stays with the file: readers do not wait for the writer."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


class _Alone:
    """The guard against a second process of the same name: it would run again what the first is running."""

    def __init__(self, url: URL, executor: str) -> None:
        self._url = url
        self._executor = executor
        self._file: IO[str] | None = None
        self._connection: AsyncConnection | None = None

    async def claim(self) -> None:
        """Hold the name until `release` or the end of the process. Raises `ConfigError` where another holds it."""
        if self._url.get_backend_name() == "sqlite":
            self._lock_file(Path(f"{self._url.database}.lock"))
            return
        number = int.from_bytes(hashlib.sha256(self._executor.encode()).digest()[:8], "big", signed=True)
        engine = create_async_engine(self._url.set(drivername="postgresql+asyncpg"), poolclass=NullPool)
        self._connection = await engine.execution_options(isolation_level="AUTOCOMMIT").connect()
        if not await self._connection.scalar(text("SELECT pg_try_advisory_lock(:number)"), {"number": number}):
            await self.release()
            raise ConfigError(
                f"another process runs as UPRIVER_EXECUTOR_ID={self._executor}; every replica needs a name of its own"
            )

    def _lock_file(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            self._file = None
            raise ConfigError(
                f"another process uses {path.with_suffix('')}; SQLite is for one process, PostgreSQL for several"
            ) from None

    async def release(self) -> None:
        """Let the name go."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
