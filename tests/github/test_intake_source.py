"""Jobs that any CI sends: kept once, read back whole, refused with a sentence."""

from __future__ import annotations

import base64
import gzip
import json
from datetime import UTC, datetime

import pytest

from bot.errors import Gone, Permanent
from bot.model import Job, Trust
from bot.sources.download import Guard
from bot.sources.generic import MOST_ARTIFACTS, Generic
from bot.standin import Standin

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def _body(**fields):
    given = {"project": "acme/widgets", "name": "test", "log": "it failed", **fields}
    return json.dumps({key: value for key, value in given.items() if value is not None}).encode()


def _coded(content):
    return base64.b64encode(content).decode()


@pytest.fixture
def generic(tmp_path):
    return Generic(tmp_path / "intake")


async def test_a_job_is_read_back_whole(generic, tmp_path):
    packed = gzip.compress(b"it failed")
    body = _body(
        log=None,
        log_base64=_coded(packed),
        passing_log="it passed",
        artifacts={"../junit.xml": _coded(b"<testsuites/>")},
        distribution="Acme_Widgets",
        trust="trusted",
        private=False,
        finished_at="2026-11-23T10:00:00+02:00",
    )
    job = generic.announces(generic.receive("jenkins", "build-7", body, NOW))
    assert isinstance(job, Job)
    assert (job.trust, job.private, job.distribution) == (Trust.TRUSTED, False, "acme-widgets")
    assert job.finished_at == datetime(2026, 11, 23, 8, tzinfo=UTC)
    spooled = await generic.fetch(await generic.complete(job), tmp_path / "job")
    assert (spooled.log.read_bytes(), spooled.passing.read_bytes()) == (packed, b"it passed")
    assert [(name, path.read_bytes()) for name, path in spooled.artifacts] == [("junit.xml", b"<testsuites/>")]


async def test_the_same_key_is_the_same_job_and_the_first_wins(generic, tmp_path):
    first = generic.announces(generic.receive("jenkins", "7", _body(), NOW))
    second = generic.announces(generic.receive("jenkins", "7", _body(log="another"), NOW))
    elsewhere = generic.announces(generic.receive("gitlab", "7", _body(), NOW))
    assert first.key == second.key != elsewhere.key
    assert (await generic.fetch(second, tmp_path / "job")).log.read_bytes() == b"it failed"


def test_the_payload_holds_no_log(generic):
    assert b"it failed" not in generic.receive("jenkins", "7", _body(), NOW).payload


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="no JSON"),
        pytest.param(b"[]", id="a list"),
        pytest.param(_body(project=None), id="no project"),
        pytest.param(_body(log=None), id="no log"),
        pytest.param(_body(log_base64="eA=="), id="two logs"),
        pytest.param(_body(log=None, log_base64="%"), id="no base64"),
        pytest.param(_body(surprise=1), id="an unknown field"),
        pytest.param(_body(attempt=0), id="no attempt"),
        pytest.param(
            _body(artifacts={str(number): "eA==" for number in range(MOST_ARTIFACTS + 1)}), id="many artifacts"
        ),
        pytest.param(_body(log_url="https://logs.example.org/1"), id="a log and an address"),
        pytest.param(_body(log=None, log_url="https://elsewhere.example.org/1"), id="a host that is not listed"),
        pytest.param(_body(log=None, log_url="file:///etc/passwd"), id="a file"),
    ],
)
def test_what_is_no_job_is_refused_with_a_sentence(generic, body):
    with pytest.raises(Permanent, match=r".{10,}"):
        generic.receive("jenkins", "7", body, NOW)


async def test_what_was_cleared_away_is_gone(tmp_path):
    first = Generic(tmp_path / "one")
    job = first.announces(first.receive("jenkins", "7", _body(), NOW))
    with pytest.raises(Gone):
        await Generic(tmp_path / "two").fetch(job, tmp_path / "job")


async def test_a_log_may_be_named_by_its_address(tmp_path):
    async with Standin() as github:
        url = github.world.blob(b"it failed far away", "text/plain")
        generic = Generic(tmp_path / "intake", Guard(private=("127.0.0.1",)))
        job = generic.announces(generic.receive("jenkins", "7", _body(log=None, log_url=url), NOW))
        spooled = await generic.fetch(job, tmp_path / "job")
        assert spooled.log.read_bytes() == b"it failed far away"
        await generic.close()
