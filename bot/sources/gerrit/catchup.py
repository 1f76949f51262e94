"""The truth: which changes were updated since an instant, read over REST, and what is new on each.

A listing is not atomic: a change that is updated while the pages are read moves to the front and escapes. So the
listing is repeated for what changed meanwhile, until one page holds it all; what happens after that belongs to the
next catch-up, whose window begins where this one began.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
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
OPTIONS = "&o=MESSAGES&o=DETAILED_ACCOUNTS&o=CURRENT_REVISION"


class Catchup:
    """Reads one server."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
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
        """What is on one change since then, oldest first; nothing where it is gone or not ours to see."""
        try:
            data = (await self._rest.get(f"{change_path(change)}?{OPTIONS[1:]}")).data
        except Gone:
            return []
        return await self._items(data, floor)

    async def since(self, start: datetime, floor: datetime) -> AsyncGenerator[tuple[str, list[Item]]]:
        """What is on every change that was updated since `start`. Raises `Transient` where the listing never settles."""
        window = start
        for _ in range(MOST_PASSES):
            begun = await self.now()
            pages = 0
            async for page in self._pages(window):
                pages += 1
                for change in page:
                    if listens(self._rest.server, str(change.get("project", ""))):
                        yield name_of(change), await self._quietly(change, floor)
            if pages <= 1:
                return
            window = begun - MARGIN
        raise Transient(f"{self._rest.server.name} changes faster than it can be listed")

    async def named(self, changes: Iterable[str], floor: datetime) -> AsyncGenerator[tuple[str, list[Item]]]:
        """What is on changes that are read one by one, whether or not the server's index knows of their updates."""
        for change in changes:
            try:
                yield change, await self.on(change, floor)
            except Permanent as error:
                await self._closed(change, error)

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

    async def _quietly(self, change: Mapping[str, Any], floor: datetime) -> list[Item]:
        """A change that vanishes between listing and reading, or that is closed to us alone, has nothing for us."""
        try:
            return await self._items(change, floor)
        except Permanent as error:
            await self._closed(name_of(change), error)
            return []

    async def _closed(self, change: str, error: Permanent) -> None:
        """Note a change that is closed to us; raises where it is we who are refused."""
        await self._rest.get("accounts/self")
        log.warning("gerrit.change_closed", change=change, error=str(error))

    async def _items(self, change: Mapping[str, Any], floor: datetime) -> list[Item]:
        comments: Mapping[str, Any] = {}
        if has_inline(change, floor):
            data = (await self._rest.get(f"{change_path(name_of(change))}/comments")).data
            comments = data if isinstance(data, Mapping) else {}
        found = items(self._rest.server, change, comments, await self.own_id())
        return [item for item in found if item.at >= floor]
