"""GitHub's issues as a Tracker.

Three channels, tried in this order: the App where it is installed upstream; a machine account's classic token; a link
that a human clicks. An App's token can't touch a repository that it was not installed on, and a fine-grained token
can't write to a stranger's repository at all, so without the first two only the link is left.

Every repository is looked up by its present name before anything is written: a write to an old name is redirected, and
a redirected POST may arrive as a GET.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from msgspec import Struct

from bot.errors import Gone, Refused
from bot.model import DistributionName, Recipient, Report, Thread
from bot.ports import Found, Posted
from bot.render import markers
from bot.sources.github.client import Client
from bot.sources.github.contents import text_of
from bot.sources.github.forge import Forge
from bot.sources.github.places import Spot
from bot.sources.github.speech import posted
from bot.sources.projectfiles import distribution_made
from bot.trackers.consent import Wishes, wishes

MOST_ISSUES = 3_000
"""Issues listed when looking for a fingerprint."""
MOST_FOUND = 20
TITLE = 256
BODY = 65_536
READ_FOR = 60 * 60.0
"""Seconds that a repository's opt-out, policies and project file are believed."""
Said = tuple[Wishes, DistributionName | None]
SEARCHED = 200
"""Characters of words sent to search: GitHub takes 256 without qualifiers."""


class Home(Struct, frozen=True, kw_only=True):
    """A repository as it is now."""

    owner: str
    repo: str
    row: Mapping[str, Any]
    client: Client

    @property
    def full_name(self) -> str:
        """`owner/repo`."""
        return f"{self.owner}/{self.repo}"


