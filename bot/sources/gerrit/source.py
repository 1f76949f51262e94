"""Gerrit with its CIs as a `bot.ports.Source`. One object speaks for every configured server."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import structlog
from msgspec import Struct
from msgspec.structs import replace
from yarl import URL

from bot.errors import Gone, Permanent
from bot.model import Announced, Command, Delivery, Edits, Job, Trust
from bot.ports import Posted, Spooled
from bot.sources.download import Downloader, Guard
from bot.sources.gerrit import edits, people, posting
from bot.sources.gerrit.catchup import Catchup
from bot.sources.gerrit.feed import Deliver, Feed, Health
from bot.sources.gerrit.kept import CursorStore
from bot.sources.gerrit.reading import PATCHSET_LEVEL, TAG, announced, change_in, rows
from bot.sources.gerrit.rest import Rest, change_path
from bot.sources.gerrit.settings import Ci, Server, secrets_of
from bot.sources.gerrit.stream import Backoff
from bot.sources.zuul import Build, Caps, ZuulLogs, ZuulSite, build_page, trust_of

log = structlog.get_logger(__name__)

CLOSED = frozenset({"MERGED", "ABANDONED"})
"""A change's states (Gerrit's REST API, ChangeInfo) in which nobody waits for it."""


class _Site(Struct):
    """One server with what speaks to it."""

    server: Server
    rest: Rest
    catchup: Catchup
    clients: list[Downloader]
    logs: list[tuple[Ci, ZuulLogs]]
    other: ZuulLogs
    feed: Feed | None = None


class GerritSource:
    """See `bot.ports.Source`, whose promises these are."""

    name = "gerrit"
    markdown = False
    """Advice is plain text here: Gerrit shows HTML comments and tags as they are."""
    removable = False
    """Nobody but an administrator can take a message away, so a missing one was never there."""

    def __init__(self, servers: Sequence[Server], *, guard: Guard | None = None, caps: Caps | None = None) -> None:
        """`guard` allows log hosts beside those that the servers' CIs name."""
        self._sites = {server.name: _site(server, guard or Guard(), caps or Caps()) for server in servers}

    async def close(self) -> None:
        """End connections and threads."""
        for site in self._sites.values():
            for client in site.clients:
                await client.close()
            await site.rest.close()

    async def listen(self, deliver: Deliver, cursors: CursorStore) -> None:
        """Feed every server's events to `deliver` until cancelled. Servers do not wait for each other."""
        async with asyncio.TaskGroup() as group:
            for site in self._sites.values():
                site.feed = Feed(site.catchup, cursors, deliver)
                group.create_task(_kept_up(site.feed), name=f"gerrit/{site.server.name}")

    def health(self) -> Mapping[str, Health]:
        """How each server's feed does."""
        return {name: site.feed.health for name, site in self._sites.items() if site.feed is not None}

    def connected(self) -> Mapping[str, float]:
        """1 for each server whose stream is up."""
        return {name: float(health.connected) for name, health in self.health().items()}

    def seconds_behind(self) -> Mapping[str, float]:
        """How long ago the last catch-up of each server went through, or since when none did."""
        now = time.monotonic()
        return {name: now - (health.last_sweep or health.began) for name, health in self.health().items()}

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:
        """Nothing: each server's feed catches up by itself, from its own cursor, and so never from before its beginning."""
        del since
        return ()

    # ------------------------------------------------------------------------------------------ jobs

    def announces(self, delivery: Delivery) -> Announced:
        """What a delivery announces. Pure."""
        return announced(delivery)

    async def complete(self, job: Job) -> Job:
        """The job as the CI's own API knows it. A comment's word alone never makes a job trusted.

        Raises `Gone` where the build passed after all: then there is nothing to judge.
        """
        ci, logs = self._logs(job)
        build = await logs.build(job.url)
        if build is None or ci is None:
            return replace(job, trust=Trust.UNTRUSTED)
        if build.result == "SUCCESS":
            raise Gone(f"the build {build.uuid} passed")
        trust = trust_of(build.pipeline, ci.trusted_pipelines) if _is_for(build, job) else Trust.UNTRUSTED
        return replace(
            job,
            name=build.job or job.name,
            log_url=build.log_url,
            pipeline=build.pipeline or job.pipeline,
            branch=build.branch or job.branch,
            finished_at=build.ended or job.finished_at,
            conclusion=build.result.lower() or job.conclusion,
            trust=trust,
        )

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        """Log, artifacts and the last green run's log."""
        _, logs = self._logs(job)
        return await logs.spool(job.url, folder)

    async def green(self, job: Job, since: datetime, folder: Path) -> Path | None:
        """The log of the newest build of the same job that passed after an instant, where a Zuul can be asked."""
        _, logs = self._logs(job)
        return await logs.green(job.url, since, folder)

    async def edits(self, job: Job) -> Edits | None:
        """What the job's patch set touches; None where it is gone."""
        if job.change is None:
            return None
        try:
            return await edits.read(self._of(job).rest, change_in(job.change.id), job.change.revision)
        except Gone:
            return None

    # ------------------------------------------------------------------------------------------ advice

    async def advice_on(self, job: Job) -> Posted | None:
        """Our last message on the job's patch set."""
        ours = await self._ours(job)
        return ours[-1] if ours else None

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        """Make `body` the last thing that we said on the job's patch set; silent where it is already.

        Gerrit can't edit. `standing` is not relied on: after a time-out the review may have been taken, so the
        change is read again first. What was said on a change that is closed since stands: news is for who waits.
        """
        del standing
        site = self._of(job)
        text = posting.fitted(body, site.server.comment_bytes)
        ours = await self._ours(job)
        if ours and _same(ours[-1].body, text):
            return ours[-1]
        change = _change(job)
        if ours and (await site.rest.get(change_path(change))).data.get("status") in CLOSED:
            return ours[-1]
        await self._review(site, change, job, posting.advice(text, site.server.notify, site.server.vote))
        ours = await self._ours(job)
        if not ours:
            raise Permanent(f"{site.server.name} took the advice and does not show it")
        return ours[-1]

    async def _review(self, site: _Site, change: str, job: Job, body: dict[str, Any]) -> None:
        revision = job.change.revision if job.change and job.change.revision else "current"
        await site.rest.post(f"{change_path(change)}/revisions/{quote(revision, safe='')}/review", body)

    async def _ours(self, job: Job) -> list[Posted]:
        """Our own advice on the job's patch set, oldest first. Told by the account, never by a text's marker."""
        site, change = self._of(job), _change(job)
        own = await site.catchup.own_id()
        data = (await site.rest.get(f"{change_path(change)}/messages")).data
        revision = job.change.revision if job.change else ""
        return [
            Posted(id=str(row.get("id")), url=job.change.url if job.change else "", body=posting.unheaded(message))
            for row in rows(data)
            if _author(row) == own
            and str(row.get("tag") or "").startswith(TAG)
            and (not revision or str(row.get("_revision_number")) == revision)
            and not _is_count(message := str(row.get("message", "")))
        ]

    # ------------------------------------------------------------------------------------------ commands

    async def may(self, command: Command) -> str:
        """The actor's permission, `bot` for machines and `self` for us."""
        site = self._of(command)
        if command.actor == str(await site.catchup.own_id()):
            return "self"
        return await people.permission(site.rest, change_in(command.place), command.actor)

    async def acknowledge(self, command: Command) -> None:
        """Gerrit has no reactions; the answer comes soon."""

    async def replied(self, command: Command) -> Posted | None:
        """Our answer in the thread of a command."""
        site = self._of(command)
        comments, own = await self._comments(site, command), await site.catchup.own_id()
        asked = _find(comments, command)
        for path, row in comments:
            ours = _author(row) == own
            threaded = row.get("in_reply_to") == asked[1]["id"] if asked else path == PATCHSET_LEVEL
            if ours and threaded and (asked or _reference(command) in str(row.get("message", ""))):
                return _posted(site, command, row)
        return None

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        """Answer in the thread that asked, once; what was asked in a message itself is answered by naming it."""
        del standing  # Gerrit can't edit, and what stands is read again: an earlier try may have been taken
        there = await self.replied(command)
        if there is not None:
            return there
        site = self._of(command)
        text = posting.fitted(body, site.server.comment_bytes - 200)
        asked = _find(await self._comments(site, command), command)
        if asked is None:
            text = f"{text}\n\n{_reference(command)}"
        path, row = asked or (PATCHSET_LEVEL, None)
        revision = str(row.get("patch_set", "current")) if row else "current"
        review = posting.answer(text, row, path, command.actor)
        change = change_in(command.place)
        await site.rest.post(f"{change_path(change)}/revisions/{quote(revision, safe='')}/review", review)
        posted = await self._latest_reply(site, command, text)
        if posted is None:
            raise Permanent(f"{site.server.name} took the answer and does not show it")
        return posted

    async def _latest_reply(self, site: _Site, command: Command, text: str) -> Posted | None:
        own = await site.catchup.own_id()
        found = [row for _, row in await self._comments(site, command) if _author(row) == own]
        matching = [row for row in found if _same(str(row.get("message", "")), text)]
        return _posted(site, command, matching[-1]) if matching else None

    async def _comments(self, site: _Site, command: Command) -> list[tuple[str, Mapping[str, Any]]]:
        """Every comment on the command's change with its path, oldest first."""
        data = (await site.rest.get(f"{change_path(change_in(command.place))}/comments")).data
        found = [(path, row) for path, listed in data.items() for row in rows(listed)] if data else []
        return sorted(found, key=lambda pair: str(pair[1].get("updated", "")))

    # ------------------------------------------------------------------------------------------ whom to ask

    def _of(self, about: Job | Command) -> _Site:
        site = self._sites.get(about.installation)
        if site is None:
            raise Permanent(f"no Gerrit server is configured as {about.installation!r}")
        return site

    def _logs(self, job: Job) -> tuple[Ci | None, ZuulLogs]:
        """The CI whose pages have the job's URL; where it is none's, the logs without an API."""
        site = self._of(job)
        page = build_page(job.url)
        for ci, logs in site.logs:
            if page is not None and page.host in {urlsplit(ci.api).netloc.lower(), *(row.lower() for row in ci.web)}:
                return ci, logs
        return None, site.other


