from __future__ import annotations

import gzip
import io
import random
from functools import lru_cache

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.extract import read, reading
from bot.model import Failure, Raised, Reading
from tests.dialects.truth import DATA
from tests.fuzzing.properties import examine

SAMPLES = sorted(DATA.rglob("*.log"))
NEEDLES = list(reading._NEEDLES.examples)
FEW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


@lru_cache(maxsize=512)
def content(index: int) -> bytes:
    return SAMPLES[index].read_bytes()


indexes = st.integers(0, len(SAMPLES) - 1)


def seen(data: bytes) -> Reading:
    return read(io.BytesIO(data))


def essence(found: Reading) -> object:
    """What must not change when only the writing of a log does."""
    return [row(one) for one in found.failures], [tuple(map(part, one.chain)) for one in found.handled]


def row(one: Failure) -> object:
    return one.test, one.phase, one.root, tuple(map(part, one.chain))


def part(one: Raised) -> object:
    frames = tuple((frame.file, frame.line, frame.function, frame.at) for frame in one.frames)
    return one.exception, one.message.split("\n")[0].rstrip(), one.relation, one.of, frames


# ------------------------------------------------------------------------------------------ anything


@pytest.mark.slow
@FEW
@given(st.binary(max_size=4_000))
def test_any_bytes_are_read(data):
    examine(data, timed=False)


@pytest.mark.slow
@FEW
@given(st.lists(st.sampled_from(NEEDLES) | st.binary(max_size=40) | st.just(b"\n") | st.just(b"    "), max_size=80))
def test_needles_in_any_order_are_read(pieces):
    examine(b"".join(pieces), timed=False)


@pytest.mark.slow
@FEW
@given(indexes, st.randoms(use_true_random=False))
def test_mangled_logs_are_read(index, chance):
    examine(mangled(content(index), chance), timed=False)


def mangled(data: bytes, chance: random.Random) -> bytes:
    """Lines dropped, doubled, swapped and cut, bytes changed."""
    lines = data.split(b"\n")
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(lines))
        how = chance.randrange(6)
        if how == 0:
            del lines[at]
        elif how == 1:
            lines.insert(at, lines[chance.randrange(len(lines))])
        elif how == 2:
            lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        elif how == 3:
            lines[at] = bytes(chance.randrange(256) for _ in range(chance.randrange(30)))
        elif how == 4:
            lines[at] += chance.choice(NEEDLES)
        else:
            other = chance.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        lines = lines or [b""]
    return b"\n".join(lines)


@pytest.mark.slow
@FEW
@given(indexes, st.data())
def test_truncated_logs_keep_what_is_there(index, data):
    whole = content(index)
    cut = data.draw(st.integers(0, len(whole)))
    examine(whole[:cut], timed=False)
    examine(whole[cut:], timed=False)


# ------------------------------------------------------------------------------------------ the same log, written otherwise


class Dripping(io.RawIOBase):
    """A stream that gives as many bytes as it likes."""

    def __init__(self, data: bytes, sizes: list[int]) -> None:
        self._data, self._sizes, self._at = data, sizes, 0

    def read(self, size: int = -1) -> bytes:
        step = self._sizes.pop(0) if self._sizes else len(self._data)
        step = max(1, step if size < 0 else min(step, size))
        taken = self._data[self._at : self._at + step]
        self._at += len(taken)
        return taken


@pytest.mark.slow
@FEW
@given(indexes, st.lists(st.integers(1, 3_000), max_size=20))
def test_splitting_a_stream_changes_nothing(index, sizes):
    data = content(index)
    assert read(Dripping(data, sizes)) == seen(data)


@pytest.mark.slow
@pytest.mark.parametrize("window", [300, 1_000, 4_097])
def test_windows_change_nothing(monkeypatch, window):
    from bot.extract import source

    for index in range(0, len(SAMPLES), 11):
        whole = seen(content(index))
        monkeypatch.setattr(source, "WINDOW", window)
        small = seen(content(index))
        monkeypatch.undo()
        assert essence(small) == essence(whole), SAMPLES[index]
        if window > 3_000:  # weak statements count as far as the last windows reach
            assert small.environment == whole.environment, SAMPLES[index]


@pytest.mark.slow
@FEW
@given(indexes)
def test_compressing_changes_nothing(index):
    data = content(index)
    whole = replace(seen(data), bytes=0)
    assert replace(seen(gzip.compress(data)), bytes=0) == whole
    assert replace(seen(zstandard.compress(data)), bytes=0) == whole


@pytest.mark.slow
@FEW
@given(indexes, st.sampled_from(["utf-8-sig", "utf-16", "utf-16-le", "utf-32"]))
def test_recoding_changes_nothing(index, encoding):
    text = content(index).decode("utf-8", "replace")
    assert essence(seen(text.encode(encoding))) == essence(seen(text.encode()))


@pytest.mark.slow
@FEW
@given(indexes)
def test_line_ends_change_nothing(index):
    data = content(index).replace(b"\r", b"")
    assert essence(seen(data.replace(b"\n", b"\r\n"))) == essence(seen(data))
    if data.count(b"\n") > 8:
        assert essence(seen(data.replace(b"\n", b"\r"))) == essence(seen(data))


@pytest.mark.slow
@FEW
@given(
    indexes, st.sampled_from([b"\x1b[31m", b"\x1b[0m", b"\x1b[1;38;5;9m", b"\x1b[K"]), st.randoms(use_true_random=False)
)
def test_colour_changes_nothing(index, code, chance):
    lines = content(index).replace(b"\x1b", b"").split(b"\n")
    coloured = []
    for line in lines:
        at = chance.randrange(len(line) + 1)
        while at < len(line) and (line[at] & 0xC0) == 0x80:
            at += 1
        coloured.append(line[:at] + code + line[at:])
    assert essence(seen(b"\n".join(coloured))) == essence(seen(b"\n".join(lines)))


PREFIXES = {
    "actions": lambda n: f"2026-11-22T10:33:{n % 60:02d}.{n % 10_000_000:07d}Z ",
    "zuul": lambda n: f"2026-11-22 10:33:{n % 60:02d}.{n % 1_000_000:06d} | ubuntu-jammy | ",
    "jenkins": lambda n: f"[2026-11-22T10:33:{n % 60:02d}.{n % 1_000:03d}Z] ",
    "gitlab": lambda n: f"2026-11-22T10:33:{n % 60:02d}.{n % 1_000_000:06d}Z 01O ",
    "compose": lambda _: "web_1  | ",
    "indented": lambda _: "    ",
}


@pytest.mark.slow
@pytest.mark.parametrize("prefix", PREFIXES)
def test_prefixes_change_nothing(prefix):
    wrong = []
    # how a job ended is said by its CI, which puts no service's name and no blanks in front
    for index in range(0, len(SAMPLES), 9):
        lines = content(index).decode("utf-8", "replace").replace("Job succeeded", "").split("\n")
        put = "\n".join(PREFIXES[prefix](n) + line for n, line in enumerate(lines))
        if essence(seen(put.encode())) != essence(seen("\n".join(lines).encode())):
            wrong.append(SAMPLES[index].parent.name + "/" + SAMPLES[index].name)
    assert not wrong


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_table_does_not_hide_that_a_log_is_utf_16(encoding):
    table = "─" * 80 + "\n│ step │ done │\n" + "─" * 80 + "\n"
    log = table * 30 + 'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    g()\nValueError: no\n'
    assert [failure.exception for failure in read(io.BytesIO(log.encode(encoding))).failures] == ["ValueError"]
    assert [failure.exception for failure in read(io.BytesIO(log.encode())).failures] == ["ValueError"]
