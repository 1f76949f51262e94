"""Steps whose outcome is a value: what failed is told apart by what is done about it, and only here.

Theory: an exception that DBOS records comes back as another type after a restart, so a step never raises. It returns
`{"is": …}`; `do` tries `transient` ones again after a durable pause and raises `Failed` for the rest, the same way
when it replays as when it first ran.
"""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.errors import Gone, Permanent, Refused, Transient, Unreadable
from bot.pipeline.engine import Engine
from bot.pipeline.rules import Retry

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[Any]]
After = Callable[[str, str], None]


class Failed(Exception):
    """A step that will not succeed: gone, unreadable, refused, permanent, exhausted or a defect of our own."""

    def __init__(self, step: str, kind: str, says: str) -> None:
        super().__init__(f"{step}: {kind}: {says}")
        self.step = step
        self.kind = kind
        self.says = says


def _nothing(_step: str, _moment: str) -> None:
    """After a step, do nothing."""


class Durable:
    """Runs the steps of workflows."""

    def __init__(self, engine: Engine, retry: Retry, observe: Callable[..., None], after: After = _nothing) -> None:
        """`after` is told of each step twice: when its effect is done, and when its outcome is recorded."""
        self._engine = engine
        self._retry = retry
        self._observe = observe
        self._after = after

    async def do(self, step: str, work: Work, first: dict[str, Any] | None = None) -> Any:
        """The step's value. Raises `Failed`. `first` is an outcome that `attempt` had already."""
        outcome = first or await self.attempt(step, work)
        for tried in range(1, self._retry.attempts):
            if outcome["is"] != "transient":
                break
            await self._engine.sleep(self._retry.pause(tried, outcome["after"], random.random()))
            outcome = await self.attempt(step, work)
        if outcome["is"] == "done":
            return outcome["value"]
        kind = "exhausted" if outcome["is"] == "transient" else str(outcome["is"])
        raise Failed(step, kind, str(outcome["says"]))

    async def attempt(self, step: str, work: Work) -> dict[str, Any]:
        """One try of a step; its outcome, recorded."""

        async def guarded() -> dict[str, Any]:
            began = time.monotonic()
            outcome = await _outcome(step, work)
            self._observe("stage", stage=step, seconds=time.monotonic() - began)
            self._after(step, "effect")
            return outcome

        outcome: dict[str, Any] = await self._engine.step(step, guarded)
        self._after(step, "recorded")
        return outcome


async def _outcome(step: str, work: Work) -> dict[str, Any]:
    """What became of the work. The one place where every exception is caught."""
    try:
        return {"is": "done", "value": await work()}
    except Transient as error:
        log.info("step.failed_for_now", step=step, says=str(error), retry_after=error.retry_after)
        return {"is": "transient", "says": str(error), "after": error.retry_after}
    except Gone as error:
        return {"is": "gone", "says": str(error)}
    except Refused as error:
        return {"is": "refused", "says": str(error)}
    except Permanent as error:
        return {"is": "permanent", "says": str(error)}
    except Unreadable as error:
        return {"is": "unreadable", "says": str(error)}
    except Exception as error:
        log.exception("step.defect", step=step)
        return {"is": "defect", "says": f"{type(error).__name__}: {error}"}
