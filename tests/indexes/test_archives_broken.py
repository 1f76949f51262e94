"""Archives with bytes changed at random: they are read as they should be, or refused; never anything else."""

from __future__ import annotations

import io
import random
import zlib
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.indexes.limits import Limits
from bot.indexes.tarred import repack
from bot.indexes.trouble import Unknown
from bot.indexes.zipped import directory, member_holds, read_member
from tests.indexes import made

LIMITS = Limits(member_bytes=100_000, unpacked_bytes=1_000_000, kept_bytes=500_000, members=100)
FILES = {"thing/__init__.py": "x = 1\n" * 50, "thing/core.py": "def f(): pass\n", "thing/data.bin": bytes(500)}
WHEEL = made.wheel(FILES)
SDISTS = {name: made.sdist(FILES, mode=f"w:{name}") for name in ("gz", "bz2", "xz")}
CHANGES = st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 255)), min_size=1, max_size=12)


def changed(data, changes):
    out = bytearray(data)
    for at, value in changes:
        out[at % len(out)] = value
    return bytes(out)


def read_all(data):
    for name, member in directory(io.BytesIO(data), LIMITS).items():
        try:
            content = read_member(name, member, lambda start, stop: data[start:stop], LIMITS)
        except Unknown:
            continue
        assert len(content) == member.size <= LIMITS.member_bytes
        assert zlib.crc32(content) == member.crc


@given(CHANGES)
@settings(max_examples=400, deadline=None)
def test_a_changed_wheel_is_read_or_refused(changes):
    data = changed(WHEEL, changes)
    with suppress(Unknown):
        read_all(data)
        for member in directory(io.BytesIO(data), LIMITS).values():
            member_holds(data, member, b"x = 1\nx = 1", LIMITS)


@given(st.integers(0, len(WHEEL)))
@settings(max_examples=150, deadline=None)
def test_a_wheel_cut_short_is_read_or_refused(length):
    with suppress(Unknown):
        read_all(WHEEL[:length])


@pytest.mark.parametrize("kind", SDISTS)
@given(changes=CHANGES)
@settings(max_examples=150, deadline=None)
def test_a_changed_source_archive_is_read_or_refused(kind, changes):
    with suppress(Unknown):
        blob, members = repack(f"thing-1.0.tar.{kind}", changed(SDISTS[kind], changes), LIMITS)
        assert len(blob) < 500_000
        assert len(members) <= LIMITS.members


@given(CHANGES)
@settings(max_examples=300, deadline=None)
def test_a_changed_tar_within_its_gzip_is_read_or_refused(changes):
    import gzip

    data = gzip.compress(changed(gzip.decompress(SDISTS["gz"]), changes), 1)
    with suppress(Unknown):
        repack("thing-1.0.tar.gz", data, LIMITS)


def test_a_thousandfold_bomb_is_left_early():
    bomb = made.sdist({"thing/zeros.py": bytes(50_000_000)})
    assert len(bomb) < 100_000
    with pytest.raises(Unknown, match="unpacks to more"):
        repack("thing-1.0.tar.gz", bomb, LIMITS)


def test_a_noise_file_is_refused():
    noise = random.Random(1).randbytes(5_000)
    for name in ("thing-1.0.tar.gz", "thing-1.0.tar.bz2", "thing-1.0.tar.xz", "thing-1.0.tar", "thing-1.0.tar.Z"):
        with pytest.raises(Unknown):
            repack(name, noise, LIMITS)