async def _kept_up(feed: Feed) -> None:
    """One server's feed, begun anew from its cursor should it end by a mistake of ours: the others must not end with it."""
    backoff = Backoff()
    while True:
        try:
            await feed.run()
        except Exception:
            feed.health.trouble = "the feed ended by a mistake and was begun anew; its traceback is in the log"
            log.exception("gerrit.feed_ended")
            await asyncio.sleep(backoff.pause())


def _site(server: Server, guard: Guard, caps: Caps) -> _Site:
    rest = Rest(server, secrets_of(server))
    clients: list[Downloader] = []
    logs = []
    listed = guard
    for ci in server.ci:
        allowed = guard.with_(hosts=ci.log_hosts, private=ci.private_log_hosts)
        listed = listed.with_(hosts=ci.log_hosts, private=ci.private_log_hosts)
        if ci.api:
            # The operator named the API, so it may live inside; its own host and port and no other.
            client = Downloader(allowed.with_(private=(_origin(ci.api),)))
            clients.append(client)
            logs.append((ci, ZuulLogs(client, ZuulSite(api=ci.api, tenant=ci.tenant), caps)))
    plain = Downloader(listed)
    clients.append(plain)
    return _Site(server, rest, Catchup(rest), clients, logs, ZuulLogs(plain, None, caps))


