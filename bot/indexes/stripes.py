"""Small shared things that stay small however long a process lives."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sized
from threading import Lock
from typing import Generic, TypeVar

LOCKS = 64

ValueT = TypeVar("ValueT")


class Stripes:
    """A lock for any key, from a fixed number of them: two keys may share one, and then wait for each other."""

    __slots__ = ("_locks",)

    def __init__(self) -> None:
        self._locks = tuple(Lock() for _ in range(LOCKS))

    def of(self, key: str) -> Lock:
        """The key's lock."""
        return self._locks[hash(key) % LOCKS]


class Recent(Generic[ValueT]):
    """The values used last, by key. Thread-safe."""

    __slots__ = ("_lock", "_most", "_most_bytes", "_values")

    def __init__(self, most: int, most_bytes: int | None = None) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._values: OrderedDict[str, ValueT] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> ValueT | None:
        """The value, which is now the last used."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def put(self, key: str, value: ValueT) -> None:
        """Hold a value, and let those longest unused go."""
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > 1 and self._over():
                self._values.popitem(last=False)

    def _over(self) -> bool:
        if len(self._values) > self._most:
            return True
        if self._most_bytes is None:
            return False
        return sum(len(value) for value in self._values.values() if isinstance(value, Sized)) > self._most_bytes
