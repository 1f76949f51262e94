"""Builds, logs, artifacts and the last green run, from a real server on loopback."""

import gzip
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Trust
from bot.sources.download import Downloader, Guard
from bot.sources.zuul import Caps, ZuulLogs, ZuulSite, build_page, job_key, read_build, trust_of
from bot.sources.zuul.places import below, in_listing, in_manifest, logs_at
from tests.zuul.logserver import Built, LogServer

BAD, GOOD, OTHER = "b" * 32, "a" * 32, "c" * 32


@pytest.fixture
async def server():
    served = LogServer()
    await served.start()
    yield served
    await served.stop()


@pytest.fixture
async def logs(server):
    client = Downloader(Guard(private=("127.0.0.1",)), seconds=20)
    yield ZuulLogs(client, ZuulSite(api=server.api), Caps(log=1 << 20, artifact=1 << 16))
    await client.close()


def failing(**extra):
    files = {
        "job-output.txt": b"it failed\n",
        "job-output.json": b"[]",
        "zuul-info/inventory.yaml": b"all: {}\n",
        "testrepository.subunit": b"\xb3",
        "controller/logs/big.txt": b"no",
        "reports/junit-unit.xml": b"<testsuite/>",
        "a b/LNXSYSTM:00": b"x",
    }
    return Built(BAD, files=files, **extra)


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize("manifest", [True, False])
async def test_the_whole_way(server, logs, tmp_path, manifest, nested):
    url = server.add(failing(manifest=manifest, nested=nested))
    server.add(Built(GOOD, result="SUCCESS", ended="2026-11-22T09:00:00", files={"job-output.txt": b"green\n"}))
    spooled = await logs.spool(url, tmp_path)
    assert spooled.log.read_bytes() == b"it failed\n"
    assert spooled.passing.read_bytes() == b"green\n"
    found = {name: path.read_bytes() for name, path in spooled.artifacts}
    expected = {"job-output.json", "zuul-info/inventory.yaml", "testrepository.subunit"}
    assert set(found) == expected | ({"reports/junit-unit.xml"} if manifest else set())
    assert found["job-output.json"] == b"[]"
    assert await logs.spool(url, tmp_path) == spooled  # again over what is there


@pytest.mark.parametrize(
    "other",
    [
        {"branch": "stable/2026.1"},
        {"job": "tox-py312"},
        {"project": "openstack/cinder"},
        {"ended": "2026-11-22T11:00:00"},
        {"log": False},
        {"result": "FAILURE"},
    ],
)
async def test_what_is_not_comparable_is_not_compared(server, logs, tmp_path, other):
    url = server.add(failing())
    green = Built(GOOD, result="SUCCESS", ended="2026-11-22T09:00:00", files={"job-output.txt": b"green\n"})
    server.add(replace(green, **other))
    assert (await logs.spool(url, tmp_path)).passing is None


async def test_a_green_one_that_began_since_is_found(server, logs, tmp_path):
    url = server.add(failing())
    since = datetime(2026, 11, 22, 10, 10, tzinfo=UTC)
    assert await logs.green(url, since, tmp_path) is None
    times = {"started": "2026-11-22T11:00:00", "ended": "2026-11-22T11:05:00"}
    server.add(Built(GOOD, result="SUCCESS", **times, files={"job-output.txt": b"green\n"}))
    assert (await logs.green(url, since, tmp_path)).read_bytes() == b"green\n"
    assert await logs.green(url, since + timedelta(hours=2), tmp_path / "later") is None


async def test_the_newest_green_one_is_taken(server, logs, tmp_path):
    url = server.add(failing())
    for uuid, ended in ((GOOD, "2026-11-21T09:00:00"), (OTHER, "2026-11-22T09:00:00")):
        server.add(Built(uuid, result="SUCCESS", ended=ended, files={"job-output.txt": uuid.encode()}))
    assert (await logs.spool(url, tmp_path)).passing.read_bytes() == OTHER.encode()


