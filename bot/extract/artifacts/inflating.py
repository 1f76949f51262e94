"""An artifact's bytes, decompressed and bounded: a bomb ends where an honest report would have ended long ago."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Protocol

LARGEST = 512 << 20
"""Decompressed bytes that are read of one artifact."""
FREE = 64 << 20
"""Decompressed bytes up to which no ratio is asked."""
RATIO = 200


class Reads(Protocol):
    """Anything that is read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes."""
        ...


class Bounded(io.RawIOBase):
    """A stream that ends at its bounds, and says in `doubt` why it ended before its end."""

    def __init__(self, head: bytes, stream: Reads, inflate: Callable[[Reads], Reads] | None) -> None:
        self._source = _Counted(head, stream)
        self._stream: Reads = inflate(self._source) if inflate else self._source
        self._packed = inflate is not None
        self._given = 0
        self._held = b""
        self.doubt: str | None = None

    def readable(self) -> bool:
        """It is."""
        return True

    def peek(self, size: int) -> bytes:
        """The first bytes, which are still to be read."""
        while len(self._held) < size and (chunk := self._next(size)):
            self._held += chunk
        return self._held[:size]

    def file(self) -> io.BufferedReader:
        """The stream with buffering."""
        return io.BufferedReader(self, 1 << 16)

    def readinto(self, buffer: object) -> int:
        """Fill a buffer."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # RawIOBase leaves the buffer's type open
        if not self._held:
            self._held = self._next(len(view))
        taken, self._held = self._held[: len(view)], self._held[len(view) :]
        view[: len(taken)] = taken
        return len(taken)

    def _next(self, size: int) -> bytes:
        if self.doubt is not None:
            return b""
        try:
            chunk = self._stream.read(size)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            self.doubt = f"its compression breaks off: {error}"[:200]
            return b""
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            self.doubt = f"its compression breaks off: {error}"[:200]
            return b""
        self._given += len(chunk)
        bomb = self._packed and self._given > FREE and self._given > RATIO * max(self._source.passed, 1)
        if self._given > LARGEST or bomb:
            self.doubt = f"larger than is read of an artifact ({self._given:,} bytes so far); the rest is left out"
            return b""
        return chunk


class _Counted(io.RawIOBase):
    """A stream whose head was already read, counting what passes."""

    def __init__(self, head: bytes, stream: Reads) -> None:
        self._head, self._stream, self.passed = head, stream, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Up to so many bytes."""
        size = size if size > 0 else 1 << 16
        if self._head:
            taken, self._head = self._head[:size], self._head[size:]
        else:
            taken = self._stream.read(size)
        self.passed += len(taken)
        return taken

    def readinto(self, buffer: object) -> int:
        """Fill a buffer."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # RawIOBase leaves the buffer's type open
        taken = self.read(len(view))
        view[: len(taken)] = taken
        return len(taken)


def inflated(head: bytes, stream: Reads) -> Bounded:
    """A stream, decompressed where its first bytes say that it is compressed."""
    if head[:2] == b"\x1f\x8b":
        return Bounded(head, stream, _gunzipped)
    if head == b"\x28\xb5\x2f\xfd":
        return Bounded(head, stream, _unzstd)
    return Bounded(head, stream, None)


def _gunzipped(source: Reads) -> Reads:
    from isal import igzip

    opened: Reads = igzip.GzipFile(fileobj=source, mode="rb")  # type: ignore[no-untyped-call]
    return opened


def _unzstd(source: Reads) -> Reads:
    import zstandard

    return zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(source, read_across_frames=True)  # type: ignore[arg-type]
