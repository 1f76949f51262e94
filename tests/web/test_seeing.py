"""Who sees what: a private project's jobs, bugs and names are for those who can read it, and nobody else learns of them."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from jsonschema import Draft202012Validator
from msgspec.structs import replace
from openapi_core import OpenAPI
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.fingerprint import fingerprint
from bot.model import ChangeAnswer, Decision, Report, UpstreamAnswer
from bot.pipeline.records import Buried
from bot.ports import Region
from bot.sources.github.forge import Account
from bot.standin import play
from bot.views import Filter, Page, Viewer
from bot.web.app import _routes as routes
from bot.web.keys import PARTS
from tests.store.examples import JOB, THEN, analysis, judged, occurrence
from tests.web.conftest import OPERATOR, site

pytestmark = pytest.mark.slow  # each test has a service of its own

HIDDEN = "acme/secret-plans"
PRIVATE = replace(JOB, key="github:github.example/acme/secret-plans/9", project=HIDDEN, private=True, change=None)
TOKEN = "ghp_" + "a1B2c3D4e5" * 4
HELD = Decision(
    change=ChangeAnswer.SILENT, change_reason="quiet", upstream=UpstreamAnswer.DRAFT, upstream_reason="a human first"
)
LISTS = ["/", "/failures", "/threads", "/ledger", "/distributions", "/projects", "/api/bugs", "/api/failures"]
LISTS += ["/api/threads", "/api/distributions", "/api/projects", "/api/overview"]


async def plant(service, job, row, *, lines=("ImportError: it broke",)) -> str:
    """A job with its judgement, as the pipeline records them; its Bug's key."""
    store, made = service.store, analysis(row)
    await store.add_job(job)
    await store.save_analysis(job.key, replace(made, regions=(Region(failure=0, first=3, lines=lines),)))
    seen = occurrence(job.key, project=job.project, private=job.private, change=job.change and job.change.id)
    bug = await store.see(fingerprint(row), made.judgement, seen)
    await store.decide_job(job.key, bug, HELD)
    return bug


PUBLIC_ROW = judged(symbol="werkzeug.urls.url_quote")
PRIVATE_ROW = judged(message="cannot import name 'hush' from 'secretlib'", symbol="secretlib.hush", tracker=None)


@pytest.fixture
async def seen(here):
    """A site with a public and a private project, each with a bug of its own."""
    here.public = await plant(here.service, JOB, PUBLIC_ROW)
    here.private = await plant(here.service, PRIVATE, PRIVATE_ROW)
    return here


async def text(browser, path: str) -> str:
    answer = await browser.get(path)
    assert answer.status == 200, path
    return await answer.text()


@pytest.mark.parametrize("path", LISTS)
async def test_a_stranger_finds_no_word_of_a_private_project(seen, path):
    shown = await text(seen.browser(), path)
    assert "secret" not in shown
    assert "hush" not in shown


@pytest.mark.parametrize("api", ["", "/api"])
async def test_what_is_private_can_not_be_told_from_what_never_was(seen, api):
    browser = seen.browser()
    for kind, mine, never in (
        ("bugs", seen.private, "2026-11:0123456789abcdef"),
        ("failures", PRIVATE.key, "github:github.example/acme/never/1"),
    ):
        answers = [await browser.get(f"{api}/{kind}/{quote(key, safe='/:')}") for key in (mine, never)]
        assert [answer.status for answer in answers] == [404, 404]
        pages = [(await answer.text()).replace(key, "KEY") for answer, key in zip(answers, (mine, never), strict=True)]
        assert pages[0] == pages[1]
    assert (await browser.get(f"/projects/{HIDDEN}")).status == 404


@pytest.mark.parametrize("query", [f"project={HIDDEN}", "q=acme%2Fsecret", "q=hush"])
async def test_searching_does_not_tell_of_it_either(seen, query):
    # a public job of the private bug's fingerprint, read elsewhere with other words
    spoken = judged(message="another message", symbol="secretlib.hush", tracker=None)
    job = replace(JOB, key="github:github.example/acme/open/2", project="acme/open")
    await plant(seen.service, job, spoken)
    for path in (f"/api/bugs?{query}", f"/api/failures?{query}"):
        rows = await (await seen.browser().get(path)).json()
        shown = [row for row in rows["rows"] if HIDDEN in str(row) or "cannot import name 'hush'" in str(row)]
        assert shown == []
    if "project" in query:
        assert (await (await seen.browser().get(f"/api/bugs?{query}")).json())["total"] == 0


