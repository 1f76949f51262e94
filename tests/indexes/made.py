"""Archives made in memory: honest ones of a few files, and those that no honest packager makes."""

from __future__ import annotations

import io
import struct
import tarfile
import zipfile


def wheel(files: dict[str, str | bytes], name: str = "thing", version: str = "1.0", metadata: str = "") -> bytes:
    """A wheel that holds these files and its metadata."""
    info = f"{name}-{version}.dist-info"
    head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}"
    return zipped({**files, f"{info}/METADATA": head, f"{info}/WHEEL": "Wheel-Version: 1.0\n"})


def zipped(files: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def sdist(files: dict[str, str | bytes], top: str = "thing-1.0", mode: str = "w:gz") -> bytes:
    """A source distribution; its files stand under one top folder."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for path, text in files.items():
            add(archive, f"{top}/{path}" if top else path, text)
    return out.getvalue()


def add(archive: tarfile.TarFile, path: str, text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    info = tarfile.TarInfo(path)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def lying_size(archive: bytes, path: str, size: int) -> bytes:
    """The zip with another unpacked size said of a member, in its directory."""
    return _patched(archive, path, 24, size)


def lying_crc(archive: bytes, path: str) -> bytes:
    """The zip with another checksum said of a member, in its directory."""
    return _patched(archive, path, 16, 0xDEADBEEF)


def _patched(archive: bytes, path: str, offset: int, value: int) -> bytes:
    data = bytearray(archive)
    at = data.find(b"PK\1\2")
    while at >= 0:
        length = struct.unpack_from("<H", data, at + 28)[0]
        if data[at + 46 : at + 46 + length] == path.encode():
            struct.pack_into("<L", data, at + offset, value)
            return bytes(data)
        at = data.find(b"PK\1\2", at + 4)
    raise AssertionError(path)
