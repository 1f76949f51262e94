"""The operator's TOML file (`UPRIVER_GERRIT_CONFIG`): which Gerrit servers, as whom, and which accounts are their CIs.

Secrets are not in it: it names the environment variables or files that hold them. `docs/gerrit.md` explains each key.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from bot.errors import ConfigError
from bot.sources.zuul import TRUSTED

Level = Literal["owner", "maintain", "write", "triage", "read", "none"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Ci(_Part):
    """One account whose comments are CI results."""

    account: str
    """Username, or the number of the account. Nobody else's comment is read as a result."""
    api: str = ""
    """Zuul's REST API, `https://zuul.example.org/api`; empty for a CI without one."""
    web: tuple[str, ...] = ()
    """Further hosts at which this Zuul's pages are linked to, where they are not the API's host."""
    tenant: str = ""
    """Zuul's tenant, where its pages do not name it."""
    trusted_pipelines: tuple[str, ...] = TRUSTED
    log_hosts: tuple[str, ...] = ()
    private_log_hosts: tuple[str, ...] = ()


class People(_Part):
    """Which permission whom gives, where commands are judged."""

    groups: Mapping[str, Level] = Field(default_factory=dict)
    """Group name or UUID to a level; subgroups count."""
    votes: Mapping[str, Level] = {"Code-Review+2": "write", "Workflow+1": "write"}
    """`Label+N`: who has given at least that vote on the change."""
    owner: Level = "triage"
    """The change's owner. Anybody can upload a change, so this is no level that decides what goes upstream."""
    anybody: Level = "read"


class Server(_Part):
    """One Gerrit."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$")
    url: str
    """`https://review.example.org/`, with a path where Gerrit lives below one."""
    username: str
    http_password_env: str = ""
    token_env: str = ""
    """An OAuth or authentication token, sent as `Authorization: Bearer`."""
    netrc: bool = False
    """Take user and password from the machine's netrc file."""
    verify_tls: bool = True
    ssh_host: str = ""
    """Empty: the URL's host."""
    ssh_port: int = Field(29418, ge=1, le=65535)
    ssh_key: Path | None = None
    """The private key's file; without one there is no stream and REST is polled."""
    ssh_host_keys: tuple[str, ...] = ()
    """The server's public keys, `ssh-ed25519 AAAA…`. Never learnt from the network."""
    known_hosts: Path | None = None
    projects: tuple[str, ...] = ()
    """Projects that are listened to, `*` and `?` allowed; empty: all that the account can see."""
    query: str = ""
    """Added to every catch-up query, to narrow it on a large site (`-is:wip`)."""
    ci: tuple[Ci, ...] = ()
    people: People = People()
    notify: Literal["NONE", "OWNER", "OWNER_REVIEWERS", "ALL"] = "OWNER"
    """Who gets a mail for advice. Answers to commands notify whoever asked."""
    vote: Mapping[str, int] = Field(default_factory=dict)
    """Labels voted with advice. None by default; advice is no gate."""
    overlap_seconds: float = Field(600, ge=10, le=86_400)
    """How far back a catch-up looks behind its last success: more than the index lags or clocks differ."""
    sweep_seconds: float = Field(300, ge=0.05)
    """Between two catch-ups while the stream is up; a fifth of it while it is down."""
    keepalive_seconds: float = Field(15, ge=0.1)
    http_seconds: float = Field(30, ge=0.5)
    comment_bytes: int = Field(16_000, ge=1000)
    """Longest message; Gerrit's own limit is 16 KiB unless its administrator changed it."""

    @field_validator("url")
    @classmethod
    def _whole_url(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (or http:// on loopback)")
        return value.rstrip("/") + "/"

    def ci_of(self, account: Mapping[str, Any]) -> Ci | None:
        """The CI that an account is, or None."""
        names = {str(account.get("_account_id", "")), str(account.get("username", ""))} - {""}
        return next((row for row in self.ci if row.account in names), None)


class Secrets(BaseModel):
    """What authenticates to one server's REST API."""

    model_config = ConfigDict(frozen=True)
    password: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")


class _File(_Part):
    server: tuple[Server, ...] = Field(min_length=1)


def load(path: Path) -> tuple[Server, ...]:
    """The servers that the file describes. Raises `ConfigError` that lists every mistake."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"UPRIVER_GERRIT_CONFIG: {path}: {error}") from error
    try:
        servers = _File.model_validate(data).server
    except ValidationError as error:
        rows = [f"  {'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()]
        raise ConfigError(f"{path} is wrong:\n" + "\n".join(rows)) from error
    names = [server.name for server in servers]
    if len(set(names)) != len(names):
        raise ConfigError(f"{path} is wrong:\n  server: two servers have the same name")
    problems = [problem for server in servers for problem in _problems(server)]
    if problems:
        raise ConfigError(f"{path} is wrong:\n" + "\n".join(f"  {row}" for row in problems))
    return servers


def _problems(server: Server) -> list[str]:
    """What one value alone does not show."""
    ways = [bool(server.http_password_env), bool(server.token_env), server.netrc]
    rows = []
    if sum(ways) != 1:
        rows.append(f"{server.name}: set exactly one of http_password_env, token_env and netrc")
    rows += [
        f"{server.name}: the environment variable {name} is empty"
        for name in (server.http_password_env, server.token_env)
        if name and not os.environ.get(name)
    ]
    if server.ssh_key is not None and not (server.ssh_host_keys or server.known_hosts):
        rows.append(f"{server.name}: ssh_host_keys or known_hosts is needed beside ssh_key; a host key is never learnt")
    return rows


def secrets_of(server: Server) -> Secrets:
    """The secrets that a server's description names, from the environment."""
    return Secrets(
        password=SecretStr(os.environ.get(server.http_password_env, "") if server.http_password_env else ""),
        token=SecretStr(os.environ.get(server.token_env, "") if server.token_env else ""),
    )
