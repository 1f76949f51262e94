"""Real Gerrits, started once a session and ended with it."""

from __future__ import annotations

import contextlib

import pytest

from tests.gerrit import parts
from tests.gerrit.proxy import Proxy
from tests.gerrit.server import Server
from tests.gerrit.site import populate
from tests.parts import require


@contextlib.contextmanager
def running(version, folder):
    home, jars = parts.ready(require("gerrit").parent)[version]
    server = Server(version, home, jars, folder / "site")
    server.init()
    try:
        server.start()
        yield populate(server, folder)
    finally:
        server.stop()


@pytest.fixture(scope="session")
def newest(tmp_path_factory):
    """Gerrit 3.13, with people on it."""
    with running(parts.NEWEST, tmp_path_factory.mktemp("gerrit-newest")) as site:
        yield site


@pytest.fixture(scope="session")
def older(tmp_path_factory):
    """Gerrit 3.10, with people on it."""
    with running(parts.OLDER, tmp_path_factory.mktemp("gerrit-older")) as site:
        yield site


def versions():
    """The fixtures of the versions that this machine can run."""
    return ["newest", *(["older"] if parts.java_17() else [])]


@pytest.fixture(params=versions())
def site(request):
    """Each version in turn."""
    found = request.getfixturevalue(request.param)
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
def newest_site(newest, monkeypatch):
    monkeypatch.setenv("TEST_GERRIT_PASSWORD", newest.bot.password)
    return newest