async def test_words_of_one_private_project_are_not_found_by_a_reader_of_another(here):
    store = here.service.store
    await plant(here.service, PRIVATE, judged(message="no hush here", symbol="lib.name"))
    job, row = (
        replace(PRIVATE, key=PRIVATE.key + "1", project="acme/other"),
        judged(message="no hush here", symbol="lib.name"),
    )
    await plant(here.service, job, row)
    await store.save_analysis(job.key, analysis(judged(message="loud", symbol="lib.name")))
    reads = here.service.page[PARTS].reads
    for projects, found in ((frozenset({HIDDEN}), 1), (frozenset({"acme/other"}), 0)):
        rows, total = await reads.bugs(Viewer(name="ann", projects=projects), Filter(words="hush"), Page())
        assert (len(rows), total) == (found, found)
    rows, _ = await reads.bugs(Viewer(name="ann", projects=frozenset({"acme/other"})), Filter(), Page())
    assert [row.message for row in rows] == ["loud"]


async def test_of_a_bug_in_both_a_stranger_sees_the_public_side_only(here):
    await plant(here.service, replace(PRIVATE, key=PRIVATE.key + "0"), PUBLIC_ROW)
    bug = await plant(here.service, JOB, PUBLIC_ROW)
    view = await (await here.browser().get(f"/api/bugs/{bug}")).json()
    assert (view["row"]["projects"], view["row"]["hidden_projects"]) == (["acme/shop"], 1)
    assert "secret" not in str(view)
    assert "secret" not in await text(here.browser(), f"/bugs/{bug}")


async def test_the_operator_sees_everything(seen):
    operator = await seen.operator()
    for path in (f"/bugs/{seen.private}", f"/failures/{PRIVATE.key}", f"/projects/{HIDDEN}", "/failures"):
        assert HIDDEN in await text(operator, path)
    assert HIDDEN in await text(operator, "/api/projects")


@pytest.mark.parametrize("token", ["", "wrong", OPERATOR + "x", "ü"])
async def test_a_wrong_token_opens_nothing(seen, monkeypatch, token):
    monkeypatch.setattr("bot.web.signin.PAUSE_SECONDS", 0)
    browser = seen.browser()
    with capture_logs() as logged:
        answer = await browser.post("/sign-in", data={"operator_token": token})
    assert answer.status == 403
    assert "Set-Cookie" not in answer.headers
    assert logged[0]["event"] == "operator.refused"
    assert "secret" not in await text(browser, "/failures")


@pytest.mark.parametrize(
    "change", [lambda value: value[:-1] + "0", lambda value: "x" + value, lambda _: "ü.ü", lambda _: "."]
)
async def test_a_forged_cookie_is_a_stranger_s(seen, change):
    operator = await seen.operator()
    (cookie,) = operator.session.cookie_jar
    forged = change(cookie.value)
    if forged == cookie.value:
        forged = cookie.value[:-1] + "1"
    answer = await seen.browser().get("/failures", headers={"Cookie": f"{cookie.key}={forged}"})
    assert answer.status == 200
    assert "secret" not in await answer.text()


# ---------------------------------------------------------------------------------------------- signed-in people


@asynccontextmanager
async def with_github(github, folder):
    """A site of an App at a stand-in, which knows the private repository and one person who may read it."""
    world, app = github.world, github.app
    play.repository(world, HIDDEN, private=True, collaborators={"ann": "read"})
    play.install(world, app, "acme")
    settings = {
        "github_app_id": str(app.id),
        "github_private_key": SecretStr(app.private_key),
        "github_webhook_secret": SecretStr(app.webhook_secret),
        "github_client_id": app.client_id,
        "github_client_secret": SecretStr(app.client_secret),
    }
    async with site(folder, Account(api=world.api, web=world.web), **settings) as where:
        where.public = await plant(where.service, JOB, PUBLIC_ROW)
        where.private = await plant(where.service, PRIVATE, PRIVATE_ROW)
        yield where


async def sign_in(browser, where, login: str):
    """Through the forge's pages, as a person does it; the last answer."""
    away = await browser.get("/sign-in/github", allow_redirects=False)
    assert away.status == 302
    async with browser.session.get(away.headers["Location"]) as form:
        page = await form.text()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', page))
    address = away.headers["Location"].partition("?")[0]
    granted = await browser.session.post(address, data={**fields, "login": login}, allow_redirects=False)
    return await browser.session.get(granted.headers["Location"], allow_redirects=False)


