"""Gerrit's REST API: pygerrit2 in threads, with our time-outs, no hidden retries, and answers that are what they say.

pygerrit2 retries reads up to five times by itself and hands a login page on as text; here neither happens: the worker
alone retries, and a 200 with HTML is a refusal that says what to do.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests
from msgspec import Struct
from pygerrit2 import GerritRestAPI, HTTPBasicAuth, HTTPBasicAuthFromNetrc
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from bot.errors import Gone, Permanent, Refused, Transient, UpriverError
from bot.sources.gerrit.settings import Secrets, Server

THREADS = 4
_NOISY = logging.getLogger("pygerrit2")
_NOISY.handlers.clear()  # pygerrit2 adds a handler of its own when it is imported


class Bearer(AuthBase):
    """`Authorization: Bearer`, which Gerrit takes for OAuth and authentication tokens."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Answer(Struct, frozen=True):
    """A decoded answer and the server's own clock."""

    data: Any
    at: datetime | None


class Rest:
    """One server's REST API. Close it; closing waits for calls under way, which have time-outs."""

    def __init__(self, server: Server, secrets: Secrets) -> None:
        self.server = server
        self._auth = _auth(server, secrets)
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix=f"gerrit-{server.name}")

    async def close(self) -> None:
        """End the threads."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    async def get(self, path: str) -> Answer:
        """A GET. Raises `Transient`, `Gone`, `Refused` or `Permanent`."""
        return await self._call(lambda api, timeout: api.get(path, return_response=True, timeout=timeout, **_STRICT))

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """A POST. After `Transient` it may have happened: look before doing it again."""
        return await self._call(
            lambda api, timeout: api.post(path, return_response=True, json=dict(body), timeout=timeout, **_STRICT)
        )

    async def _call(self, act: Callable[[GerritRestAPI, tuple[float, float]], Any]) -> Answer:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._do, act)

    def _do(self, act: Callable[[GerritRestAPI, tuple[float, float]], Any]) -> Answer:
        """In a thread, with that thread's own session."""
        host = self.server.name
        try:
            data, response = act(self._api(), (min(10.0, self.server.http_seconds), self.server.http_seconds))
        except requests.HTTPError as error:
            raise _translated(host, error.response) from error
        except (requests.RequestException, OSError) as error:
            raise Transient(f"{host} could not be reached: {type(error).__name__}") from error
        except ValueError as error:
            raise Transient(f"{host} answered with broken JSON") from error
        _no_page(host, response)
        return Answer(data, _clock(response))

    def _api(self) -> GerritRestAPI:
        api = getattr(self._local, "api", None)
        if api is None:
            api = GerritRestAPI(
                url=self.server.url.rstrip("/"),
                auth=self._auth,
                verify=self.server.verify_tls,
                adapter=HTTPAdapter(max_retries=0),
            )
            self._local.api = api
        return api


_STRICT: dict[str, Any] = {"allow_redirects": False}
"""A redirect is a login page or a proxy's doing; followed on a POST it would become a GET."""


def _auth(server: Server, secrets: Secrets) -> AuthBase:
    if secrets.token.get_secret_value():
        return Bearer(secrets.token.get_secret_value())
    if server.netrc:
        found: AuthBase = HTTPBasicAuthFromNetrc(server.url)
        return found
    basic: AuthBase = HTTPBasicAuth(server.username, secrets.password.get_secret_value())
    return basic


def _translated(host: str, response: requests.Response) -> UpriverError:
    """Gerrit's refusal as ours. Its texts are short sentences that are made for people."""
    said = "" if "html" in response.headers.get("Content-Type", "") else response.text.strip()[:200]
    text = f"{host} says {response.status_code}" + (f": {said}" if said else "")
    if response.status_code in {404, 410}:
        return Gone(text)
    if response.status_code in {401, 403}:
        return Refused(f"{text}; check the account's password, groups and access rights (upriver doctor)")
    if response.status_code in {408, 425, 429} or response.status_code >= 500:
        wait = response.headers.get("Retry-After", "")
        return Transient(text, retry_after=float(wait) if wait.isdigit() and len(wait) < 7 else None)
    return Permanent(text)


def _no_page(host: str, response: requests.Response) -> None:
    kind = response.headers.get("Content-Type", "")
    if response.status_code in {301, 302, 303, 307, 308} or "html" in kind:
        raise Refused(f"{host} answers with a login page: the password or token does not count for its REST API")
    if response.status_code != 204 and response.content and "json" not in kind:
        raise Transient(f"{host} answers with {kind or 'no content type'} where JSON is due")


def _clock(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError):
        return None


def change_path(change: str) -> str:
    """`changes/…` of a `project~number`, quoted."""
    project, _, number = change.rpartition("~")
    if not project or not number.isdigit():
        raise Permanent(f"{change!r} is no change")
    return f"changes/{quote(project, safe='')}~{number}"


def when(text: Any) -> datetime | None:
    """Gerrit's time (`2026-11-24 09:11:24.000000000`, UTC) as an instant; None for what is none."""
    try:
        return datetime.fromisoformat(str(text)[:26]).replace(tzinfo=UTC)
    except ValueError:
        return None
