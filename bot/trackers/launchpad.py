"""Launchpad's bugs as a Tracker: read anonymously over its web service, filed by a human's link or an OAuth token.

`https://bugs.launchpad.net/PROJECT` is a tracker, `…/PROJECT/+bug/N` a thread. The web service is
`https://api.launchpad.net/devel` (https://help.launchpad.net/API); its operations are named by `ws.op`.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from msgspec import Struct

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Recipient, Report, Thread
from bot.ports import Found, Posted
from bot.render import markers
from bot.render.report import prefilled

API = "https://api.launchpad.net/devel"
WEB = "launchpad.net"
MOST_BUGS = 300
PAGE = 75
MOST_BYTES = 16 << 20

_NAME = re.compile(r"^[a-z0-9][a-z0-9+.-]{0,80}$")
_OPEN = ("New", "Incomplete", "Confirmed", "Triaged", "In Progress", "Fix Committed")
_CLOSED = ("Opinion", "Fix Released", "Invalid", "Won't Fix", "Expired")
_CLOSED_AS = {
    "Fix Released": "completed",
    "Invalid": "not_planned",
    "Won't Fix": "not_planned",
    "Opinion": "not_planned",
    "Expired": "not_planned",
}


class Token(Struct, frozen=True, kw_only=True):
    """An OAuth 1 access token for Launchpad, as `launchpadlib` or its web page hands it out."""

    consumer: str
    token: str
    secret: str

    def header(self) -> str:
        """The `Authorization` header, signed with PLAINTEXT as Launchpad wants it over TLS."""
        rows = {
            "oauth_consumer_key": self.consumer,
            "oauth_token": self.token,
            "oauth_signature_method": "PLAINTEXT",
            "oauth_signature": f"&{quote(self.secret, safe='')}",
            "oauth_timestamp": str(int(time.time())),
            "oauth_nonce": secrets.token_hex(12),
            "oauth_version": "1.0",
        }
        said = ", ".join(f'{key}="{quote(value, safe="")}"' for key, value in rows.items())
        return f'OAuth realm="{API}/", {said}'


def project_of(tracker: str) -> str | None:
    """The project of a Launchpad address, or None for what is none."""
    parts = urlsplit(tracker)
    if parts.scheme not in {"http", "https"} or parts.hostname not in {WEB, f"bugs.{WEB}", f"www.{WEB}"}:
        return None
    names = [part for part in parts.path.split("/") if part]
    return names[0] if names and _NAME.match(names[0]) and not names[0].startswith(("~", "+")) else None


def bug_of(thread: str) -> str | None:
    """The number of the bug behind a thread's address."""
    parts = urlsplit(thread)
    found = re.search(r"/(?:\+bug|bugs)/(\d{1,12})(?:/|$)", parts.path)
    ours = parts.hostname in {WEB, f"bugs.{WEB}", f"www.{WEB}"}
    return found.group(1) if found and ours else None