async def test_who_can_read_the_repository_sees_it_and_nobody_else(github, tmp_path):
    async with with_github(github, tmp_path) as where:
        ann, bob = where.browser(), where.browser()
        assert (await sign_in(ann, where, "ann")).status == 303
        assert (await sign_in(bob, where, "bob")).status == 303
        assert HIDDEN in await text(ann, "/failures")
        assert HIDDEN in await text(ann, f"/bugs/{where.private}")
        assert "secret" not in await text(bob, "/failures")
        assert (await bob.get(f"/bugs/{where.private}")).status == 404
        for page in ("/deliveries", "/buried"):
            assert (await ann.get(page)).status == 403


async def test_an_answer_for_another_browser_signs_nobody_in(github, tmp_path):
    async with with_github(github, tmp_path) as where:
        for query in ("code=abc&state=abc", "code=abc", ""):
            answer = await where.browser().get(f"/sign-in/github/back?{query}", allow_redirects=False)
            assert answer.status == 400
        browser = where.browser()
        away = await browser.get("/sign-in/github", allow_redirects=False)
        state = re.search(r"state=([\w-]+)", away.headers["Location"])[1]
        answer = await browser.get(f"/sign-in/github/back?code=invented&state={state}", allow_redirects=False)
        assert answer.status == 403
        assert "upriver_session" not in answer.cookies


async def test_signing_out_forgets(seen):
    operator = await seen.operator()
    refused = await operator.post("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}, allow_redirects=False)
    assert refused.status == 403
    assert (await operator.get("/buried")).status == 200
    await operator.post("/sign-out", headers={"Sec-Fetch-Site": "same-origin"})
    assert (await operator.get("/buried")).status == 403


# ---------------------------------------------------------------------------------------------- forms


async def form_token(browser, path: str) -> str:
    return re.search(r'name="token" value="(\w+)"', await text(browser, path))[1]


@pytest.fixture
async def posting(seen):
    """The site with something to replay and something to judge; what was done is kept in `done`."""
    seen.done = []
    store = seen.service.store
    await store.bury(
        Buried(
            id="job/x", workflow="job", refers="x", step="fetch", error="Gone", message="gone", arguments=(), at=THEN
        )
    )
    report = Report(title="t", body="b", tracker="https://t.example/issues", fingerprint=seen.public, prefilled="")
    seen.report = await store.put_report(
        seen.public, "open", "https://t.example/issues", report, state="shadow", reason="r"
    )

    async def replay(identity, actor):
        seen.done.append(("replay", identity, actor))

    async def judge(table, key, *, right, actor):
        seen.done.append((table, key, right, actor))

    async def turn(name, actor, *, on):
        seen.done.append((name, actor, on))

    app = seen.service.page
    app._state[PARTS] = replace(app[PARTS], replay=replay, judge=judge, turn=turn)
    return seen


def forms(where):
    return (
        ("/buried/replay", {"id": "job/x"}),
        ("/switches", {"switch": "stop", "on": "yes"}),
        (f"/bugs/{where.public}/judge", {"table": "reports", "text": str(where.report), "right": "yes"}),
    )


async def test_an_operator_replays_turns_and_judges(posting):
    operator = await posting.operator()
    token = await form_token(operator, "/buried")
    for path, fields in forms(posting):
        answer = await operator.post(path, data={**fields, "token": token}, allow_redirects=False)
        assert answer.status == 303
    assert posting.done == [
        ("replay", "job/x", "operator"),
        ("stop", "operator", True),
        ("reports", posting.report, True, "operator"),
    ]


async def test_forms_from_elsewhere_do_nothing(posting):
    operator, stranger = await posting.operator(), posting.browser()
    other = await form_token(await posting.operator(), "/buried")
    token = await form_token(operator, "/buried")
    for path, fields in forms(posting):
        for browser, said, headers in (
            (stranger, token, {}),
            (operator, "", {}),
            (operator, "ü", {}),
            (operator, other, {}),
            (operator, token, {"Sec-Fetch-Site": "cross-site"}),
            (operator, token, {"Origin": "https://evil.example"}),
        ):
            answer = await browser.post(path, data={**fields, "token": said}, headers=headers, allow_redirects=False)
            assert answer.status == 403
    assert posting.done == []


async def turned(browser, switch, on):
    token = await form_token(browser, "/switches")
    return await browser.post(
        "/switches", data={"token": token, "switch": switch, "on": on}, headers={"Sec-Fetch-Site": "same-origin"}
    )


async def test_the_switches_hold_and_every_page_says_so(here):
    operator, budgets = await here.operator(), here.service.pipeline.work.budgets
    assert "Quiet start" in await text(here.browser(), "/")
    await turned(operator, "shadow", "no")
    assert not await budgets.silent()
    assert "Quiet start" not in await text(here.browser(), "/")
    assert "All writing is switched off" in await (await turned(operator, "stop", "yes")).text()
    assert await budgets.stopped()
    assert "All writing is switched off" in await text(here.browser(), "/failures")
    assert (await turned(operator, "no-such", "yes")).status == 409
    await turned(operator, "stop", "no")
    assert not await budgets.stopped()


async def test_the_page_does_not_lift_the_configuration_s_stop(tmp_path):
    async with site(tmp_path, stop_writing=True) as here:
        operator = await here.operator()
        assert "unset UPRIVER_STOP_WRITING" in await text(operator, "/switches")
        answer = await turned(operator, "stop", "no")
        assert answer.status == 409
        assert await here.service.pipeline.work.budgets.stopped()


async def test_no_form_marks_a_text_that_is_not_the_bug_s(posting):
    operator = await posting.operator()
    token = await form_token(operator, "/buried")
    for fields in ({"table": "reports", "text": "99"}, {"table": "jobs", "text": "1"}, {}):
        answer = await operator.post(f"/bugs/{posting.public}/judge", data={**fields, "right": "yes", "token": token})
        assert answer.status == 404
    assert posting.done == []


# ---------------------------------------------------------------------------------------------- what is shown


async def test_secrets_in_a_log_are_redacted_on_pages_and_in_the_api(here):
    row = judged(message=f"could not clone https://x:{TOKEN}@github.com/a/b")
    await plant(here.service, JOB, row, lines=(f"export GITHUB_TOKEN={TOKEN}", "<script>alert(1)</script>"))
    for path in (f"/failures/{JOB.key}", f"/api/failures/{JOB.key}", "/", "/api/bugs"):
        shown = await text(here.browser(), path)
        assert TOKEN not in shown
        if not path.startswith("/api"):
            assert "<script" not in shown
    assert "GITHUB_TOKEN" in await text(here.browser(), f"/failures/{JOB.key}")


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/failures",
        "/sign-in",
        "/setup",
        "/nowhere",
        "/api/bugs",
        "/api/nowhere",
        "/static/upriver.css",
        "/static/x",
    ],
)
async def test_every_answer_keeps_itself_to_itself(here, path):
    answer = await here.browser().get(path)
    policy = {row.split()[0]: row.split()[1:] for row in answer.headers["Content-Security-Policy"].split(";")}
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == ["'none'"]
    assert "unsafe-inline" not in str(policy)
    assert "script-src" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    if answer.content_type == "text/html":
        page = await answer.text()
        assert not re.search(r"\sstyle=|\son\w+=|<script|<style", page)
        assert not re.search(r'(src|href)="(https?:)?//', page)


