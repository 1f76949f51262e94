"""What people do with GitHub before there is a token of ours: create the App from its manifest, and sign in.

The manifest flow: docs.github.com, "Registering a GitHub App from a manifest". Signing in: "Authorizing OAuth apps",
the web application flow; a token got there is used for this one answer and forgotten.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp

from bot.errors import Permanent, Refused, Transient
from bot.sources.github.forge import PUBLIC_API, PUBLIC_WEB

SECONDS = 20.0
MOST_ASKED = 100
"""Private projects of which one person's access is asked."""


async def convert(api: str, code: str) -> Mapping[str, Any]:
    """The new App's credentials for a manifest flow's code; GitHub gives them once, within an hour.

    Raises `Permanent` for a code that is not good and `Transient` where GitHub does not answer.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,100}", code):
        raise Permanent("that is no code of GitHub's")
    base = (api or PUBLIC_API).rstrip("/")
    row = await _asked("POST", f"{base}/app-manifests/{quote(code)}/conversions", expected={201})
    if not isinstance(row, dict):
        raise Permanent("GitHub's answer is no App")
    return row


class OAuth:
    """Signing in with the App's OAuth client."""

    def __init__(self, client_id: str, client_secret: str, *, api: str = "", web: str = "") -> None:
        self._id = client_id
        self._secret = client_secret
        self._api = (api or PUBLIC_API).rstrip("/")
        self._web = (web or PUBLIC_WEB).rstrip("/")

    def address(self, state: str, back: str) -> str:
        """Where the browser goes to sign in; it comes back to `back` with `code` and `state`."""
        asked = urlencode({"client_id": self._id, "redirect_uri": back, "state": state, "allow_signup": "false"})
        return f"{self._web}/login/oauth/authorize?{asked}"

    async def person(self, code: str, back: str, asked: Iterable[str]) -> tuple[str, frozenset[str]]:
        """The login of whoever came back with that code, and which of the projects they can read.

        Raises `Permanent` for a code that is not good and `Transient` where GitHub does not answer.
        """
        form = {"client_id": self._id, "client_secret": self._secret, "code": code, "redirect_uri": back}
        granted = await _asked("POST", f"{self._web}/login/oauth/access_token", form=form)
        token = granted.get("access_token") if isinstance(granted, dict) else None
        if not isinstance(token, str):
            raise Permanent("GitHub did not sign you in; try again")
        user = await _asked("GET", f"{self._api}/user", token=token)
        if not isinstance(user, dict) or not isinstance(user.get("login"), str):
            raise Permanent("GitHub did not say who you are")
        names = sorted(asked)[:MOST_ASKED]
        can = await asyncio.gather(*(self._reads(token, name) for name in names))
        return user["login"], frozenset(name for name, yes in zip(names, can, strict=True) if yes)

    async def _reads(self, token: str, project: str) -> bool:
        """Whether the token's owner can read a repository."""
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", project):
            return False
        try:
            await _asked("GET", f"{self._api}/repos/{project}", token=token)
        except Refused:
            return False
        return True


async def _asked(
    method: str, url: str, *, token: str = "", form: Mapping[str, str] | None = None, expected: Iterable[int] = (200,)
) -> Any:
    """One JSON answer. No redirect is followed."""
    headers = {
        "Accept": "application/json",
        "User-Agent": "upriver",
        **({"Authorization": f"Bearer {token}"} if token else {}),
    }
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, headers=headers, data=form, allow_redirects=False) as answer,
        ):
            if answer.status >= 500 or answer.status == 429:
                raise Transient(f"GitHub answered {answer.status}")
            if answer.status not in set(expected):
                raise Refused(f"GitHub answered {answer.status}")
            return await answer.json(content_type=None)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Transient(f"GitHub does not answer: {type(error).__name__}") from error
