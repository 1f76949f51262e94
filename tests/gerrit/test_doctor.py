"""The doctor on real servers: what is well, and each illness with its cure."""

import asyncio

import asyncssh
import pytest

from bot.sources.gerrit.doctor import examine
from tests.gerrit.site import PROJECT

pytestmark = pytest.mark.slow


async def test_a_healthy_server(site):
    found = await examine(site.settings())
    assert [row for row in found if not row.good] == []
    assert {"account", "clock", "stream", "projects", "review", "group nova core"} <= {row.name for row in found}


def other_key():
    return asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()


@pytest.mark.parametrize(
    ("change", "name", "cure"),
    [
        ({"ssh_host_keys": [other_key()]}, "stream", "compare with the administrator"),
        ({"ssh_port": 1}, "stream", "port 1 open"),
        ({"ssh_key": "/nowhere/key"}, "stream", "check that the file"),
        ({"http_password_env": "TEST_GERRIT_WRONG"}, "account", "HTTP password"),
        ({"vote": {"Code-Review": 2, "No-Such-Label": 1}}, "review", "No-Such-Label"),
        ({"people": {"groups": {"no such group": "write"}}}, "group no such group", "visible"),
    ],
)
async def test_each_illness_has_a_cure(site, monkeypatch, change, name, cure):
    monkeypatch.setenv("TEST_GERRIT_WRONG", "wrong")
    await asyncio.to_thread(site.server.change, PROJECT, site.owner)
    bad = {row.name: row for row in await examine(site.settings(**change)) if not row.good}
    assert cure in bad[name].do


async def test_an_account_without_the_capability_is_told_so(site, tmp_path):
    key = asyncssh.generate_private_key("ssh-ed25519")
    (tmp_path / "key").write_bytes(key.export_private_key())
    site.server.as_(site.stranger, "POST", "accounts/self/sshkeys", key.export_public_key().decode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEST_GERRIT_PASSWORD", site.stranger.password)
        found = await examine(site.settings(username="stranger", ssh_key=tmp_path / "key"))
    bad = {row.name: row for row in found if not row.good}
    assert "service user" in bad
    assert "Stream Events" in bad["stream"].do or "Stream Events" in bad["stream"].says
