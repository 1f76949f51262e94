"""What may still be written: the ledger's counts under the configuration's limits, and the switches people turned."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.errors import Permanent, Transient
from bot.model import Budget
from bot.pipeline.ledger import Ledger
from bot.pipeline.rules import Rules
from bot.views import Switches

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

SHADOW = "shadow"
STOP = "stop"


class BreakerOpen(Exception):
    """More new threads than a handful within an hour: what comes now is held."""


class Budgets:
    """Counts and switches."""

    def __init__(self, ledger: Ledger, rules: Rules) -> None:
        self._ledger = ledger
        self._rules = rules

    async def shadow(self) -> bool:
        """Whether nothing is posted and everything is shown: until a human ends the quiet start."""
        chosen = await self._ledger.setting(SHADOW)
        return self._rules.shadow if chosen is None else bool(chosen)

    async def stopped(self) -> bool:
        """Whether the one switch is on. The configuration's can't be turned off from the pages."""
        return self._rules.stopped or bool(await self._ledger.setting(STOP))

    async def switches(self) -> Switches:
        """How they stand, for the page that turns them."""
        return Switches(
            shadow=await self.shadow(), stopped=await self.stopped(), stopped_by_settings=self._rules.stopped
        )

    async def turn(self, name: str, actor: str, *, on: bool) -> None:
        """Turn `shadow` or `stop`. It holds for every replica, outlasts a restart, and is recorded with who did it.

        Raises `Permanent` for what is no switch, or where the configuration holds it.
        """
        if name not in {SHADOW, STOP}:
            raise Permanent(f"there is no switch named {name!r}")
        if name == STOP and not on and self._rules.stopped:
            raise Permanent("the configuration stops all writing: unset UPRIVER_STOP_WRITING and restart")
        await self._ledger.set_setting(name, on, actor)

    async def silent(self) -> bool:
        """Whether nothing may be written at all."""
        return await self.shadow() or await self.stopped()

    async def left(self, now: datetime) -> Budget:
        """The budget that policy decides with."""
        written = await self._ledger.written(since=now - HOUR)
        opened = await self._ledger.written(since=now - HOUR, kind="open")
        return Budget(
            writes_left=max(0, self._rules.writes_per_hour - written),
            opens_left_in_run=max(0, self._rules.opens_in_a_row - opened),
            stopped=await self.stopped(),
            shadow=await self.shadow(),
            may_open=self._rules.may_open,
            threshold=self._rules.threshold,
            advise_threshold=self._rules.advise_threshold,
        )

    async def spend(self, kind: str, recipient: str, target: str, cause: str) -> None:
        """Take one write out of the budget, once for each cause.

        Raises `Transient` until the hour has room again, and `BreakerOpen` where too many threads were opened in it.
        """
        spent = await self._ledger.spend(
            kind,
            recipient,
            target,
            cause,
            hourly=self._rules.writes_per_hour,
            opens=self._rules.opens_in_a_row,
        )
        if spent.granted:
            return
        if spent.retry_after:
            raise Transient(f"the budget of writes is used up: {spent.reason}", retry_after=spent.retry_after)
        raise BreakerOpen(spent.reason)
