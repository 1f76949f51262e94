"""The truth: which changes were updated since an instant, read over REST, and what is new on each.

A listing is not atomic: a change that is updated while the pages are read moves to the front and escapes. So the
listing is repeated for what changed meanwhile, until one page holds it all; what happens after that belongs to the
next catch-up, whose window begins where this one began.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import structlog

from bot.errors import Gone, Permanent, Transient
from bot.sources.gerrit.events import listens
from bot.sources.gerrit.reading import Item, has_inline, items, name_of, rows
from bot.sources.gerrit.rest import Rest, change_path

log = structlog.get_logger(__name__)

PAGE = 200
MOST_PASSES = 20
MARGIN = timedelta(seconds=5)
"""Gerrit's times have whole seconds, and its index may be a moment behind."""
PATIENCE = 1800.0
"""A change that can't be read for so long while the server answers is broken there, and holds up nothing any more."""
OPTIONS = "&o=MESSAGES&o=DETAILED_ACCOUNTS&o=CURRENT_REVISION"


class Stuck(Transient):
    """One change can't be read just now; the server answers otherwise."""


class Catchup:
    """Reads one server."""

    def __init__(self, rest: Rest, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._rest = rest
        self._monotonic = monotonic
        self._stuck: dict[str, float] = {}
        self._own: int | None = None

    @property
    def rest(self) -> Rest:
        """The server's REST API."""
        return self._rest

    async def own_id(self) -> int:
        """Our account's number, asked once."""
        if self._own is None:
            data = (await self._rest.get("accounts/self")).data
            if not isinstance(data, Mapping) or not isinstance(data.get("_account_id"), int):
                raise Permanent(f"{self._rest.server.name} does not say who we are there")
            self._own = int(data["_account_id"])
        return self._own

    async def now(self) -> datetime:
        """The server's clock."""
        answer = await self._rest.get("config/server/version")
        return answer.at or datetime.now(UTC)

    async def on(self, change: str, floor: datetime) -> list[Item]:
        """What is on one change since then, oldest first; nothing where it is gone, closed to us or broken for good."""

        async def reading() -> list[Item]:
            return await self._items((await self._rest.get(f"{change_path(change)}?{OPTIONS[1:]}")).data, floor)

        return await self._read(change, reading())

    async def since(self, start: datetime, floor: datetime) -> AsyncGenerator[tuple[str, list[Item]]]:
        """What is on every change that was updated since `start`.

        Raises `Transient` where the listing never settles, `Stuck` at its end where a change can't be read.
        """
        stuck: list[Stuck] = []
        window = start
        for _ in range(MOST_PASSES):
            begun = await self.now()
            pages = 0
            async for page in self._pages(window):
                pages += 1
                for change in page:
                    if not listens(self._rest.server, str(change.get("project", ""))):
                        continue
                    try:
                        found = await self._read(name_of(change), self._items(change, floor))
                    except Stuck as error:
                        stuck.append(error)
                    else:
                        yield name_of(change), found
            if pages <= 1:
                _unless(stuck)
                return
            window = begun - MARGIN
        raise Transient(f"{self._rest.server.name} changes faster than it can be listed")

    async def named(self, changes: Iterable[str], floor: datetime) -> AsyncGenerator[tuple[str, list[Item]]]:
        """What is on changes that are read one by one, whether or not the server's index knows of their updates.

        Raises `Stuck` at the end where one can't be read.
        """
        stuck: list[Stuck] = []
        for change in changes:
            try:
                found = await self.on(change, floor)
            except Stuck as error:
                stuck.append(error)
            else:
                yield change, found
        _unless(stuck)

    async def _pages(self, since: datetime) -> AsyncGenerator[list[Mapping[str, Any]]]:
        query = f'after:"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S} +0000" {self._rest.server.query}'.strip()
        start = 0
        while True:
            path = f"changes/?q={quote(query)}{OPTIONS}&n={PAGE}&S={start}"
            page = rows((await self._rest.get(path)).data)
            if page or start == 0:
                yield page
            if not page or not page[-1].get("_more_changes"):
                return
            start += len(page)

    async def _read(self, change: str, reading: Awaitable[list[Item]]) -> list[Item]:
        """What is on a change. One that vanishes meanwhile, or is closed to us alone, or is broken, has nothing for us."""
        try:
            found = await reading
        except Gone:
            found = []
        except Permanent as error:
            await self._asked_of_us()
            log.warning("gerrit.change_closed", change=change, error=str(error))
            return []
        except Transient as error:
            await self._asked_of_us()
            if self._monotonic() - self._stuck.setdefault(change, self._monotonic()) < PATIENCE:
                raise Stuck(f"{change}: {error}", retry_after=error.retry_after) from error
            log.error("gerrit.change_broken", change=change, error=str(error))  # noqa: TRY400 - no defect of ours
            return []
        self._stuck.pop(change, None)
        return found

    async def _asked_of_us(self) -> None:
        """Raises where it is we who are refused, or the server that fails, and not the change."""
        await self._rest.get("accounts/self")

    async def _items(self, change: Mapping[str, Any], floor: datetime) -> list[Item]:
        comments: Mapping[str, Any] = {}
        if has_inline(change, floor):
            data = (await self._rest.get(f"{change_path(name_of(change))}/comments")).data
            comments = data if isinstance(data, Mapping) else {}
        found = items(self._rest.server, change, comments, await self.own_id())
        return [item for item in found if item.at >= floor]


def _unless(stuck: list[Stuck]) -> None:
    """Raise what kept changes from being read, now that the others are."""
    if stuck:
        raise stuck[0]
