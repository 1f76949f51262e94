"""Zip archives read in parts: the directory, then single members, each bounded and checked.

Nothing is written to disk or run. Python's own `zipfile` reads the directory, over an object that fetches the ranges
it asks for; members are inflated here, from the one range that holds them.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import NamedTuple

from bot.indexes.limits import Limits
from bot.indexes.trouble import Bound, Unsound

Fetch = Callable[[int, int], bytes]
"""The bytes from an offset (inclusive) to another (exclusive)."""

LOCAL = struct.Struct("<4s5H3L2H")
"""APPNOTE.TXT 4.3.7: the header before each member's data."""
PART = 1 << 20
SLACK = 512
"""The local header's extra field may be longer than the directory's: so much more is fetched at once."""


class Member(NamedTuple):
    """Where a member stands in its archive."""

    offset: int
    """-1: known by name only."""
    packed: int
    size: int
    method: int
    crc: int


class Sparse(io.RawIOBase):
    """A remote file as a seekable one: what was fetched is kept, what is missing is fetched."""

    def __init__(self, length: int, held: Mapping[int, bytes], fetch: Fetch, most: int) -> None:
        super().__init__()
        self._length, self._held, self._fetch = length, dict(held), fetch
        self._left = most
        self._at = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, as files do."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._length}[whence]
        if base + offset < 0:
            raise OSError("before the start")
        self._at = base + offset
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""
        end = self._length if size < 0 else min(self._at + size, self._length)
        data = self._range(self._at, end) if end > self._at else b""
        self._at += len(data)
        return data

    def _range(self, start: int, end: int) -> bytes:
        for at, data in self._held.items():
            if at <= start and end <= at + len(data):
                return data[start - at : end - at]
        self._left -= end - start
        if self._left < 0:
            raise Unsound("the archive's directory is too large")
        data = self._fetch(start, end)
        self._held[start] = data
        return data


def directory(file: io.IOBase, limits: Limits) -> dict[str, Member]:
    """What a zip archive holds; raises Unsound for one that no honest packager makes."""
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, struct.error, NotImplementedError, UnicodeError) as error:
        raise Unsound(f"the archive's directory can't be read: {type(error).__name__}") from error
    if len(infos) > limits.members:
        raise Unsound(f"the archive has more than {limits.members} members")
    found = {}
    for info in infos:
        inside(info.filename)
        if info.is_dir():
            continue
        found[info.filename] = Member(
            info.header_offset, info.compress_size, info.file_size, info.compress_type, info.CRC
        )
    return found


def inside(name: str) -> None:
    """Raise Unsound for a name that leads out of its archive."""
    if not name:
        raise Unsound("the archive names a path that is empty")
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":") or "\0" in name:
        raise Unsound("the archive names a path outside itself")


def read_member(name: str, member: Member, fetch: Fetch, limits: Limits) -> bytes:
    """One member, inflated and checked against its length and checksum."""
    if member.size > limits.member_bytes or member.packed > limits.member_bytes:
        raise Bound(f"a file is larger than {limits.member_bytes >> 20} MiB: {name}")
    end = member.offset + LOCAL.size + len(name.encode()) + SLACK + member.packed
    block = fetch(member.offset, end)
    start = _data_start(block)
    if start + member.packed > len(block):
        block += fetch(member.offset + len(block), member.offset + start + member.packed)
    return _inflate(name, member, block[start : start + member.packed])


def member_holds(blob: bytes, member: Member, text: bytes, limits: Limits) -> bool:
    """Whether a member of an archive in memory holds a text; unpacked in parts, bounded."""
    start = member.offset + _data_start(blob[member.offset : member.offset + (1 << 17)])
    data = blob[start : start + member.packed]
    if member.method == zipfile.ZIP_STORED:
        return text in data
    if member.method != zipfile.ZIP_DEFLATED:
        return False
    inflater, left, tail = zlib.decompressobj(-zlib.MAX_WBITS), limits.scanned_bytes, b""
    try:
        while left > 0 and (part := inflater.decompress(data, PART)):
            if text in tail + part:
                return True
            tail, data, left = part[-len(text) :], inflater.unconsumed_tail, left - len(part)
    except zlib.error as error:
        raise Unsound("a member can't be unpacked") from error
    return False


def _data_start(block: bytes) -> int:
    """Where the data starts after a local header."""
    if len(block) < LOCAL.size:
        raise Unsound("the archive is cut short")
    fields = LOCAL.unpack_from(block)
    if fields[0] != b"PK\3\4":
        raise Unsound("the archive's directory points at no member")
    return LOCAL.size + int(fields[9]) + int(fields[10])


def _inflate(name: str, member: Member, data: bytes) -> bytes:
    """The content of packed data, no longer than the directory says it is."""
    if member.method == zipfile.ZIP_STORED:
        content = data
    elif member.method == zipfile.ZIP_DEFLATED:
        try:
            content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, member.size + 1)
        except zlib.error as error:
            raise Unsound(f"a member can't be unpacked: {name}") from error
    else:
        raise Unsound(f"a member is packed in an unusual way: {name}")
    if len(content) != member.size or zlib.crc32(content) != member.crc:
        raise Unsound(f"a member is not what the directory says: {name}")
    return content
