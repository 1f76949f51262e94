"""A loopback index, empty or of real releases, and the index client that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from bot.indexes import Limits, open_index
from tests.indexes.loopback import Loopback, real, running
from tests.parts import require

QUICK = Limits(
    connect_seconds=5, read_seconds=20, question_seconds=60, settle_seconds=0, pause_seconds=60, fresh_seconds=600
)
IMPATIENT = replace(QUICK, read_seconds=0.5, question_seconds=1.5)
"""For a server that says nothing; a busy machine may be slower than this."""


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(scope="session")
def real_files():
    return require("indexes")


@pytest.fixture
def pypi(real_files) -> Iterator[Loopback]:
    """An index of real releases."""
    with running(real(real_files)) as index:
        yield index


@pytest.fixture
def bare() -> Iterator[Loopback]:
    """An index with nothing on it yet."""
    with running(Loopback()) as index:
        yield index


@pytest.fixture
def ask(tmp_path):
    """`ask(index, question, as_of)`: the Fact, through one client and cache for the test."""
    opened = {}

    def asked(index, question, as_of=None, **options):
        key = (index.url, tuple(sorted(options.items())))
        if key not in opened:
            options = {"limits": QUICK, "index_url": index.url, "cache_dir": tmp_path / "cache", **options}
            opened[key] = open_index(**options)
        return opened[key].answer(question, day(as_of) if as_of else None)

    asked.opened = opened
    yield asked
    for client in opened.values():
        client.close()
