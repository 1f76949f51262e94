"""The compiled needles are kept from one start to the next, and never believed where anything about them is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.extract.needles import Needles, Pattern
from bot.worker import _NeedleFile

LOUD = (b"Traceback", Pattern(rb"^E\s+\w+Error", b"E   ValueError"))
TEXT = b"x\nTraceback (most recent call last):\nE   KeyError: 'a'\n$ make\n"


class Kept:
    def __init__(self, data: bytes | None = None) -> None:
        self.data, self.puts = data, 0

    def get(self) -> bytes | None:
        return self.data

    def put(self, data: bytes) -> None:
        self.data, self.puts = data, self.puts + 1


def _found(shelf: Kept | None, loud: tuple[bytes | Pattern, ...] = LOUD) -> tuple[object, ...]:
    needles = Needles(loud, (b"$ ",), (b"make",))
    needles.ready(shelf)
    hits = needles.scan(TEXT)
    return hits.loud, hits.quiet, hits.marks


def test_what_was_kept_finds_what_was_compiled() -> None:
    shelf = Kept()
    compiled = _found(shelf)
    assert compiled == _found(None)
    assert compiled[0]
    assert _found(shelf) == compiled
    assert shelf.puts == 1


def test_other_needles_are_compiled_anew() -> None:
    shelf = Kept()
    _found(shelf)
    assert _found(shelf, (*LOUD, b"KeyError")) == _found(None, (*LOUD, b"KeyError"))
    assert shelf.puts == 2


@pytest.mark.parametrize("place", [0.0, 0.3, 0.6, 0.999])
def test_what_is_damaged_is_compiled_anew(place: float) -> None:
    shelf = Kept()
    compiled = _found(shelf)
    data = bytearray(shelf.data or b"")
    data[int(place * len(data))] ^= 0x41
    for broken in (bytes(data), bytes(data[: int(place * len(data))]), bytes(data) + b"more"):
        shelf.data = broken
        assert _found(shelf) == compiled


def test_the_file_is_this_users_alone(tmp_path: Path) -> None:
    kept = _NeedleFile(str(tmp_path / "new" / "cache"))
    assert kept.get() is None
    kept.put(b"data")
    path = tmp_path / "new" / "cache" / "needles"
    assert kept.get() == b"data"
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o666)
    assert kept.get() is None
    assert [one.name for one in path.parent.iterdir()] == ["needles"]


def test_where_nothing_can_be_kept_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = _NeedleFile(str(tmp_path / "file"))
    kept.put(b"data")
    assert kept.get() is None
