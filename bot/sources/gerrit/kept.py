"""What is kept of one server between processes: how far it was read, and which changes had news lately.

A Gerrit that is killed forgets from its index what was not written to disk, up to five minutes by default, while the
changes themselves are safe. A query lists none of it. So the changes that were heard of lately are kept by name, and
after every gap they are read by name too.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from bot.errors import Transient, UpriverError

MOST_RECENT = 500
"""How many changes are kept by name; a large site's listing of some ten minutes."""


class CursorStore(Protocol):
    """How far each server was read: a name and a small JSON value, kept for good. The ledger is one."""

    async def cursor(self, name: str) -> Any:
        """The value, or None."""
        ...

    async def set_cursor(self, name: str, value: Any) -> None:
        """Replace the value."""
        ...


class MemoryCursors:
    """Cursors that end with the process: for a trial and for tests."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}

    async def cursor(self, name: str) -> Any:
        """The value, or None."""
        return self.values.get(name)

    async def set_cursor(self, name: str, value: Any) -> None:
        """Replace the value."""
        self.values[name] = value


class Kept:
    """One server's cursor. What is `touch`ed is kept with the next `save`."""

    def __init__(self, store: CursorStore, name: str) -> None:
        self._store, self._name = store, name
        self._saving = asyncio.Lock()
        self._recent: OrderedDict[str, None] = OrderedDict()
        self.at: datetime | None = None
        """Everything up to here was handed on; None where the server is new."""
        self.began: datetime | None = None
        """Since when this installation listens; what is older is none of its business."""
        self.past: frozenset[str] = frozenset()
        """What stood already when it began, and has that very second's date: Gerrit's times have whole seconds."""

    async def load(self) -> None:
        """Read what was kept. Raises `Transient` where the store can't tell."""
        value = await durably(self._store.cursor(self._name))
        if not isinstance(value, Mapping) or "at" not in value:
            return
        self.at, self.began = datetime.fromisoformat(value["at"]), datetime.fromisoformat(value["from"])
        self.past = frozenset(value.get("past", ()))
        self._recent = OrderedDict.fromkeys(value.get("recent", ()))

    async def begin(self, at: datetime, past: Iterable[str]) -> None:
        """The first start, and what is already there."""
        self.began, self.past = at, frozenset(past)
        await self.move(at)

    async def move(self, to: datetime) -> None:
        """Record that everything up to an instant was handed on."""
        self.at = to
        await self.save()

    async def save(self) -> None:
        """Write it down, one writer at a time so that nothing older is written last."""
        async with self._saving:
            at, began = self._started()
            value = {
                "at": at.isoformat(),
                "from": began.isoformat(),
                "past": sorted(self.past),
                "recent": list(self._recent),
            }
            await durably(self._store.set_cursor(self._name, value))

    def floor(self, overlap: timedelta) -> datetime:
        """Where reading begins: a while before the end of what was read, and never in the past."""
        at, began = self._started()
        return max(at - overlap, began)

    def _started(self) -> tuple[datetime, datetime]:
        if self.at is None or self.began is None:
            raise RuntimeError("neither loaded nor begun")
        return self.at, self.began

    def touch(self, change: str) -> bool:
        """Remember that a change had news; whether that is new to us."""
        fresh = change not in self._recent
        self._recent[change] = None
        self._recent.move_to_end(change)
        while len(self._recent) > MOST_RECENT:
            self._recent.popitem(last=False)
        return fresh

    def recent(self) -> list[str]:
        """The changes that had news lately, the latest first."""
        return list(reversed(self._recent))


async def durably(writing: Awaitable[Any]) -> Any:
    """What the store does; whatever keeps it from that may pass, and is tried again later."""
    try:
        return await writing
    except UpriverError:
        raise
    except Exception as error:
        raise Transient(f"the store failed: {type(error).__name__}: {error}"[:300]) from error