async def test_packed_logs_and_artifacts(server, logs, tmp_path):
    files = {
        "job-output.txt.gz": gzip.compress(b"it failed\n"),
        "job-output.json.gz": gzip.compress(b"[]"),
        "testrepository.subunit.gz": gzip.compress(b"\0" * (1 << 20)),
    }
    spooled = await logs.spool(server.add(Built(BAD, files=files)), tmp_path)
    assert gzip.decompress(spooled.log.read_bytes()) == b"it failed\n"
    assert [(name, path.read_bytes()) for name, path in spooled.artifacts] == [("job-output.json", b"[]")]  # no bomb


@pytest.mark.parametrize("api", [True, False])
async def test_a_store_that_says_403_of_what_it_lacks_is_asked_for_the_next_name(server, logs, tmp_path, api):
    page = server.add(Built(BAD, files={"job-output.txt.gz": b"it failed\n"}))
    server.closed.add(f"/logs/{BAD}/job-output.txt")
    if api:
        spooled = await logs.spool(page, tmp_path)
    else:
        client = Downloader(Guard(private=("127.0.0.1",)))
        try:
            spooled = await ZuulLogs(client, None).spool(f"{server.base}/logs/{BAD}/", tmp_path)
        finally:
            await client.close()
    assert spooled.log.read_bytes() == b"it failed\n"


async def test_a_log_that_is_closed_to_us_is_refused(server, logs, tmp_path):
    page = server.add(Built(BAD))
    server.closed |= {f"/logs/{BAD}/job-output.txt", f"/logs/{BAD}/job-output.txt.gz"}
    with pytest.raises(Refused):
        await logs.spool(page, tmp_path)


async def test_an_expired_log_is_gone(server, logs, tmp_path):
    with pytest.raises(Gone):
        await logs.spool(server.add(Built(BAD)), tmp_path)
    with pytest.raises(Gone, match="left no log"):
        await logs.spool(server.add(Built(OTHER, log=False)), tmp_path)


async def test_a_page_in_place_of_the_log_is_gone(server, logs, tmp_path):
    url = server.add(Built(BAD))
    server.builds.pop(BAD)
    server.pages[f"/api/tenant/acme/build/{BAD}"] = web.json_response(Built(BAD).api(server.base))
    server.pages[f"/logs/{BAD}/job-output.txt"] = web.Response(text="<html>Sign in</html>", content_type="text/html")
    with pytest.raises(Gone):
        await logs.spool(url, tmp_path)


async def test_the_api_that_is_asked_is_the_operators(server, logs, tmp_path):
    server.add(failing())
    build = await logs.build(f"http://attacker.test/t/acme/build/{BAD}")
    assert build.uuid == BAD
    assert all(path.startswith("/api/tenant/acme/") for path in server.asked)


async def test_an_answer_that_is_another_build(server, logs):
    server.pages[f"/api/tenant/acme/build/{OTHER}"] = web.json_response(Built(BAD).api(server.base))
    with pytest.raises(Permanent):
        await logs.build(f"{server.base}/t/acme/build/{OTHER}")
    server.pages[f"/api/tenant/acme/build/{GOOD}"] = web.Response(text="<html>")
    with pytest.raises(Transient):
        await logs.build(f"{server.base}/t/acme/build/{GOOD}")


async def test_logs_elsewhere_need_a_listed_host(server, logs, tmp_path):
    built = Built(BAD)
    data = {**built.api(server.base), "log_url": "http://169.254.169.254/logs/"}
    server.pages[f"/api/tenant/acme/build/{BAD}"] = web.json_response(data)
    with pytest.raises(Refused):
        await logs.spool(f"{server.base}/t/acme/build/{BAD}", tmp_path)


