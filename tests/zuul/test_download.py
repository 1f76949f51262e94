"""The guarded downloader against a real server on loopback."""

import gzip
import ipaddress

import pytest
from aiohttp import web
from yarl import URL

from bot.errors import Gone, Permanent, Refused, Transient
from bot.sources.download import Downloader, Guard, is_public

LOOPBACK = Guard(private=("127.0.0.1", "localhost"))


def moved(to):
    return lambda: web.Response(status=302, headers={"Location": to})


def coded(body, coding="gzip"):
    return lambda: web.Response(body=body, headers={"Content-Encoding": coding})


PAGES = {
    "/plain": lambda: web.Response(body=b"x" * 1000),
    "/gzip": coded(gzip.compress(b"y" * 100_000)),
    "/two-members": coded(gzip.compress(b"a") + gzip.compress(b"b")),
    "/bomb": coded(gzip.compress(b"\0" * 50_000_000)),
    "/broken": coded(b"\x1f\x8b" + b"nothing" * 9),
    "/zstd": coded(b"?", "zstd"),
    "/hop": moved("/plain"),
    "/loop": moved("/loop"),
    "/inside": moved("http://169.254.169.254/latest/meta-data"),
    "/file": moved("file:///etc/passwd"),
    "/json": lambda: web.json_response({"a": 1}),
    "/busy": lambda: web.Response(status=503, headers={"Retry-After": "7"}),
    "/secret": lambda: web.Response(status=403),
}


async def cut_short(request):
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"only this")
    request.transport.close()
    return response


@pytest.fixture
async def server():
    asked = []

    async def answer(request):
        asked.append((request.path, dict(request.headers)))
        if request.path == "/short":
            return await cut_short(request)
        if request.path == "/away":
            return moved(f"http://localhost:{request.url.port}/plain")()
        return PAGES.get(request.path, lambda: web.Response(status=404))()

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", asked
    await runner.cleanup()


@pytest.fixture
async def client():
    downloader = Downloader(LOOPBACK, seconds=20, idle_seconds=5)
    yield downloader
    await downloader.close()


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/plain", b"x" * 1000), ("/gzip", b"y" * 100_000), ("/hop", b"x" * 1000), ("/two-members", b"ab")],
)
async def test_what_is_served_is_written(server, client, tmp_path, path, expected):
    got = await client.fetch(server[0] + path, tmp_path / "log", most=1 << 20)
    assert (tmp_path / "log").read_bytes() == expected
    assert (got.bytes, got.cut) == (len(expected), False)


async def test_the_cap_holds_behind_the_compression(server, client, tmp_path):
    got = await client.fetch(server[0] + "/bomb", tmp_path / "log", most=10_000)
    assert got.cut
    assert (tmp_path / "log").stat().st_size == 10_000


async def test_a_part_is_refused_where_only_the_whole_helps(server, client, tmp_path):
    with pytest.raises(Permanent):
        await client.fetch(server[0] + "/bomb", tmp_path / "log", most=10_000, partial=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/missing", Gone),
        ("/secret", Refused),
        ("/inside", Refused),
        ("/file", Refused),
        ("/loop", Refused),
        ("/busy", Transient),
        ("/short", Transient),
        ("/broken", Permanent),
        ("/zstd", Permanent),
    ],
)
async def test_errors_say_what_to_do(server, client, tmp_path, path, error):
    with pytest.raises(error) as caught:
        await client.fetch(server[0] + path, tmp_path / "log", most=1 << 20)
    assert type(caught.value) is error
    assert list(tmp_path.iterdir()) == []
    if path == "/busy":
        assert caught.value.retry_after == 7


async def test_credentials_do_not_follow_to_another_origin(server, client, tmp_path):
    base, asked = server
    await client.fetch(base + "/away", tmp_path / "log", most=9999, headers={"Authorization": "secret"})
    assert [("Authorization" in headers) for _, headers in asked] == [True, False]


async def test_json_and_what_is_none(server, client):
    assert await client.json(server[0] + "/json") == {"a": 1}
    with pytest.raises(Transient):
        await client.json(server[0] + "/plain")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://logs.example.org/x",
        "http://user:secret@logs.example.org/x",
        "http://example.org/",
        "http://evil-logs.example.org.attacker.test/",
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "http:///x",
    ],
)
def test_what_is_not_listed_is_refused(url):
    guard = Guard(hosts=("logs.example.org", "*.ci.example.org", "127.0.0.1", "[::1]", "0.0.0.0", "::ffff:127.0.0.1"))
    with pytest.raises(Refused):
        guard.check(URL(url))


async def test_a_name_that_resolves_to_a_private_address_is_not_connected_to(server, tmp_path):
    downloader = Downloader(Guard(hosts=("localhost",)), seconds=5)
    with pytest.raises(Transient, match="private"):
        await downloader.fetch(server[0].replace("127.0.0.1", "localhost") + "/plain", tmp_path / "log", most=9)
    await downloader.close()
    assert server[1] == []


@pytest.mark.parametrize(
    ("pattern", "url", "allowed"),
    [
        ("*.example.org", "http://a.example.org/", True),
        ("*.example.org", "http://example.org/", False),
        ("*.example.org", "http://badexample.org/", False),
        ("a.example.org:8080", "http://a.example.org:8080/", True),
        ("a.example.org:8080", "http://a.example.org/", False),
        ("A.Example.org", "https://a.example.ORG./", True),
    ],
)
def test_patterns(pattern, url, allowed):
    assert Guard(hosts=(pattern,)).allows(URL(url)) is allowed


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("10.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("2002:a00:1::", False),
        ("2606:4700::1111", True),
    ],
)
def test_public_addresses(address, public):
    assert is_public(ipaddress.ip_address(address)) is public
