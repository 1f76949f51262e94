"""One GitHub with our credentials on it: the App, its installations, a machine account. Every client is made here."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from msgspec import Struct

from bot.errors import ConfigError, Gone, Permanent, Refused, Transient
from bot.model import Delivery
from bot.sources.github.client import PAUSE, Client, translated
from bot.sources.github.places import Places

PUBLIC_API = "https://api.github.com"
PUBLIC_WEB = "https://github.com"
TOKEN_LIFE = 55 * 60.0
"""An installation token lives an hour; a new one is asked for before that."""
LOOKED_UP_FOR = 10 * 60.0
"""Seconds that an installation, or that there is none, is believed."""


class Account(Struct, frozen=True, kw_only=True):
    """Where one GitHub is and who we are there."""

    api: str = ""
    web: str = ""
    app_id: str = ""
    private_key: str = ""
    """PEM, or the path of a file that holds it."""
    upstream_app_id: str = ""
    upstream_private_key: str = ""
    """A second App, which libraries install to receive reports; it sends us nothing."""
    upstream_token: str = ""
    pause: float = PAUSE
    """Seconds between two writes of one credential."""
    seconds: float = 30.0
    """Longest time of one request."""


def read_key(key: str) -> str:
    """The private key in PEM, from itself or from its file. Raises `ConfigError`."""
    text = key.strip().replace("\\n", "\n")
    if text and not text.startswith("-----BEGIN"):
        try:
            text = Path(text).read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise ConfigError(f"UPRIVER_GITHUB_PRIVATE_KEY is neither a key in PEM nor a file: {error}") from error
    if not text:
        return ""
    try:
        serialization.load_pem_private_key((text + "\n").encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"UPRIVER_GITHUB_PRIVATE_KEY is no private key in PEM: {error}"[:300]) from error
    return text + "\n"


class Forge:
    """Clients by credential. Make it inside the loop that uses it; close it."""

    def __init__(self, account: Account) -> None:
        self.api = (account.api or PUBLIC_API).rstrip("/")
        self.places = Places((account.web or PUBLIC_WEB).rstrip("/"))
        self._account = account
        keys = (
            (account.app_id, read_key(account.private_key)),
            (account.upstream_app_id, read_key(account.upstream_private_key)),
        )
        self._keys = [(identity, key) for identity, key in keys if identity and key]
        self._own = bool(account.app_id and keys[0][1])
        self._session: aiohttp.ClientSession | None = None
        self._apps: dict[int, Client] = {}
        self._machine: Client | None = None
        self._nobody: Client | None = None
        self._installations: dict[str, Client] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._found: dict[str, tuple[str, float]] = {}
        self._app_of: dict[str, int] = {}
        self._logins: set[str] = set()
        self._authors: dict[str, str] = {}

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()
        self._session = self._machine = self._nobody = None
        self._apps.clear()
        self._installations.clear()

    # -------------------------------------------------------------------------------- clients

    @property
    def has_app(self) -> bool:
        """Whether an App is configured."""
        return self._own

    def app(self, which: int = 0) -> Client:
        """The App itself, or the second one that only reports. Raises `Refused` where none is configured."""
        if which >= len(self._keys):
            raise Refused("no GitHub App is configured")
        if which not in self._apps:
            identity, key = self._keys[which]
            self._apps[which] = self._client(app_id=identity, private_key=key)
        return self._apps[which]

    def installation(self, identity: str) -> Client:
        """An installation of the App."""
        if identity not in self._installations:

            async def renew() -> str:
                return await self._token(identity)

            def drop() -> None:
                self._tokens.pop(identity, None)

            self._installations[identity] = self._client(renew=renew, drop=drop)
        return self._installations[identity]

    def machine(self) -> Client | None:
        """The machine account's classic token, or None."""
        if self._machine is None and self._account.upstream_token:
            self._machine = self._client(oauth_token=self._account.upstream_token)
        return self._machine

    def nobody(self) -> Client:
        """Nobody in particular: sees what is public, sixty times an hour."""
        if self._nobody is None:
            self._nobody = self._client()
        return self._nobody

    def _client(self, **credentials: Any) -> Client:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=self._account.seconds, sock_connect=10)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(timeout=timeout, cookie_jar=jar, trust_env=False)
        return Client(self._session, self.api, pause=self._account.pause, **credentials)

    async def _token(self, identity: str) -> str:
        known = self._tokens.get(identity)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        path = "/app/installations/{installation_id}/access_tokens"
        try:
            app = self.app(self._app_of.get(identity, 0))
            answer = await app.write("POST", path, {}, installation_id=identity)
        except jwt.PyJWTError as error:
            raise Refused(f"the App's private key can't sign: {error}") from error
        token = str(answer["token"])
        self._tokens[identity] = token, time.monotonic() + TOKEN_LIFE
        return token

    # -------------------------------------------------------------------------------- which one where

    async def installed(self, repository: str) -> str:
        """Our installation that covers a repository, the first App's before the second's; empty where there is none."""
        name = repository.lower()
        known = self._found.get(name)
        if known is None or known[1] <= time.monotonic():
            identity = ""
            for which in range(len(self._keys)):
                identity = identity or await self._installed(repository, which)
            known = self._found[name] = identity, time.monotonic() + LOOKED_UP_FOR
        return known[0]

    async def _installed(self, repository: str, which: int) -> str:
        owner, repo = repository.split("/")
        try:
            row = await self.app(which).get("/repos/{owner}/{repo}/installation", owner=owner, repo=repo)
        except (Gone, Refused):
            return ""
        if row.get("suspended_at"):
            return ""
        self._app_of[str(row["id"])] = which
        return str(row["id"])

    async def reader(self, repository: str, installation: str = "") -> Client:
        """Who may read a repository best: its installation, the machine account, any installation, nobody.

        An installation's token reads what is public anywhere, with its own 5,000 requests an hour; nobody has 60.
        """
        identity = installation or await self.installed(repository)
        if identity:
            return self.installation(identity)
        return self.machine() or next(iter(self._installations.values()), None) or self.nobody()

    async def writer(self, repository: str, installation: str = "") -> tuple[str, Client] | None:
        """The channel that is open for writing, `app` before `token`, with its client; None where only a human may."""
        identity = installation or await self.installed(repository)
        if identity:
            return "app", self.installation(identity)
        machine = self.machine()
        return ("token", machine) if machine else None

    # -------------------------------------------------------------------------------- who we are

    @property
    def logins(self) -> frozenset[str]:
        """The logins under which we write, as far as they were asked for (`introduce`), lower case."""
        return frozenset(self._logins)

    async def introduce(self) -> frozenset[str]:
        """Ask GitHub who we are. What can't be asked now is asked later."""
        for channel in ("app", "second app", "token"):
            with contextlib.suppress(Permanent, Transient):
                await self.login_of(channel)
        return self.logins

    async def login_of(self, channel: str) -> str:
        """The login under which a channel writes; empty for a channel that is not there."""
        if channel not in self._authors:
            login = ""
            which = {"app": 0, "second app": 1}.get(channel, len(self._keys))
            if which < len(self._keys):
                login = f"{(await self.app(which).get('/app'))['slug']}[bot]"
            elif channel == "token" and (machine := self.machine()) is not None:
                login = str((await machine.get("/user"))["login"])
            self._authors[channel] = login
            if login:
                self._logins.add(login.lower())
        return self._authors[channel]

    # -------------------------------------------------------------------------------- deliveries

    async def missed(self, since: datetime) -> AsyncIterator[Delivery]:
        """The App's deliveries since then that were not answered with success, oldest last.

        All are looked at: GitHub's own filter for failures leaves out time-outs and refused connections. One whose
        later attempt arrived is not missed.
        """
        arrived: set[str] = set()
        async for row in self.app().pages("/app/hook/deliveries?per_page=100", most=20_000):
            at = datetime.fromisoformat(row["delivered_at"])
            if at < since:
                return
            if row["status"] == "OK":
                arrived.add(row["guid"])
            elif row["guid"] not in arrived:
                arrived.add(row["guid"])
                with contextlib.suppress(Gone):
                    yield await self._delivery(row["id"], at)

    async def _delivery(self, number: int, at: datetime) -> Delivery:
        row = await self.app().get("/app/hook/deliveries/{number}", number=str(number))
        with translated(reading=True):
            payload = json.dumps(row["request"]["payload"]).encode()
            return Delivery(id=row["guid"], source="github", event=row["event"], payload=payload, received_at=at)
