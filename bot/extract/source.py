"""Any input to windows of clean bytes: decompressed, UTF-8, without ANSI codes, NULs and carriage returns at line ends.

A window holds whole lines, up to `WINDOW` bytes and a line more; a line longer than `LONGEST` is cut (what follows in
it is dropped, and counted as the same line). The number of line ends is the served log's.
"""

from __future__ import annotations

import codecs
import io
import re
import zlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from bot.errors import Unreadable
from bot.extract.ahead import ahead
from bot.patterns import pattern

if TYPE_CHECKING:
    import zipfile

WINDOW = 1 << 20
LONGEST = 4 << 20
LARGEST = 16 << 30
"""Decompressed bytes after which a compressed input is refused, whatever its ratio."""
FREE = 256 << 20
"""Decompressed bytes up to which no ratio is asked."""
RATIO = 200
"""Decompressed to compressed bytes beyond `FREE`; logs reach 5 to 60, a log of blanks is no log."""

_ANSI = pattern(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]_P^][^\x07\x1b\n]*(?:\x07|\x1b\\)?|[ -/]*[0-Z\\^`-~])")
_CSI = pattern(rb"\xc2\x9b[0-?]*[@-~]")
"""The one-character form. Apart from the other, so that each search has a literal to begin with, which is fast."""


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


def windows(stream: BinaryIO) -> Iterator[bytes]:
    """Clean windows of a log, whatever its compression and encoding."""
    for window in _lines(_decoded(_chunks(stream))):
        yield _clean(window)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    """What a stream holds, inflated."""
    head = stream.read(4)
    rest = _Rest(head, stream)
    if head[:2] == b"\x1f\x8b":
        inflated = _guarded(rest, _gunzipped)
    elif head == b"\x28\xb5\x2f\xfd":
        inflated = _guarded(rest, _unzstd)
    elif head == b"PK\x03\x04":
        inflated = _unzipped(stream, len(head))
    else:
        return _plain(rest)
    return ahead(inflated) if stream.seekable() else inflated  # a thread that waits for a pipe can't be stopped


class _Rest:
    """A stream with what was already read of it put back; it counts what passes."""

    __slots__ = ("_head", "_stream", "passed")

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._head, self._stream, self.passed = head, stream, 0

    def read(self, size: int, /) -> bytes:
        if self._head:
            taken, self._head = self._head, b""
        else:
            taken = self._stream.read(size)
        self.passed += len(taken)
        return taken


def _plain(source: _Reads) -> Generator[bytes, None, None]:
    while chunk := source.read(WINDOW):
        yield chunk


def _gunzipped(source: _Rest) -> Iterator[bytes]:
    from isal import igzip

    with igzip.GzipFile(fileobj=_Raw(source), mode="rb") as file:  # type: ignore[no-untyped-call]
        yield from _plain(file)


def _unzstd(source: _Rest) -> Iterator[bytes]:
    import zstandard

    with zstandard.ZstdDecompressor(max_window_size=1 << 27).stream_reader(
        cast("BinaryIO", _Raw(source)), read_across_frames=True, read_size=1 << 17
    ) as file:
        yield from _plain(file)


class _Raw(io.RawIOBase):
    """What decompressors want of a file, over anything that reads."""

    def __init__(self, source: _Reads) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._source.read(size if size > 0 else WINDOW)

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # RawIOBase leaves the buffer's type open
        taken = self._source.read(len(view))
        view[: len(taken)] = taken
        return len(taken)


class _Inflates(Protocol):
    def __call__(self, source: _Rest, /) -> Iterator[bytes]: ...


def _guarded(source: _Rest, inflate: _Inflates) -> Generator[bytes, None, None]:
    """What a decompressor gives, refused where it is broken from the start or a bomb; a cut end is no reason."""
    given = 0
    try:
        for chunk in inflate(source):
            given += len(chunk)
            _refuse_bomb(given, source.passed)
            yield chunk
    except (OSError, EOFError, ValueError, zlib.error, _zstd_error()) as error:
        if not given:
            raise Unreadable(f"the compressed log cannot be read: {error}") from error


def _zstd_error() -> type[Exception]:
    import sys

    module = sys.modules.get("zstandard")
    found = getattr(module, "ZstdError", None)
    return found if isinstance(found, type) and issubclass(found, Exception) else EOFError


def _refuse_bomb(given: int, taken: int) -> None:
    if given > LARGEST or (given > FREE and given > RATIO * max(taken, 1)):
        raise Unreadable(
            f"the compressed log is refused: {taken:,} bytes give more than {given:,}; "
            f"beyond {FREE:,} bytes at most {RATIO} to 1 is read, and {LARGEST:,} bytes in all"
        )


def _unzipped(stream: BinaryIO, taken: int) -> Generator[bytes, None, None]:
    """The logs of an Actions run's archive, one after the other: the jobs' whole logs where it has them.

    An archive is read from its end, so a stream that can't be wound is spooled by whoever opens it.
    """
    import zipfile

    if not stream.seekable():
        raise Unreadable("a zip archive is read from a file, not from a stream")
    stream.seek(-taken, io.SEEK_CUR)
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise Unreadable(f"the zip archive cannot be read: {error}") from error
    size = stream.seek(0, io.SEEK_END)
    given = 0
    for member in _jobs(archive):
        last = b""
        try:
            with archive.open(member) as file:
                while chunk := file.read(WINDOW):
                    given += len(chunk)
                    _refuse_bomb(given, size)
                    last = chunk
                    yield chunk
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error) as error:
            if not given:
                raise Unreadable(f"the zip archive cannot be read: {error}") from error
        if last and not last.endswith(b"\n"):
            yield b"\n"


def _jobs(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """An Actions archive holds each job's log whole at the top and once more by steps in folders."""
    files = [info for info in archive.infolist() if not info.is_dir()]
    logs = [info for info in files if info.filename.lower().endswith((".txt", ".log"))] or files
    top = [info for info in logs if "/" not in info.filename]
    return sorted(top or logs, key=lambda info: _natural(info.filename))


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name)]


_SAMPLE = 4096
"""Bytes from which the encoding is guessed."""
_UNENDED = 64 << 10
"""Bytes without a line feed after which carriage returns are taken for line ends, if there are some."""
_RETURNS = 8


def _decoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """UTF-8 (or bytes of any 8-bit encoding) without a byte order mark; UTF-16 and UTF-32 are recoded."""
    first = b""
    for chunk in chunks:
        first += chunk
        if len(first) >= _SAMPLE and (b"\n" in first or len(first) >= _UNENDED):
            break
    encoding = _wide(first)
    if encoding is None:
        first = first.removeprefix(codecs.BOM_UTF8)
        if b"\n" not in first and first.count(b"\r") >= _RETURNS:  # a log whose line feeds somebody took away
            first, chunks = first.replace(b"\r", b"\n"), (chunk.replace(b"\r", b"\n") for chunk in chunks)
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")


def _wide(head: bytes) -> str | None:
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = head[:_SAMPLE]
    if len(sample) < 16:
        return None
    high, low = sample[1::2], sample[::2]
    if _pairs(low, high):
        return "utf-16-le"
    if _pairs(high, low):
        return "utf-16-be"
    return None


def _pairs(low: bytes, high: bytes) -> bool:
    """Whether of each two bytes one is the high one of UTF-16: nearly always none, or at least wherever a line ends."""
    if high.count(0) > 0.7 * len(high) and low.count(0) < 0.05 * len(low):
        return True
    if high.count(0) < _NARROW * len(high) or 10 in high or 10 not in low:
        return False
    return all(above == 0 for below, above in zip(low, high, strict=False) if below == 10)


_NARROW = 0.2
"""Of UTF-16 at least so much is of ASCII; the rest may be a table's lines."""


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Chunks cut anew into windows: whole lines, `WINDOW` bytes at most where a line is no longer than that.

    Where windows end depends on the bytes alone, not on how they come in.
    """
    held: list[bytes] = []
    size, due = 0, WINDOW
    dropping = False
    for chunk in chunks:
        if dropping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            chunk, dropping = chunk[end + 1 :], False  # noqa: PLW2901  # the rest of a line that was cut
        end = chunk.rfind(b"\n", 0, WINDOW - size) + 1 if WINDOW - len(chunk) <= size < WINDOW else 0
        if end:  # as `_cut` does it, with one copy less
            yield b"".join((*held, memoryview(chunk)[:end]))
            held, size = [], 0
            chunk = chunk[end:]  # noqa: PLW2901
        held.append(chunk)
        size += len(chunk)
        if size >= due:
            found, rest, dropping = _cut(b"".join(held))
            yield from found
            held, size = [rest], len(rest)
            due = max(WINDOW, size + WINDOW // 2)
    found, rest, _ = _cut(b"".join(held))
    yield from found
    if rest:
        yield rest


def _cut(data: bytes) -> tuple[list[bytes], bytes, bool]:
    """The windows whose ends are sure, what is left, and whether more of its last line is to be dropped."""
    found: list[bytes] = []
    at, size = 0, len(data)
    while size - at >= WINDOW:
        end = data.rfind(b"\n", at, at + WINDOW) + 1 or data.find(b"\n", at + WINDOW, at + LONGEST) + 1
        if end:
            found.append(data[at:end])
            at = end
            continue
        if size - at < LONGEST:
            break
        found.append(data[at : at + LONGEST] + b"\n")
        at = data.find(b"\n", at + LONGEST) + 1
        if not at:
            return found, b"", True
    return found, data[at:], False


def _clean(window: bytes) -> bytes:
    if b"\0" in window:
        window = window.replace(b"\0", b"")
    if b"\x1b" in window:
        window = _ANSI.sub(b"", window)
    if b"\x9b" in window and b"\xc2\x9b" in window:  # a search for one byte is ten times as fast as one for two
        window = _CSI.sub(b"", window)
    if b"\r" in window:
        window = window.replace(b"\r\n", b"\n")
        window = window.replace(b"\r\n", b"\n")  # "\r\r\n", as Windows' consoles print
    return window
