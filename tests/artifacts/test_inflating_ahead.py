"""Compressed logs are inflated in a thread: what is read is the same, errors arrive, and no thread stays behind."""

from __future__ import annotations

import gzip
import io
import random
import threading
import zipfile
from collections.abc import Callable, Generator

import pytest
import zstandard

from bot.errors import Unreadable
from bot.extract import ahead, source
from bot.extract.source import windows

MB = 1 << 20


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Generator[None, None, None]:
    before = threading.active_count()
    yield
    assert threading.active_count() == before


def _zipped(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1_job.txt", data)
    return made.getvalue()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1),
    "zstd": lambda data: zstandard.ZstdCompressor(level=1).compress(data),
    "zip": _zipped,
}
packings = pytest.mark.parametrize("packed", PACKED.values(), ids=PACKED.keys())


def _log(megabytes: int) -> bytes:
    chance = random.Random(3)
    row = "".join(chance.choices("abcdefgh ", k=60))
    return b"".join(b"%d %s\n" % (number, row.encode()) for number in range(megabytes * MB // 67))


@packings
def test_the_windows_are_those_of_the_plain_log(packed: Callable[[bytes], bytes]) -> None:
    data = _log(12)
    assert b"".join(windows(io.BytesIO(packed(data)))) == data


@packings
def test_what_is_small_needs_no_thread(packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "Thread", None)
    data = _log(1)
    assert b"".join(windows(io.BytesIO(packed(data)))) == data


@pytest.mark.parametrize("packed", [PACKED["gzip"], PACKED["zstd"]], ids=["gzip", "zstd"])
def test_a_cut_end_leaves_what_came_before(packed: Callable[[bytes], bytes]) -> None:
    data = _log(16)
    cut = packed(data)
    read = b"".join(windows(io.BytesIO(cut[: len(cut) * 3 // 4])))
    assert data.startswith(read[:-200])
    assert len(read) > 4 * MB


@packings
def test_a_bomb_is_refused_from_the_thread(packed: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "FREE", 6 * MB)
    taken = []
    with pytest.raises(Unreadable, match="refused"):
        taken.extend(windows(io.BytesIO(packed(b"\n" * (64 * MB)))))
    assert sum(map(len, taken)) < 64 * MB


def test_whatever_goes_wrong_in_the_thread_goes_wrong_here() -> None:
    def chunks() -> Generator[bytes, None, None]:
        for _ in range(ahead.AT_ONCE + 1):
            yield b"x"
        raise KeyError("a defect")

    made = ahead.ahead(chunks())
    assert [next(made) for _ in range(ahead.AT_ONCE + 1)] == [b"x"] * (ahead.AT_ONCE + 1)
    with pytest.raises(KeyError):
        next(made)


def test_who_stops_reading_stops_the_thread_and_it_never_runs_far_ahead() -> None:
    made_so_far, closed = [], []

    def chunks() -> Generator[bytes, None, None]:
        try:
            while True:
                made_so_far.append(1)
                yield b"x"
        finally:
            closed.append(True)

    made = ahead.ahead(chunks())
    taken = ahead.AT_ONCE + 3
    for _ in range(taken):
        next(made)
    made.close()
    assert len(made_so_far) <= taken + ahead.AHEAD + 1
    assert closed == [True]
