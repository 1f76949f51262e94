"""What is kept of a log that goes on and on, of whatever it is made: a stretch, never the whole."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator

import pytest

from bot.extract import read

MB = 1 << 20
SIZE = 40 * MB


class Pieces(io.RawIOBase):
    """A stream of so many bytes of something repeated, of which only a piece is in memory."""

    def __init__(self, unit: bytes) -> None:
        self._pieces: Iterator[bytes] = (unit * (MB // len(unit)) for _ in range(SIZE // MB))

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return next(self._pieces, b"") if size > 4 else b""


UNITS = {
    "nothing is ever found": b"all is well, as it was a line before, and as it will be below\n",
    "steps and results only": b"tests/test_a.py::test_a PASSED [ 50%]\n##[group]Run make\n==== 3 passed in 1.00s ====\n",
    "no line end": b"no end of this line and no beginning of another one either ",
}


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_memory_does_not_grow_with_a_log(unit):
    read(io.BytesIO(b"all modules are imported\n"))
    tracemalloc.start()
    try:
        reading = read(Pieces(unit))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert reading.bytes > 3 * MB
    assert peak < SIZE / 2, f"{peak / MB:.0f} MB for {SIZE / MB:.0f}"
