"""A Gerrit with people on it: a bot, a CI, a change's owner, a core reviewer, a voter and a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh

from bot.sources.gerrit import Server as Settings
from tests.gerrit.server import Account, Server

PROJECT = "openstack/nova"
GROUP = "nova core"
SERVICE_USERS = "Service Users"


@dataclass
class Site:
    """The server and who is on it."""

    server: Server
    key: Path
    bot: Account
    zuul: Account
    owner: Account
    core: Account
    voter: Account
    stranger: Account
    robot: Account

    def settings(self, *, http: int | None = None, ssh: int | None = None, **more: Any) -> Settings:
        """The operator's file for this server, through proxies where their ports are given."""
        host_key = self.server.keys["ed25519"].export_public_key().decode()
        return Settings.model_validate(
            {
                "name": f"review-{self.server.version}",
                "url": f"http://127.0.0.1:{http or self.server.http}/",
                "username": self.bot.name,
                "http_password_env": "TEST_GERRIT_PASSWORD",
                "ssh_port": ssh or self.server.ssh,
                "ssh_key": self.key,
                "ssh_host_keys": [host_key, *(key.export_public_key().decode() for key in self.server.keys.values())],
                "people": {"groups": {GROUP: "maintain"}, "votes": {"Code-Review+2": "write"}},
                "ci": [{"account": "zuul", "api": "http://127.0.0.1:9/api"}],
                "sweep_seconds": 600,
                "overlap_seconds": 60,
                "keepalive_seconds": 15,
                "http_seconds": 60,
                **more,
            }
        )


def populate(server: Server, folder: Path) -> Site:
    """Accounts, groups and access on a fresh server."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    at = folder / "id_ed25519"
    at.write_bytes(key.export_private_key())
    at.chmod(0o600)
    bot = server.account("upriver", groups=[SERVICE_USERS])
    server.as_(bot, "POST", "accounts/self/sshkeys", key.export_public_key().decode())
    site = Site(
        server=server,
        key=at,
        bot=bot,
        zuul=server.account("zuul", groups=[SERVICE_USERS]),
        owner=server.account("owner"),
        core=server.account("core"),
        voter=server.account("voter"),
        stranger=server.account("stranger"),
        robot=server.account("robot", groups=[SERVICE_USERS]),
    )
    server.ask("PUT", "groups/nova%20core", {"visible_to_all": True, "members": ["core"]})
    server.project(PROJECT)
    vote = {"action": "ALLOW", "min": -2, "max": 2, "force": False}
    rules = {"permissions": {"label-Code-Review": {"label": "Code-Review", "rules": {"Registered Users": vote}}}}
    server.ask("POST", "projects/All-Projects/access", {"add": {"refs/heads/*": rules}})
    return site
