"""A receiver that holds each delivery once, as the engine does, and remembers everything that it was told."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

from bot.errors import Transient


class Sink:
    """`calls` counts every delivery handed on, `held` has each once. `failures` makes the next ones be refused."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.held: dict[str, dict] = {}
        self.order: list[str] = []
        self.failures = 0

    async def __call__(self, delivery):
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise Transient("the store is busy")
        self.calls[delivery.id] += 1
        if delivery.id not in self.held:
            self.held[delivery.id] = json.loads(delivery.payload)
            self.order.append(delivery.id)

    def texts(self) -> list[str]:
        """What people wrote, in the order in which it was told."""
        return [self.held[identity]["text"] for identity in self.order if self.held[identity]["kind"] == "command"]

    def jobs(self) -> list[str]:
        return [self.held[identity]["job"] for identity in self.order if self.held[identity]["kind"] == "job"]


async def until(condition, seconds=120.0):
    """Wait until something holds. The limit is for what never comes: a machine under load is waited for."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for is the product's own state
            await asyncio.sleep(0.05)
