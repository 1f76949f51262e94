"""What was learnt, on disk: one file an entry, written whole or not at all, safe for several processes.

    FOLDER/v1/<shelf>/<first two>/<digest of the key>

An entry is a zlib stream, whose checksum tells a damaged one: it is then as if it were not there. Nothing breaks
where the folder can't be written: then nothing is remembered. The total size is bounded; the entries longest unused
go first.
"""

from __future__ import annotations

import hashlib
import os
import time
import zlib
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Literal

FORMAT = "v1"
Shelf = Literal["listings", "contents", "members", "archives", "modules", "answers", "pages"]

LOOK_AFTER = 400
"""So many writes of one process, then the total is looked at; also at its first."""
UNUSED_SECONDS = 12 * 3600
"""A file's time is moved on at most so often: a warm answer should not write."""


class Cache:
    """Bytes by shelf and key. Thread-safe."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        self._folder = folder / FORMAT
        self._most = most_bytes
        self._writes = 0
        self._lock = Lock()

    def get(self, shelf: Shelf, key: str) -> bytes | None:
        """What stands under the key, or None."""
        path = self._path(shelf, key)
        try:
            with path.open("rb") as file:
                data = zlib.decompress(file.read())
                old = time.time() - os.fstat(file.fileno()).st_mtime > UNUSED_SECONDS
        except FileNotFoundError:
            return None
        except (OSError, zlib.error):
            with suppress(OSError):
                path.unlink()
            return None
        if old:
            with suppress(OSError):
                os.utime(path)
        return data

    def put(self, shelf: Shelf, key: str, data: bytes) -> None:
        """Let this stand under the key."""
        path = self._path(shelf, key)
        aside = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns():x}.part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside.write_bytes(zlib.compress(data, 1))
            aside.replace(path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
            return
        self._count()

    def _path(self, shelf: Shelf, key: str) -> Path:
        digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40]
        return self._folder / shelf / digest[:2] / digest[2:]

    def _count(self) -> None:
        """Count a write; see to the size now and then, one thread at a time."""
        with self._lock:
            due = self._writes % LOOK_AFTER == 0
            self._writes += 1
        if due:
            self.trim()

    def trim(self) -> int:
        """Bring the total under nine tenths of the bound where it is over it; the bytes that went."""
        entries = sorted(self._entries())
        total = sum(size for _, size, _ in entries)
        if total <= self._most:
            return 0
        gone = 0
        for _, size, path in entries:
            if total - gone <= self._most * 9 // 10:
                break
            with suppress(OSError):
                path.unlink()
                gone += size
        return gone

    def _entries(self) -> list[tuple[float, int, Path]]:
        """Every file with when it was used and its size; half-written ones of dead processes count as old."""
        found = []
        for parent, _, names in os.walk(self._folder):
            for name in names:
                path = Path(parent, name)
                with suppress(OSError):
                    status = path.stat()
                    abandoned = name.endswith(".part") and time.time() - status.st_mtime > UNUSED_SECONDS
                    found.append((0.0 if abandoned else status.st_mtime, status.st_size, path))
        return found
