"""Inflating ahead: a thread inflates what comes next while what came before is read.

Decompressors, and the search for needles, let go of the interpreter while they work, so the two take little more time
than the longer of them. Errors are raised where they would have been raised without a thread. What is small enough is
done before a thread would have started.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

AT_ONCE = 2
"""Chunks that are made by the caller itself; most logs have no more."""
AHEAD = 4
"""Chunks that lie ready at most; they are as large as a window."""


def ahead(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    """The same chunks, made in a thread of their own, which ends with the last one or when this is closed."""
    try:
        for _ in range(AT_ONCE):
            chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk
        yield from _threaded(chunks)
    finally:
        chunks.close()


def _threaded(chunks: Generator[bytes, None, None]) -> Generator[bytes, None, None]:
    from queue import SimpleQueue
    from threading import Thread

    room: SimpleQueue[bool] = SimpleQueue()
    ready: SimpleQueue[Any] = SimpleQueue()
    stopped: list[bool] = []
    for _ in range(AHEAD):
        room.put(True)

    def work() -> None:
        try:
            while room.get() and not stopped:
                chunk = next(chunks, None)
                ready.put(chunk)
                if chunk is None:
                    return
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the reader's
            ready.put(error)

    thread = Thread(target=work, name="inflating")
    thread.start()
    try:
        while (made := ready.get()) is not None:
            if isinstance(made, BaseException):
                raise made
            room.put(True)
            yield made
    finally:
        stopped.append(True)
        room.put(False)
        thread.join()