async def test_cookies_are_for_the_server_alone(tmp_path):
    async with site(tmp_path, public_url="https://upriver.example") as where:
        answer = await where.browser().post("/sign-in", data={"operator_token": OPERATOR}, allow_redirects=False)
        (cookie,) = answer.cookies.values()
        assert cookie["httponly"]
        assert cookie["secure"]
        assert cookie["samesite"] == "Lax"


# ---------------------------------------------------------------------------------------------- the API's description


def described_form(path: str) -> str:
    return re.sub(r"\{(\w+):[^}]*\}", r"{\1}", path)


async def test_every_route_below_api_is_described_and_nothing_else(here):
    document = await (await here.browser().get("/api/openapi.json")).json()
    OpenAPI.from_dict(document)  # raises where it is no OpenAPI document
    told = {(method.upper(), path) for path, row in document["paths"].items() for method in row}
    there = {(row.method, described_form(row.path)) for row in routes() if row.path.startswith("/api/")}
    assert told == there


async def test_every_described_path_answers_as_described(seen):
    operator = await seen.operator()
    document = await (await operator.get("/api/openapi.json")).json()
    values = {
        "/api/bugs/{key}": seen.public,
        "/api/failures/{key}": JOB.key,
        "/api/distributions/{name}/releases": "werkzeug",
    }
    tried = 0
    for path, row in document["paths"].items():
        if "get" not in row:
            continue
        schema = row["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        validator = Draft202012Validator({**schema, "components": document["components"]})
        answer = await operator.get(re.sub(r"\{\w+\}", values.get(path, ""), path))
        assert answer.status == 200, path
        problems = [
            f"{path}: {list(error.path)} {error.message[:200]}" for error in validator.iter_errors(await answer.json())
        ]
        assert problems == []
        tried += 1
    assert tried == 11