class Launchpad:
    """Launchpad's bugs. Without a token everything is read and nothing written."""

    name = "launchpad"

    def __init__(self, *, api: str = API, token: Token | None = None, seconds: float = 30.0) -> None:
        self._api = api.rstrip("/")
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """End the connections."""
        if self._session is not None:
            await self._session.close()

    def takes(self, tracker: str) -> bool:
        """Whether it is a project or a bug on Launchpad."""
        return project_of(tracker) is not None or bug_of(tracker) is not None

    async def recipient(self, tracker: str) -> Recipient:
        """The project. Launchpad has no opt-out file; a project that does not use its bug tracker takes no reports."""
        project = self._project(tracker)
        about = await self._get(f"{self._api}/{quote(project, safe='')}")
        refused = None
        if about.get("official_bugs") is False:
            refused = "the project does not use Launchpad's bug tracker"
        elif about.get("active") is False:
            refused = "the project is no longer active"
        return Recipient(name=f"{WEB}/{project}", channel="token" if self._token else "link", refused=refused)

    async def standing(self, tracker: str, fingerprint: str, since: datetime) -> Sequence[Found]:
        """Bugs reported since then whose description carries the fingerprint, by listing."""
        tasks = await self._tasks(tracker, {"created_since": _day(since), "order_by": "-datecreated"})
        found = [await self._found(task) for task in tasks]
        return tuple(row for row in found if fingerprint in markers.fingerprints(row.body))

    async def search(self, tracker: str, words: Sequence[str], since: datetime) -> Sequence[Found]:
        """Bugs that name all of the words, in whatever state."""
        wanted = {"search_text": " ".join(words)[:200], "modified_since": _day(since)}
        found = [await self._found(task) for task in (await self._tasks(tracker, wanted))[:20]]
        lower = [word.lower() for word in words]
        return tuple(row for row in found if all(word in f"{row.title}\n{row.body}".lower() for word in lower))

    async def open(self, report: Report) -> Thread:
        """File a bug. Refused without a token: then a human does it by the link."""
        project = self._project(report.tracker)
        self._authorised(report.prefilled or prefilled(report.tracker, report.title, report.body))
        data = {
            "ws.op": "createBug",
            "title": report.title,
            "description": report.body,
            "target": f"{self._api}/{project}",
        }
        where = (await self._post(f"{self._api}/bugs", data)).get("Location", "")
        number = where.rstrip("/").rpartition("/")[2]
        if not number.isdigit():
            raise Permanent("Launchpad took the bug and does not say its number")
        url = f"https://bugs.{WEB}/{project}/+bug/{number}"
        return Thread(url=url, tracker=report.tracker, opened_at=datetime.now(UTC))

    async def comment(self, thread: str, body: str) -> Posted:
        """Add a message to a bug."""
        number = self._bug(thread)
        self._authorised(thread)
        headers = await self._post(f"{self._api}/bugs/{number}", {"ws.op": "newMessage", "content": body})
        where = headers.get("Location", "")
        return Posted(id=where or f"{thread}#new", url=thread, body=body)

    async def comments(self, thread: str, since: datetime) -> Sequence[Posted]:
        """A bug's messages since then; the first is its description and is left out."""
        rows = await self._entries(f"{self._api}/bugs/{self._bug(thread)}/messages", MOST_BUGS)
        return tuple(
            Posted(
                id=_text(row.get("self_link")),
                url=_text(row.get("web_link")) or thread,
                body=_text(row.get("content")),
                author=_text(row.get("owner_link")).rpartition("~")[2],
                at=at,
            )
            for row in rows[1:]
            if (at := _when(row.get("date_created"))) is not None and at >= since
        )

    async def edit(self, thread: str, body: str) -> None:
        """Replace a bug's description."""
        self._authorised(thread)
        await self._ask("PATCH", f"{self._api}/bugs/{self._bug(thread)}", json={"description": body})

    async def state(self, thread: str) -> Found:
        """A bug as it stands, by its task in the thread's project."""
        number = self._bug(thread)
        bug = await self._get(f"{self._api}/bugs/{number}")
        tasks = await self._entries(f"{self._api}/bugs/{number}/bug_tasks", PAGE)
        project = project_of(thread)
        mine = [task for task in tasks if _text(task.get("bug_target_name")).partition(" ")[0] == project]
        task = next(iter(mine or tasks), {})
        return _as_found(bug, _text(task.get("status")), thread)

    # ------------------------------------------------------------------------------------------ the web service

    async def _tasks(self, tracker: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
        """Bug tasks of a project in every state; unless it is told, the service lists open ones only."""
        rows = [("ws.op", "searchTasks"), ("ws.size", str(PAGE)), *query.items()]
        rows += [("status", status) for status in (*_OPEN, *_CLOSED)]
        project = quote(self._project(tracker), safe="")
        return await self._entries(f"{self._api}/{project}?{urlencode(rows)}", MOST_BUGS)

    async def _found(self, task: Mapping[str, Any]) -> Found:
        bug = await self._get(_text(task.get("bug_link")))
        return _as_found(bug, _text(task.get("status")), _text(task.get("web_link")))

    async def _entries(self, url: str, most: int) -> list[Mapping[str, Any]]:
        """A collection's entries over its pages."""
        found: list[Mapping[str, Any]] = []
        following = url
        while following and len(found) < most:
            page = await self._get(following)
            found += [row for row in page.get("entries", ()) if isinstance(row, Mapping)]
            following = _text(page.get("next_collection_link"))
        return found[:most]

    async def _get(self, url: str) -> Mapping[str, Any]:
        _, data = await self._ask("GET", url)
        if not isinstance(data, Mapping):
            raise Transient("Launchpad answered with something that is no object")
        return data

    async def _post(self, url: str, data: Mapping[str, str]) -> Mapping[str, str]:
        headers, _ = await self._ask("POST", url, data=data)
        return headers

    async def _ask(self, method: str, url: str, **body: Any) -> tuple[Mapping[str, str], Any]:
        """One call. Links in answers are followed within the service only: the token goes nowhere else."""
        if not url.startswith(f"{self._api}/"):
            raise Permanent("Launchpad links to an address outside its web service")
        headers = {"Accept": "application/json"}
        if self._token is not None:
            headers["Authorization"] = self._token.header()
        try:
            async with self._open().request(method, url, headers=headers, allow_redirects=False, **body) as answer:
                _raise_for(answer)
                raw = bytearray()
                async for part in answer.content.iter_chunked(1 << 16):
                    raw += part
                    if len(raw) > MOST_BYTES:
                        raise Permanent("Launchpad answers with more than is read")
                return dict(answer.headers), _json(raw.decode("utf-8", "replace"))
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Transient(f"Launchpad could not be reached: {type(error).__name__}") from error

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _authorised(self, link: str) -> None:
        if self._token is None:
            raise Refused(f"no Launchpad token is configured; a human does it here: {link}")

    def _project(self, tracker: str) -> str:
        project = project_of(tracker)
        if project is None:
            raise Refused(f"{tracker} is no project on Launchpad")
        return project

    def _bug(self, thread: str) -> str:
        number = bug_of(thread)
        if number is None:
            raise Gone(f"{thread} is no bug on Launchpad")
        return number


def _as_found(bug: Mapping[str, Any], status: str, url: str) -> Found:
    duplicate = bool(bug.get("duplicate_of_link"))
    closed = duplicate or status in _CLOSED
    author = _text(bug.get("owner_link")).rpartition("~")[2]
    body = _text(bug.get("description"))
    return Found(
        url=url or _text(bug.get("web_link")),
        title=_text(bug.get("title")),
        state="closed" if closed else "open",
        author=author,
        by_human=not markers.fingerprints(body),
        created_at=_when(bug.get("date_created")),
        body=body,
        closed_as="duplicate" if duplicate else _CLOSED_AS.get(status, "") if closed else "",
    )


def _raise_for(answer: aiohttp.ClientResponse) -> None:
    status = answer.status
    if status in {200, 201, 209}:
        return
    if status in {404, 410}:
        raise Gone(f"Launchpad says {status}")
    if status in {401, 403}:
        raise Refused(f"Launchpad says {status}: the token does not count, or the bug is private")
    if status in {408, 429} or status >= 500:
        wait = answer.headers.get("Retry-After", "")
        raise Transient(f"Launchpad says {status}", retry_after=float(wait) if wait.isdigit() else None)
    raise Permanent(f"Launchpad says {status}")


def _json(text: str) -> Any:
    if not text.strip():
        return {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Transient("Launchpad answered with something that is no JSON") from error


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _when(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(value)).astimezone(UTC)
    except ValueError:
        return None


def _day(since: datetime) -> str:
    return since.astimezone(UTC).strftime("%Y-%m-%d")