def _origin(url: str) -> str:
    """Host and port of an address, as a guard's pattern."""
    parsed = URL(url)
    host = f"[{parsed.host}]" if ":" in (parsed.host or "") else parsed.host
    return f"{host}:{parsed.port}"


def _is_for(build: Build, job: Job) -> bool:
    """Whether a build is of the change on which it was announced: else somebody lent it another change's trust."""
    if job.change is None:
        return True
    project, _, number = change_in(job.change.id).rpartition("~")
    return (build.project, build.change, build.patchset) == (project, number, job.change.revision)


def _change(job: Job) -> str:
    if job.change is None:
        raise Permanent("the job has no change to advise on")
    return change_in(job.change.id)


def _author(row: Mapping[str, Any]) -> Any:
    author = row.get("author")
    return author.get("_account_id") if isinstance(author, Mapping) else None


def _is_count(message: str) -> bool:
    """Whether a message only counts the comments that came with it: our answers, not our advice."""
    said = posting.unheaded(message)
    return said.startswith("(") and said.endswith(("comment)", "comments)"))


def _find(comments: Sequence[tuple[str, Mapping[str, Any]]], command: Command) -> tuple[str, Mapping[str, Any]] | None:
    """The comment that holds a command; None where a message's own text holds it."""
    head, _, identity = command.where.rpartition(":")
    if head.endswith(":message"):
        return None
    return next(((path, row) for path, row in comments if row.get("id") == identity), None)


def _reference(command: Command) -> str:
    """What ties an answer to a message, which has no thread."""
    digest = hashlib.sha256(command.where.encode()).hexdigest()[:10]
    return f"(answers {digest})"


def _posted(site: _Site, command: Command, row: Mapping[str, Any]) -> Posted:
    project, _, number = change_in(command.place).rpartition("~")
    url = f"{site.server.url}c/{project}/+/{number}/comment/{row.get('id')}/"
    return Posted(id=str(row.get("id")), url=url, body=str(row.get("message", "")))


def _same(one: str, other: str) -> bool:
    return [row.rstrip() for row in one.strip().splitlines()] == [row.rstrip() for row in other.strip().splitlines()]
