"""Real Gerrits, started once a session, side by side, and ended with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gerrit import parts
from tests.gerrit.proxy import Proxy
from tests.gerrit.server import Server
from tests.gerrit.site import populate
from tests.parts import require


def versions():
    """What this machine can run."""
    return [parts.NEWEST, *([parts.OLDER] if parts.java_17() else [])]


def started(server, folder):
    """The server with people on it."""
    server.init()
    server.start()
    return populate(server, folder)


@pytest.fixture(scope="session")
def sites(request, tmp_path_factory):
    """The servers that the session's tests ask for, by version."""
    asked = [item.callspec.params.get("site") for item in request.session.items if hasattr(item, "callspec")]
    ready, servers = parts.ready(require("gerrit").parent), []
    try:
        with ThreadPoolExecutor() as pool:
            waiting = {}
            for version in versions():
                if version not in (parts.NEWEST, *asked):
                    continue
                folder = tmp_path_factory.mktemp(f"gerrit-{version}")
                servers.append(Server(version, *ready[version], folder / "site"))
                waiting[version] = pool.submit(started, servers[-1], folder)
            found = {version: future.result() for version, future in waiting.items()}
        yield found
    finally:
        for server in servers:
            server.kill()  # nobody reads its files again


@pytest.fixture(params=versions())
def site(request, sites):
    """Each version in turn."""
    found = sites[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_GERRIT_PASSWORD", found.bot.password)
        yield found


@pytest.fixture
async def proxies(site):
    """Two proxies before the server: HTTP and SSH."""
    http, ssh = Proxy(site.server.http), Proxy(site.server.ssh)
    await http.start()
    await ssh.start()
    yield http, ssh
    await http.stop()
    await ssh.stop()


@pytest.fixture
def newest_site(sites, monkeypatch):
    """Gerrit 3.13 alone, where one is enough."""
    monkeypatch.setenv("TEST_GERRIT_PASSWORD", sites[parts.NEWEST].bot.password)
    return sites[parts.NEWEST]