class GitHubIssues:
    """The issues of one GitHub."""

    name = "github"

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._read: dict[str, tuple[Said, float]] = {}

    def takes(self, tracker: str) -> bool:
        """Whether it is a repository, its issues, or one of its threads, on this GitHub."""
        return self._forge.places.tracker(tracker) is not None or self._forge.places.thread(tracker) is not None

    # -------------------------------------------------------------------------------- where and who

    async def _home(self, tracker: str) -> Home:
        """The repository that a tracker's or thread's URL means, under its present name."""
        spot = self._forge.places.thread(tracker)
        name = spot.repository if spot else self._forge.places.tracker(tracker)
        if name is None:
            raise Refused(f"{tracker} is no issue tracker on {self._forge.places.host}")
        owner, repo = name.split("/")
        client = await self._forge.reader(name)
        row = await client.get("/repos/{owner}/{repo}", owner=owner, repo=repo)
        owner, repo = str(row["full_name"]).split("/")
        if row["full_name"].lower() != name.lower():
            client = await self._forge.reader(str(row["full_name"]))
        return Home(owner=owner, repo=repo, row=row, client=client)

    async def recipient(self, tracker: str) -> Recipient:
        """Who owns the tracker and what it allows today."""
        name = self._forge.places.tracker(tracker)
        try:
            home = await self._home(tracker)
        except Gone:
            owner = (name or "/").split("/")[0].lower()
            return Recipient(
                name=f"{self._forge.places.host}/{owner}", refused="the repository is not there (any more)"
            )
        wanted, makes = await self._said(home)
        channel = await self._forge.writer(home.full_name)
        return Recipient(
            name=f"{self._forge.places.host}/{home.owner.lower()}",
            channel=channel[0] if channel else "link",
            refused=_closed(home.row) or wanted.refused,
            draft_only=wanted.draft_only,
            makes=makes,
        )

    async def _said(self, home: Home) -> Said:
        """What the repository, and its owner's `.github` for all of them, say about machines; and what it makes."""
        known = self._read.get(home.full_name.lower())
        if known is None or known[1] <= time.monotonic():
            read = partial(text_of, home.client, home.owner)
            said = await wishes(read, home.repo), await distribution_made(partial(read, home.repo))
            known = self._read[home.full_name.lower()] = said, time.monotonic() + READ_FOR
        return known[0]

    # -------------------------------------------------------------------------------- looking

    async def standing(self, tracker: str, fingerprint: str, since: datetime) -> Sequence[Found]:
        """Issues, open and closed, that carry the fingerprint, by listing: search lags behind."""
        home = await self._home(tracker)
        if not home.row["has_issues"]:
            return ()
        own = await self._forge.introduce()
        rows = home.client.pages(
            "/repos/{owner}/{repo}/issues?state=all&sort=created&direction=desc&per_page=100{&since}",
            owner=home.owner,
            repo=home.repo,
            since=_stamp(since),
            most=MOST_ISSUES,
        )
        return [
            found(row, own)
            async for row in rows
            if "pull_request" not in row and fingerprint in markers.fingerprints(str(row.get("body") or ""))
        ]

    async def search(self, tracker: str, words: Sequence[str], since: datetime) -> Sequence[Found]:
        """Issues that name all of the words, people's too."""
        home = await self._home(tracker)
        own = await self._forge.introduce()
        quoted = _query(words)
        if not quoted:
            return ()
        query = f"{quoted} repo:{home.full_name} is:issue updated:>={since:%Y-%m-%d}"
        rows = home.client.pages("/search/issues?per_page=20{&q}", q=query, most=MOST_FOUND)
        wanted = [word.lower() for word in words]
        hits = []
        async for row in rows:
            text = f"{row['title']}\n{row.get('body') or ''}".lower()
            if "pull_request" not in row and all(word in text for word in wanted):
                hits.append(found(row, own))
        return hits

    async def state(self, thread: str) -> Found:
        """A thread as it stands now, wherever it was moved to."""
        home, spot = await self._thread(thread)
        own = await self._forge.introduce()
        path = "/repos/{owner}/{repo}/issues/{number}"
        row = await home.client.get(path, owner=home.owner, repo=home.repo, number=str(spot.number))
        return found(row, own)

    async def comments(self, thread: str, since: datetime) -> Sequence[Posted]:
        """Comments in a thread since then, ours and others'."""
        home, spot = await self._thread(thread)
        rows = home.client.pages(
            "/repos/{owner}/{repo}/issues/{number}/comments?per_page=100{&since}",
            owner=home.owner,
            repo=home.repo,
            number=str(spot.number),
            since=_stamp(since),
            most=5_000,
        )
        own = await self._forge.introduce()
        return [posted(row, own) async for row in rows]

    async def _thread(self, thread: str) -> tuple[Home, Spot]:
        spot = self._forge.places.thread(thread)
        if spot is None:
            raise Gone(f"{thread} is no thread on {self._forge.places.host}")
        return await self._home(thread), spot

    # -------------------------------------------------------------------------------- writing

    async def open(self, report: Report) -> Thread:
        """Open an issue. Not idempotent: publish guards it."""
        home = await self._home(report.tracker)
        closed = _closed(home.row)
        if closed:
            raise Refused(closed)
        client = await self._writer(home)
        data = {"title": report.title[:TITLE], "body": report.body[:BODY]}
        row = await client.write("POST", "/repos/{owner}/{repo}/issues", data, owner=home.owner, repo=home.repo)
        opened = datetime.fromisoformat(row["created_at"])
        return Thread(url=str(row["html_url"]), tracker=report.tracker, opened_at=opened)

    async def comment(self, thread: str, body: str) -> Posted:
        """Comment in a thread. Not idempotent: publish guards it."""
        home, spot = await self._thread(thread)
        client = await self._writer(home)
        path = "/repos/{owner}/{repo}/issues/{number}/comments"
        fields = {"owner": home.owner, "repo": home.repo, "number": str(spot.number)}
        return posted(await client.write("POST", path, {"body": body[:BODY]}, **fields))

    async def edit(self, thread: str, body: str) -> None:
        """Replace the opening text of a thread of ours. What people opened is theirs: refused."""
        home, spot = await self._thread(thread)
        own = await self._forge.introduce()
        path = "/repos/{owner}/{repo}/issues/{number}"
        fields = {"owner": home.owner, "repo": home.repo, "number": str(spot.number)}
        row = await home.client.get(path, **fields)
        if found(row, own).by_human:
            raise Refused("the thread's opening text is a person's")
        client = await self._writer(home)
        await client.write("PATCH", path, {"body": body[:BODY]}, **fields)

    async def _writer(self, home: Home) -> Client:
        channel = await self._forge.writer(home.full_name)
        if channel is None:
            raise Refused(f"nothing of ours may write in {home.full_name}: a human files it by the link")
        return channel[1]


def _closed(row: Mapping[str, Any]) -> str | None:
    """Why nobody can open an issue in a repository, or None."""
    if row.get("archived"):
        return "the repository is archived"
    if row.get("disabled"):
        return "the repository is disabled"
    if not row.get("has_issues", True):
        return "the repository takes no issues"
    return None


def found(row: Mapping[str, Any], own: frozenset[str]) -> Found:
    """An issue as the pipeline knows it."""
    user = row.get("user") or {}
    login = str(user.get("login") or "")
    machine = user.get("type") == "Bot" or login.endswith("[bot]") or login.lower() in own
    reason = str(row.get("state_reason") or "")
    return Found(
        url=str(row["html_url"]),
        title=str(row["title"]),
        state=str(row["state"]),
        author=login,
        by_human=not machine and not row.get("performed_via_github_app"),
        created_at=datetime.fromisoformat(row["created_at"]),
        body=str(row.get("body") or ""),
        closed_as=reason if reason in {"completed", "not_planned", "duplicate"} else "",
    )


def _query(words: Sequence[str]) -> str:
    """The words as search takes them: quoted, without what would be an operator, within the length."""
    kept, length = [], 0
    for word in words:
        plain = "".join(char for char in word if char.isalnum() or char in "._- ").strip()
        if plain and length + len(plain) + 3 <= SEARCHED:
            kept.append(f'"{plain}"')
            length += len(plain) + 3
    return " ".join(kept)


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
