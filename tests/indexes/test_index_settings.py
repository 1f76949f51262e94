"""What the settings and the command line say reaches the index that a job's questions go to."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from bot.analysis import _options
from bot.app import index_of
from bot.cli import _parser
from bot.config import Settings
from bot.doctor import _index
from bot.facts import Releases
from bot.model import normalized
from bot.worker import open_from
from tests.indexes import made
from tests.indexes.loopback import Loopback, running

WHEEL = "{}-1.0-py3-none-any.whl"


@pytest.fixture
def two():
    """A private index that wants a login and has pip, and one beside it that has a thing."""
    private, beside = Loopback(login=("user", "p:ss")), Loopback()
    private.add(WHEEL.format("pip"), "pip", made.wheel({"pip/__init__.py": ""}), uploaded="2024-01-01T00:00:00Z")
    beside.add(WHEEL.format("thing"), "thing", made.wheel({"thing/__init__.py": ""}), uploaded="2024-01-01T00:00:00Z")
    with running(private), running(beside):
        yield private, beside


def versions(options, name):
    fact = open_from(options).answer(Releases(distribution=normalized(name)), None)
    return [row.version for row in fact.answer] if fact.known else fact.reason


async def test_the_settings_reach_every_index(two, tmp_path):
    private, beside = two
    settings = Settings(
        cache=tmp_path,
        index_url=private.url,
        index_credentials=SecretStr("user:p:ss"),
        extra_index_urls=SecretStr(beside.url),
    )
    assert versions(index_of(settings), "pip") == ["1.0"]
    assert versions(index_of(settings), "thing") == ["1.0"]
    assert [row.says for row in await _index(settings)] == ["answers (1 releases of pip)"]


def test_the_command_line_reaches_every_index(two, tmp_path, monkeypatch):
    private, beside = two
    monkeypatch.setenv("UPRIVER_INDEX_CREDENTIALS", "user:p:ss")
    said = ["analyze", "a.log", "--cache", str(tmp_path), "--index-url", private.url, "--extra-index-url", beside.url]
    options = _options(_parser().parse_args(said))
    assert versions(options, "pip") == ["1.0"]
    assert versions(options, "thing") == ["1.0"]
