"""What one question may still spend on the network."""

from __future__ import annotations

import time
from threading import Lock

from bot.indexes.limits import Limits
from bot.indexes.trouble import Bound


class Budget:
    """Time, requests and bytes that are left. Shared by threads."""

    def __init__(self, limits: Limits, *, slow: bool = False) -> None:
        self._until = time.monotonic() + (limits.slow_question_seconds if slow else limits.question_seconds)
        self._requests = limits.question_requests
        self._bytes = limits.question_bytes
        self._lock = Lock()

    def seconds(self) -> float:
        """The time left; raises Bound where there is none."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise Bound("the time for one question was used up")
        return left

    def request(self) -> None:
        """Count a request; raises Bound where it is one too many."""
        self.seconds()
        with self._lock:
            self._requests -= 1
            if self._requests < 0:
                raise Bound("one question needed too many requests")

    def spend(self, size: int) -> None:
        """Count bytes; raises Bound where they are too many."""
        with self._lock:
            self._bytes -= size
            if self._bytes < 0:
                raise Bound("one question needed too many bytes")
