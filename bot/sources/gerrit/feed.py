"""Nothing missed, nothing done twice: the stream's hints and REST's truth, joined.

Two tasks run. One holds the stream; each hint names a change, which is then read over REST. The other catches up:
after every new subscription, whenever events are known to be lost, and now and then in any case. Whatever finds
something first hands it on under the identity that Gerrit gave it; it is handed on once in a process' life, and the
receiver holds deliveries by that identity, so a second process adds nothing.

Only a catch-up that went through to its end moves the cursor. So a crash at any point costs a longer catch-up, never
an event. The cursor is the server's time, since the dates it is compared with are.

A Gerrit that crashed is a doubtful witness (see `kept`): after every gap, what had news lately is read by name as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from msgspec import Struct, field

from bot.errors import Permanent, Transient, UpriverError
from bot.model import Delivery
from bot.sources.gerrit.catchup import Catchup
from bot.sources.gerrit.events import Look, Resync
from bot.sources.gerrit.kept import CursorStore, Kept, durably
from bot.sources.gerrit.reading import Item
from bot.sources.gerrit.stream import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    STEADY_SECONDS,
    Backoff,
    StreamOver,
    Subscribed,
    listen,
)

log = structlog.get_logger(__name__)

Deliver = Callable[[Delivery], Awaitable[Any]]
"""Takes a delivery durably before it returns, once for each `Delivery.id`; raises `Transient` where it could not."""

READERS = 3
MOST_WAITING = 5_000
"""Changes waiting to be read; more is a flood, and the catch-up reads them in pages instead."""
CANCEL_AGAIN_SECONDS = 1.0
DEAF_SECONDS = 120.0
"""An event that the stream should have told so long ago shows that it tells nothing any more."""


class Health(Struct):
    """What an operator wants to know of one server."""

    connected: bool = False
    connections: int = 0
    events: int = 0
    delivered: int = 0
    sweeps: int = 0
    began: float = field(default_factory=time.monotonic)
    last_sweep: float | None = None
    trouble: str = ""
    """The last thing that went wrong; empty while all is well."""
    refused: bool = False
    """Whether an operator has to act."""


class _Seen(Struct):
    """What was handed on in this process: identity to date, forgotten once no catch-up can find it again."""

    rows: dict[str, datetime] = field(default_factory=dict)

    def fresh(self, found: Iterable[Item]) -> list[Item]:
        return [item for item in found if item.id not in self.rows]

    def forget(self, floor: datetime) -> None:
        for identity in [identity for identity, at in self.rows.items() if at < floor]:
            del self.rows[identity]


class Feed:
    """One server's events, from its stream and by catching up. `run` until cancelled."""

    def __init__(
        self,
        catchup: Catchup,
        cursors: CursorStore,
        deliver: Deliver,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        draw: Callable[[], float] = random.random,
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
    ) -> None:
        """`clock` dates deliveries; everything else goes by the server's own time. `pauses`: the first and the longest."""
        self._catchup = catchup
        self._server = catchup.rest.server
        self._deliver = deliver
        self._clock = clock
        self._draw = draw
        self._pauses = pauses
        self._name = f"gerrit/{self._server.name}"
        self._kept = Kept(cursors, self._name)
        self._overlap = timedelta(seconds=self._server.overlap_seconds)
        self._seen = _Seen()
        self._waiting: OrderedDict[str, int] = OrderedDict()
        self._wake = asyncio.Event()
        self._sweep = asyncio.Event()
        self._reconnect = asyncio.Event()
        self._unsaved = asyncio.Event()
        self._doubt = True
        self._floor: datetime | None = None
        self._windows: list[datetime] = []
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}
        self.health = Health()

    async def run(self) -> None:
        """Listen and catch up until cancelled."""
        self._floor = await self._first_floor()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._sweeping(), name=f"{self._name}.sweeps")
            group.create_task(self._keeping(), name=f"{self._name}.keeper")
            if self._server.ssh_key is not None:
                group.create_task(self._listening(), name=f"{self._name}.stream")
            for number in range(READERS):
                group.create_task(self._reading(), name=f"{self._name}.reader{number}")

    # ------------------------------------------------------------------------------------------ the stream

    async def _listening(self) -> None:
        backoff = Backoff(*self._pauses, draw=self._draw)
        while True:
            began = time.monotonic()
            try:
                await self._connection()
            except StreamOver as over:
                self.health.trouble, self.health.refused = str(over), over.refused
                self._doubt = self._doubt or not over.refused
                log.warning("gerrit.stream_ended", server=self._server.name, why=str(over), refused=over.refused)
            finally:
                self.health.connected = False
            if time.monotonic() - began > STEADY_SECONDS:
                backoff.reset()
            self._sweep.set()
            await asyncio.sleep(backoff.pause())

    async def _connection(self) -> None:
        """One connection, to its end or until it is found to be deaf."""
        self._reconnect.clear()
        reading = asyncio.create_task(self._hints(), name=f"{self._name}.connection")
        deaf = asyncio.create_task(self._reconnect.wait(), name=f"{self._name}.deaf")
        try:
            await asyncio.wait({reading, deaf}, return_when=asyncio.FIRST_COMPLETED)
            if reading.done():
                reading.result()
            raise StreamOver("the stream told nothing of what happened")
        finally:
            await _ended(reading, deaf)

    async def _hints(self) -> None:
        async with contextlib.aclosing(listen(self._server)) as hints:
            async for found in hints:
                match found:
                    case Subscribed():
                        self.health.connected, self.health.refused, self.health.trouble = True, False, ""
                        self.health.connections += 1
                        log.info("gerrit.subscribed", server=self._server.name)
                        self._sweep.set()
                    case Look(change):
                        self.health.events += 1
                        self._look(change)
                    case Resync(why):
                        self.health.events += 1
                        log.warning("gerrit.events_lost", server=self._server.name, why=why)
                        self._sweep.set()
                    case None:
                        pass

    def _look(self, change: str) -> None:
        if self._kept.touch(change):
            self._unsaved.set()
        if len(self._waiting) >= MOST_WAITING:
            self._sweep.set()
            return
        self._waiting.setdefault(change, 0)
        self._wake.set()

    # ------------------------------------------------------------------------------------------ reading changes

    async def _reading(self) -> None:
        while True:
            while not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            change, tries = self._waiting.popitem(last=False)
            try:
                with self._window() as floor:
                    async with self._alone(change):
                        await self._hand_on(await self._catchup.on(change, floor))
            except UpriverError as error:
                # The cursor has not moved past it, so the catch-up finds it again; but this is sooner.
                self._failed("gerrit.change_unread", error)
                if tries == 0:
                    self._sweep.set()
                if isinstance(error, Transient):
                    self._waiting.setdefault(change, tries + 1)
                    await asyncio.sleep(min(self._pauses[0] * 2.0 ** min(tries, 10), self._pauses[1]))

    async def _hand_on(self, found: Iterable[Item]) -> list[Item]:
        """Deliver what is new, in order; what was new."""
        fresh = self._fresh(found)
        for item in fresh:
            await durably(self._deliver(item.delivery(self._clock())))
            self._seen.rows[item.id] = item.at
            self.health.delivered += 1
        return fresh

    def _fresh(self, found: Iterable[Item]) -> list[Item]:
        return [item for item in self._seen.fresh(found) if item.id not in self._kept.past]

    @contextlib.asynccontextmanager
    async def _alone(self, change: str) -> Any:
        """One reader a change, or two would hand the same on."""
        lock, users = self._locks.get(change, (asyncio.Lock(), 0))
        self._locks[change] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._locks.pop(change)
            if users > 1:
                self._locks[change] = (lock, users - 1)

    # ------------------------------------------------------------------------------------------ catching up

    async def _first_floor(self) -> datetime:
        """Where this process begins: at the cursor, or for a new server now; the past is not dug up."""
        backoff = Backoff(*self._pauses, draw=self._draw)
        while True:
            try:
                await self._kept.load()
                if self._kept.at is None:
                    await self._begin()
            except UpriverError as error:
                self._failed("gerrit.not_started", error)
                await asyncio.sleep(backoff.pause())
            else:
                return self._kept.floor(self._overlap)

    async def _begin(self) -> None:
        """Remember what a server shows that is new to us: it has the date of this second, and is past all the same."""
        now = await self._catchup.now()
        async with contextlib.aclosing(self._catchup.since(now, now)) as changes:
            past = [item.id async for _, found in changes for item in found]
        await self._kept.begin(now, past)

    async def _sweeping(self) -> None:
        backoff = Backoff(*self._pauses, draw=self._draw)
        self._sweep.set()
        while True:
            rest = self._server.sweep_seconds
            if not self.health.connected:
                rest /= 5
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(rest):
                    await self._sweep.wait()
            asked = self._sweep.is_set()
            self._sweep.clear()
            try:
                await self.sweep(after_gap=asked)
            except UpriverError as error:
                self._failed("gerrit.catch_up_failed", error)
                self._doubt = self._doubt or self._server.ssh_key is None
                self._sweep.set()
                await asyncio.sleep(backoff.pause())
            else:
                backoff.reset()

    async def sweep(self, *, after_gap: bool = True) -> int:
        """Catch up once, from the cursor to now; how much was new. Moves the cursor only at its end."""
        doubt, self._doubt = self._doubt, False
        try:
            with self._window() as floor:
                begun = await self._catchup.now()
                new = await self._read_since(floor, by_name=doubt)
                await self._kept.move(begun)
        except BaseException:
            self._doubt = self._doubt or doubt
            raise
        self._floor = max(self._floor or floor, begun - self._overlap)
        self._seen.forget(min([self._floor, *self._windows]))
        self.health.sweeps += 1
        self.health.last_sweep = time.monotonic()
        if self.health.connected or self._server.ssh_key is None:
            self.health.trouble, self.health.refused = "", False
        self._judge_stream(begun - min((item.at for item in new), default=begun), after_gap=after_gap)
        return len(new)

    @contextlib.contextmanager
    def _window(self) -> Iterator[datetime]:
        """From where to read. What lies behind it is remembered until it is read, though the window moves meanwhile."""
        floor = self._floor
        assert floor is not None  # noqa: S101 - set before anything is read
        self._windows.append(floor)
        try:
            yield floor
        finally:
            self._windows.remove(floor)

    async def _read_since(self, floor: datetime, *, by_name: bool) -> list[Item]:
        """Hand on what Gerrit lists, and `by_name` what it should list and may have forgotten; what was new."""
        new: list[Item] = []
        listed: dict[str, None] = {}
        async with contextlib.aclosing(self._catchup.since(floor, floor)) as changes:
            async for change, found in changes:
                listed[change] = None
                new += await self._new_on(change, found)
        unlisted = [change for change in self._kept.recent() if by_name and change not in listed]
        async with contextlib.aclosing(self._catchup.named(unlisted, floor)) as changes:
            async for change, found in changes:
                new += await self._new_on(change, found)
        for change in reversed(listed):  # the latest is listed first
            self._kept.touch(change)
        return new

    async def _new_on(self, change: str, found: list[Item]) -> list[Item]:
        if not self._fresh(found):
            return []
        async with self._alone(change):
            return await self._hand_on(found)

    async def _keeping(self) -> None:
        """Write down which change a hint named before anything becomes of it: both ends may crash in that moment."""
        while True:
            await self._unsaved.wait()
            self._unsaved.clear()
            try:
                await self._kept.save()
            except UpriverError as error:
                self._failed("gerrit.hint_unsaved", error)
                self._unsaved.set()
                await asyncio.sleep(self._pauses[0])

    def _judge_stream(self, missed: timedelta, *, after_gap: bool) -> None:
        """A stream that is up, and did not tell what a plain catch-up found, is deaf."""
        if self.health.connected and not after_gap and missed.total_seconds() > DEAF_SECONDS:
            log.warning("gerrit.stream_deaf", server=self._server.name, seconds=missed.total_seconds())
            self._reconnect.set()

    def _failed(self, event: str, error: UpriverError) -> None:
        self.health.trouble = str(error)
        self.health.refused = isinstance(error, Permanent)
        log.warning(event, server=self._server.name, error=str(error), transient=isinstance(error, Transient))


async def _ended(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks until they have ended. Once is not enough: `asyncio.wait_for`, through which asyncssh connects,
    forgets a cancellation that comes together with its result (Python 3.11).
    """
    while any(not task.done() for task in tasks):
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=CANCEL_AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
