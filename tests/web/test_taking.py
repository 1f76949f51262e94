"""What comes in: webhooks and the intake. Every refusal has its status, its log line and its count."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.app import compose
from bot.config import Settings
from bot.errors import ConfigError, Transient
from bot.standin import play
from bot.web.app import make_app
from bot.web.keys import DRAINING, PARTS
from bot.web.parts import Parts
from tests.standin.home import at_home
from tests.web.conftest import SECRET, dumped, signed, site

pytestmark = pytest.mark.slow  # each test has a service of its own

BODY = b'{"ref": "refs/heads/main"}'
SHA1 = "sha1=" + hmac.new(SECRET.encode(), BODY, hashlib.sha1).hexdigest()
JOB = {"project": "acme/shop", "name": "flask breaks url_quote", "log": "a log"}


def ci(key: str | None = "k-1", token: str = "the-ci-token", **headers: str) -> dict[str, str]:
    made = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", **headers}
    return made if key is None else {**made, "Idempotency-Key": key}


# ---------------------------------------------------------------------------------------------- no secret


@pytest.mark.parametrize("secret", ["", " "])
async def test_no_secret_no_start(tmp_path, secret):
    with pytest.raises(ConfigError, match="UPRIVER_GITHUB_WEBHOOK_SECRET"):
        await compose(Settings(data=tmp_path, github_app_id="1", github_webhook_secret=SecretStr(secret)))
    assert not list(tmp_path.glob("*.db"))


def test_the_application_itself_refuses_to_be_made_without_one(tmp_path):
    parts = Parts(settings=Settings(data=tmp_path), reads=None, deliver=None, webhook=None)
    with pytest.raises(ConfigError):
        make_app(parts)


# ---------------------------------------------------------------------------------------------- webhooks


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(401, signed(BODY, X_Hub_Signature_256="sha256=" + "0" * 64), BODY, id="another secret"),
        pytest.param(401, signed(BODY), BODY + b" ", id="another body"),
        pytest.param(401, signed(BODY, X_Hub_Signature_256=None), BODY, id="unsigned"),
        pytest.param(401, signed(BODY, X_Hub_Signature_256=None, X_Hub_Signature=SHA1), BODY, id="sha1 only"),
        pytest.param(400, signed(BODY, X_GitHub_Event=None), BODY, id="no event"),
        pytest.param(400, signed(BODY, X_GitHub_Delivery=None), BODY, id="no delivery id"),
        pytest.param(400, signed(b'{"ref": '), b'{"ref": ', id="cut JSON"),
        pytest.param(400, signed(b"[1]"), b"[1]", id="a list"),
        pytest.param(400, signed(b"\xff\xfe"), b"\xff\xfe", id="not UTF-8"),
        pytest.param(400, signed(b"[" * 90_000), b"[" * 90_000, id="deep"),
        pytest.param(415, signed(BODY, Content_Type="text/plain"), BODY, id="text"),
        pytest.param(415, signed(BODY, Content_Type="application/x-www-form-urlencoded"), BODY, id="a form"),
    ],
)
async def test_what_is_no_delivery_is_refused_logged_and_counted(here, status, headers, body):
    with capture_logs() as logged:
        answer = await here.browser().post("/webhooks/github", data=body, headers=headers)
    assert answer.status == status
    assert (await answer.json())["error"]
    assert [row["status"] for row in logged if row["event"] == "delivery.refused"] == [status]
    name = f'upriver_requests_refused_total{{path="/webhooks/github",status="{status}"}}'
    assert await here.metric(name) == 1


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "in chunks"])
async def test_an_oversized_body_is_refused_whatever_it_says_of_itself(here, monkeypatch, chunked):
    monkeypatch.setattr("bot.web.webhooks.MOST_BYTES", 1 << 20)
    body = b'{"a": "' + b"x" * (1 << 20) + b'"}'

    async def pieces():
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    data = pieces() if chunked else io.BytesIO(body)
    answer = await here.browser().post("/webhooks/github", data=data, headers=signed(body))
    assert answer.status == 413


async def test_the_cap_is_github_s_own(here):
    answer = await here.browser().post(
        "/webhooks/github", data=b"{}", headers={**signed(b"{}"), "Content-Length": str(25 * 2**20 + 1)}
    )
    assert answer.status == 413


@pytest.mark.parametrize("event", ["push", "ping", "star", "an_event_of_tomorrow"])
async def test_what_announces_nothing_is_counted_and_never_reaches_the_engine(here, event):
    with capture_logs() as logged:
        answer = await here.browser().post("/webhooks/github", data=BODY, headers=signed(BODY, event))
    assert (answer.status, await answer.read()) == (204, b"")
    (row,) = [row for row in logged if row["event"] == "delivery.ignored"]
    assert (row["event_name"], row["outcome"]) == (event, answer.headers["X-Upriver-Outcome"])
    assert await here.metric(f'upriver_deliveries_total{{outcome="{row["outcome"]}",source="github"}}') == 1
    # the engine was never started here: whatever reaches it is a 503, as the next test shows
    operator = await here.operator()
    await here.service.pipeline.flush()
    assert event in await (await operator.get("/deliveries")).text()


async def test_what_announces_a_job_is_a_503_where_it_can_not_be_stored(here):
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played()])
        row = next(row for row in home.deliveries() if row.event == "workflow_job")
    body = row.payload
    answer = await here.browser().post("/webhooks/github", data=body, headers=signed(body, "workflow_job"))
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.slow
async def test_a_delivery_is_durable_before_its_202(working):
    async with at_home() as home:
        play.finish_run(home.world, home.repo, [play.Played()])
        row = next(row for row in home.deliveries() if row.event == "workflow_job")
    body = row.payload
    sent = [
        working.browser().post("/webhooks/github", data=body, headers=signed(body, "workflow_job", "same"))
        for _ in range(5)
    ]
    assert [answer.status for answer in await asyncio.gather(*sent)] == [202] * 5
    await until(lambda: jobs_of(working))
    assert len(await jobs_of(working)) == 1


# ---------------------------------------------------------------------------------------------- the intake


async def jobs_of(where) -> list[dict]:
    operator = await where.operator()
    return (await (await operator.get("/api/failures")).json())["rows"]


async def until(check) -> None:
    async with asyncio.timeout(30):
        while True:
            if await check():
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        pytest.param(401, {**ci(), "Authorization": ""}, dumped(JOB), id="no token"),
        pytest.param(401, ci(token="another"), dumped(JOB), id="another token"),
        pytest.param(401, ci(token="ci:the-ci-token"), dumped(JOB), id="the whole pair"),
        pytest.param(401, {**ci(), "Authorization": "Basic the-ci-token"}, dumped(JOB), id="not a bearer"),
        pytest.param(400, ci(None), dumped(JOB), id="no key"),
        pytest.param(400, ci("k" * 129), dumped(JOB), id="long key"),
        pytest.param(400, ci("a b"), dumped(JOB), id="odd key"),
        pytest.param(415, ci(**{"Content-Type": "text/plain"}), dumped(JOB), id="text"),
        pytest.param(400, ci(), b"{", id="cut JSON"),
        pytest.param(400, ci(), b"[]", id="a list"),
        pytest.param(422, ci(), dumped({"project": "acme/shop"}), id="no name"),
        pytest.param(422, ci(), dumped({**JOB, "unknown": 1}), id="unknown field"),
        pytest.param(422, ci(), dumped({**JOB, "log": "", "log_base64": "%%%"}), id="no base64"),
        pytest.param(422, ci(), dumped({**JOB, "log": "", "log_url": "http://169.254.169.254/x"}), id="inside"),
    ],
)
async def test_what_is_no_job_is_refused(here, status, headers, body):
    answer = await here.browser().post("/api/jobs", data=body, headers=headers)
    assert answer.status == status
    assert (await answer.json())["error"]
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert await jobs_of(here) == []


async def test_the_intake_is_closed_where_no_token_is_set(tmp_path):
    async with site(tmp_path, api_tokens=SecretStr("")) as where:
        answer = await where.browser().post("/api/jobs", data=dumped(JOB), headers=ci(token=""))
        assert answer.status == 401


async def test_an_oversized_job_is_refused(here, monkeypatch):
    monkeypatch.setattr("bot.web.intake.MOST_BYTES", 1 << 20)
    body = dumped({**JOB, "log": "x" * (1 << 20)})
    assert (await here.browser().post("/api/jobs", data=io.BytesIO(body), headers=ci())).status == 413


@pytest.mark.slow
async def test_the_same_key_again_is_the_same_job_and_another_scope_s_is_not(working):
    browser = working.browser()
    sent = [browser.post("/api/jobs", data=dumped(JOB), headers=ci()) for _ in range(4)]
    answers = await asyncio.gather(*sent)
    assert {answer.status for answer in answers} == {202}
    assert len({(await answer.json())["id"] for answer in answers}) == 1
    other = await browser.post("/api/jobs", data=dumped(JOB), headers=ci(token="the-docs-token"))
    assert other.status == 202

    async def both():
        return len(await jobs_of(working)) == 2

    await until(both)


# ---------------------------------------------------------------------------------------------- operations


async def test_health_and_readiness(working):
    browser = working.browser()
    assert (await browser.get("/healthz")).status == 200
    ready = await browser.get("/readyz")
    assert (ready.status, await ready.json()) == (200, {"ready": True, "problems": {}})


async def test_before_the_pipeline_runs_it_is_alive_and_not_ready(here):
    assert (await here.browser().get("/healthz")).status == 200
    answer = await here.browser().get("/readyz")
    assert answer.status == 503
    assert (await answer.json())["problems"] == {"pipeline": "not started"}


async def test_a_ledger_that_does_not_answer_is_said(working):
    async def away():
        raise Transient("the database is away")

    working.service.page[PARTS].checks["database"] = away
    answer = await working.browser().get("/readyz")
    assert answer.status == 503
    assert "away" in (await answer.json())["problems"]["database"]


async def test_while_draining_nothing_is_taken_and_the_pages_still_answer(working):
    working.service.page[DRAINING].append(True)
    browser = working.browser()
    assert (await browser.get("/readyz")).status == 503
    assert (await browser.get("/healthz")).status == 200
    assert (await browser.post("/webhooks/github", data=BODY, headers=signed(BODY))).status == 503
    assert (await browser.post("/api/jobs", data=dumped(JOB), headers=ci())).status == 503
    assert (await browser.get("/")).status == 200


async def test_the_metrics_tell_how_long_everything_was_silent(here):
    answer = await here.browser().get("/metrics")
    assert answer.content_type == "text/plain"
    text = await answer.text()
    for name in ("delivery", "verdict", "post"):
        assert f"\nupriver_seconds_since_{name} " in text
    for name in ("upriver_queue_depth", "upriver_buried_now", "upriver_deliveries_total", "upriver_request_seconds"):
        assert f"# TYPE {name.removesuffix('_total')}" in text


async def test_labels_that_strangers_choose_do_not_grow_without_end(here):
    for number in range(100):
        here.service.page[PARTS].metrics.observe("delivery", source="github", outcome=f"reason {number}")
    text = await (await here.browser().get("/metrics")).text()
    rows = [line for line in text.splitlines() if line.startswith("upriver_deliveries_total{")]
    assert len(rows) <= 61
    assert await here.metric('upriver_deliveries_total{outcome="other",source="github"}') == 40
