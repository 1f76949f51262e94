"""Source distributions: unpacked in memory, once, to a zip of their text files.

Nothing is written to disk, no link is followed, nothing is run. What comes out is read like a wheel.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from typing import IO, cast

from bot.indexes.limits import Limits
from bot.indexes.trouble import Unsound
from bot.indexes.zipped import Member, directory, inside

TEXT = (
    ".py",
    ".pyi",
    ".txt",
    ".cfg",
    ".toml",
    ".ini",
    ".pyx",
    ".pxd",
    ".pxi",
    ".c",
    ".h",
    ".cc",
    ".cpp",
    ".rs",
    ".json",
    ".yaml",
    ".yml",
)
NAMED = ("PKG-INFO", "METADATA", "RECORD", "WHEEL")


class _Bounded(io.RawIOBase):
    """A stream that may not run for ever."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        super().__init__()
        self._stream, self._left, self._most = stream, most, most

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._stream.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise Unsound(f"the archive unpacks to more than {self._most >> 20} MiB")
        return data


def repack(filename: str, data: bytes, limits: Limits) -> tuple[bytes, dict[str, Member]]:
    """A source distribution as a zip of its text files, with where they stand and the names of the rest."""
    names: dict[str, int] = {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as kept:
        _unpack(filename, data, limits, names, kept)
    found = directory(io.BytesIO(out.getvalue()), limits)
    rest = {name: Member(-1, 0, size, 0, 0) for name, size in names.items() if name not in found}
    return out.getvalue(), {**found, **rest}


def _unpack(filename: str, data: bytes, limits: Limits, names: dict[str, int], kept: zipfile.ZipFile) -> None:
    """Read the archive once from end to end."""
    total = 0
    try:
        with tarfile.open(fileobj=_stream(filename, data, limits), mode="r|") as archive:
            for member in archive:
                inside(member.name)
                if len(names) >= limits.members:
                    raise Unsound(f"the archive has more than {limits.members} members")
                if not member.isreg() or member.name in names:
                    continue
                names[member.name] = member.size
                if not _wanted(member.name) or member.size > limits.member_bytes:
                    continue
                total += member.size
                if total > limits.kept_bytes:
                    raise Unsound("the archive holds too much source")
                file = archive.extractfile(member)
                kept.writestr(zipfile.ZipInfo(member.name), file.read() if file else b"", zipfile.ZIP_DEFLATED, 1)
    except (tarfile.TarError, OSError, EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        raise Unsound(f"the archive can't be read: {type(error).__name__}") from error


def _stream(filename: str, data: bytes, limits: Limits) -> IO[bytes]:
    """The unpacked tar stream, bounded."""
    raw = io.BytesIO(data)
    lower = filename.lower()
    stream: IO[bytes]
    if lower.endswith((".tar.gz", ".tgz")):
        stream = cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
    elif lower.endswith((".tar.bz2", ".tbz")):
        stream = cast("IO[bytes]", bz2.BZ2File(raw))
    elif lower.endswith((".tar.xz", ".txz", ".tar.lzma", ".tlz")):
        stream = cast("IO[bytes]", lzma.LZMAFile(raw))  # noqa: SIM115 - a view of memory, as the others are
    elif lower.endswith(".tar"):
        stream = raw
    else:
        raise Unsound(f"an archive of a kind that is not read: {filename.rpartition('.')[2]}")
    return cast("IO[bytes]", _Bounded(stream, limits.unpacked_bytes))


def _wanted(name: str) -> bool:
    """Whether a file may be asked for: sources and metadata."""
    return name.endswith(TEXT) or name.rpartition("/")[2] in NAMED