@pytest.mark.parametrize(
    ("path", "pages"),
    [
        ("/job/unit/12/", {"/job/unit/12/consoleText": "log"}),
        ("/job/unit/12/testReport/", {"/job/unit/12/consoleText": "log"}),
        ("/logs/7", {"/logs/7/console.txt": "log"}),
        ("/logs/7/", {"/logs/7/job-output.txt": "log"}),
        ("/logs/7/run.log", {"/logs/7/run.log": "log"}),
        (
            "/logs/7/",
            {
                "/logs/7/": '<a href="../">..</a><a href="/etc/x">x</a><a href="stdout.log">s</a>',
                "/logs/7/stdout.log": "log",
            },
        ),
        ("/raw/7", {"/raw/7": "log"}),
    ],
)
async def test_other_cis_logs(server, tmp_path, path, pages):
    for at, text in pages.items():
        server.pages[at] = web.Response(text=text, content_type="text/html" if "<a" in text else "text/plain")
    client = Downloader(Guard(private=("127.0.0.1",)))
    try:
        spooled = await ZuulLogs(client, None).spool(server.base + path, tmp_path)
    finally:
        await client.close()
    assert spooled.log.read_text() == "log"


@pytest.mark.parametrize("end", ["", "job-output.txt"])
async def test_a_zuul_that_links_to_its_logs_has_artifacts_too(server, tmp_path, end):
    """Third-party Zuuls and old ones print the log's address, and have no API that the operator knows."""
    server.add(failing())
    client = Downloader(Guard(private=("127.0.0.1",)))
    try:
        spooled = await ZuulLogs(client, None).spool(f"{server.base}/logs/{BAD}/{end}", tmp_path)
    finally:
        await client.close()
    assert spooled.log.read_bytes() == b"it failed\n"
    assert {name for name, _ in spooled.artifacts} == {
        "job-output.json",
        "zuul-info/inventory.yaml",
        "testrepository.subunit",
    }


@pytest.mark.parametrize(
    ("url", "api", "tenant"),
    [
        ("https://zuul.example.org/t/acme/build/0123456789abcdef", "https://zuul.example.org/api", "acme"),
        ("https://example.org/zuul/t/acme/build/0123456789abcdef/", "https://example.org/zuul/api", "acme"),
        ("https://acme.example.org/build/0123456789abcdef", "https://acme.example.org/api", ""),
    ],
)
def test_build_pages(url, api, tenant):
    page = build_page(url)
    assert (page.api, page.tenant, page.uuid) == (api, tenant, "0123456789abcdef")
    assert job_key(page) == f"zuul:{page.host}/{tenant}/0123456789abcdef"


@pytest.mark.parametrize(
    "url",
    [
        "https://x/t/a/buildset/abcdef0123",
        "https://u:p@x/build/abcdef0123",
        "ftp://x/build/abcdef0123",
        "https://[",
        "",
    ],
)
def test_what_is_no_build_page(url):
    assert build_page(url) is None


@pytest.mark.parametrize(
    ("pipeline", "trust"),
    [
        ("gate", Trust.TRUSTED),
        ("periodic-stable", Trust.TRUSTED),
        ("post", Trust.TRUSTED),
        ("check", Trust.UNTRUSTED),
        ("third-party-check", Trust.UNTRUSTED),
        ("experimental", Trust.UNTRUSTED),
        ("", Trust.UNTRUSTED),
    ],
)
def test_trust_by_pipeline(pipeline, trust):
    assert trust_of(pipeline) is trust


@pytest.mark.parametrize("data", [None, [], {}, {"uuid": 7}, "x"])
def test_what_is_no_build(data):
    assert read_build(data) is None


def test_places():
    assert below("https://l/x/", "a b/c:0") == "https://l/x/a%20b/c%3A0"
    assert below("https://l/x/job-output.txt", "y") == "https://l/x/y"
    assert below("https://l/x?sig=1", "y") == "https://l/x/y"
    assert logs_at("https://p/view/gs/b/logs/1")[0].endswith("/b/logs/1/build-log.txt")
    assert in_listing('<a href="http://evil/console.txt">', "https://l/x/") == ()
    deep = {"tree": [{"name": "d", "mimetype": "application/directory", "children": []}, 3, {"name": ".."}, {"x": 1}]}
    assert in_manifest(deep, "https://l/") == ()
    assert in_manifest(None, "https://l/") == ()
