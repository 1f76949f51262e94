"""GitHub as a Source: what failed there, who may say what, and what we say on changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.errors import Gone, Permanent, Refused
from bot.model import Announced, Change, Command, Delivery, Edits, Job, Trust
from bot.ports import Posted, Spooled
from bot.sources.download import Downloader, Guard
from bot.sources.github import edits
from bot.sources.github.announce import Announcer
from bot.sources.github.client import Client
from bot.sources.github.contents import text_of
from bot.sources.github.forge import Forge
from bot.sources.github.material import LATE, LOG_HOSTS, Material
from bot.sources.github.places import Spot, job_number
from bot.sources.github.speech import Speech, role_of
from bot.sources.projectfiles import distribution_made
from bot.sources.zuul import Caps

TRUSTED_EVENTS = frozenset(
    {"schedule", "merge_group", "workflow_dispatch", "repository_dispatch", "release", "deployment"}
)
"""Runs that nobody starts without write permission, on code that is in the repository."""
ANYBODYS_EVENTS = frozenset(
    {"pull_request", "pull_request_target", "pull_request_review", "issue_comment", "workflow_run"}
)
MOST_FILES = 3_000
"""GitHub lists no more files of a pull request."""


class GitHub:
    """One GitHub. `introduce` it once before deliveries come."""

    name = "github"
    markdown = True
    removable = True

    def __init__(
        self,
        forge: Forge,
        guard: Guard,
        *,
        caps: Caps | None = None,
        log_hosts: Sequence[str] = LOG_HOSTS,
        late: tuple[float, ...] = LATE,
    ) -> None:
        """`guard` names the hosts of other CIs' logs, `log_hosts` those where GitHub itself keeps logs and artifacts."""
        self._forge = forge
        self._downloader = Downloader(guard.with_(hosts=tuple(log_hosts)))
        self._announcer = Announcer(forge.places, guard, lambda: forge.logins)
        self._material = Material(self._downloader, caps, late)
        self._speech = Speech(forge)

    async def introduce(self) -> frozenset[str]:
        """Ask GitHub under which logins we write."""
        return await self._forge.introduce()

    async def close(self) -> None:
        """End the connections."""
        await self._downloader.close()
        await self._forge.close()

    # -------------------------------------------------------------------------------- what failed

    def announces(self, delivery: Delivery) -> Announced:
        """What a delivery announces. Pure, quick: it runs in the request."""
        return self._announcer.announces(delivery)

    async def complete(self, job: Job) -> Job:
        """The job with its pull request, trust, workflow and times, as GitHub says them now."""
        client = await self._forge.reader(job.project, job.installation)
        owner, repo = job.project.split("/")
        home = await client.get("/repos/{owner}/{repo}", owner=owner, repo=repo)
        makes = await distribution_made(partial(text_of, client, *home["full_name"].split("/")))
        job = replace(job, project=str(home["full_name"]), private=bool(home["private"]), distribution=makes)
        number = job_number(job.key)
        run: dict[str, Any] | None = None
        if number is not None:
            job, run = await self._run(client, job, number)
        change, row = await self._change(client, job, run)
        job = replace(job, change=change)
        trust = await self._trust(client, job, home, run, row)
        return replace(job, trust=trust)

    async def _run(self, client: Client, job: Job, number: int) -> tuple[Job, dict[str, Any]]:
        owner, repo = job.project.split("/")
        row = await client.get("/repos/{owner}/{repo}/actions/jobs/{job}", owner=owner, repo=repo, job=str(number))
        path = "/repos/{owner}/{repo}/actions/runs/{run}"
        run = await client.get(path, owner=owner, repo=repo, run=str(row["run_id"]))
        return (
            replace(
                job,
                name=str(row["name"]),
                attempt=int(row.get("run_attempt") or 1),
                url=str(row.get("html_url") or job.url),
                branch=str(run.get("head_branch") or job.branch),
                revision=str(row["head_sha"]),
                pipeline=str(run.get("path") or job.pipeline),
                finished_at=_instant(row.get("completed_at")) or job.finished_at,
                conclusion=str(row.get("conclusion") or job.conclusion),
            ),
            run,
        )

    async def _change(
        self, client: Client, job: Job, run: dict[str, Any] | None
    ) -> tuple[Change | None, dict[str, Any] | None]:
        """The pull request: as the event named it, else by the head commit, since runs of forks name none.

        A push to a branch with an open pull request belongs to that as well; one to the default branch to none.
        """
        if run is not None and run.get("event") in {"schedule", "merge_group", "release"}:
            return None, None
        owner, repo = job.project.split("/")
        spot = self._forge.places.thread(job.change.id) if job.change else None
        if spot is not None:
            path = "/repos/{owner}/{repo}/pulls/{number}"
            row = await client.get(path, owner=owner, repo=repo, number=str(spot.number))
            return self._as_change(row, job), row
        path = "/repos/{owner}/{repo}/commits/{sha}/pulls?per_page=100"
        try:
            rows = [row async for row in client.pages(path, owner=owner, repo=repo, sha=job.revision, most=100)]
        except Permanent:  # 422: the commit was pushed away since
            return None, None
        exact = [row for row in rows if row["head"]["sha"] == job.revision and row["state"] == "open"]
        row = min(exact, key=lambda one: int(one["number"]), default=None)
        return (self._as_change(row, job), row) if row else (None, None)

    def _as_change(self, row: dict[str, Any], job: Job) -> Change:
        spot = Spot(repository=job.project, number=int(row["number"]))
        return Change(
            id=str(spot),
            url=str(row["html_url"]),
            revision=str(row["head"]["sha"]),
            author=str((row.get("user") or {}).get("login") or ""),
            branch=str(row["base"]["ref"]),
        )

    async def _trust(
        self, client: Client, job: Job, home: dict[str, Any], run: dict[str, Any] | None, pull: dict[str, Any] | None
    ) -> Trust:
        """Who could have written the log. Whatever is not known to be ours is anybody's.

        The code that ran is what counts: a fork's is anybody's, whoever started the run.
        """
        source = (run or {}).get("head_repository") or {}
        if run is not None and str(source.get("full_name") or "").lower() != job.project.lower():
            return await self._author_trust(client, job, pull)
        event = str((run or {}).get("event") or "")
        if event in TRUSTED_EVENTS:
            return Trust.TRUSTED
        if event == "push" or (run is None and pull is None):
            return await self._pushed_trust(job, home, run)
        return await self._author_trust(client, job, pull)

    async def _pushed_trust(self, job: Job, home: dict[str, Any], run: dict[str, Any] | None) -> Trust:
        """Who pushes to the repository itself may write. A status' branches are GitHub's word on where the commit is."""
        ours = run is not None or job.branch == home.get("default_branch")
        return Trust.TRUSTED if ours else Trust.UNTRUSTED

    async def _author_trust(self, client: Client, job: Job, pull: dict[str, Any] | None) -> Trust:
        """A change's author with write permission is trusted; a bot of the forge's own on its own branch too."""
        if pull is None:
            return Trust.UNTRUSTED
        head = (pull["head"].get("repo") or {}).get("full_name")
        if head is not None and str(head).lower() == job.project.lower():
            return Trust.TRUSTED  # nobody pushes a branch to the repository without write permission
        author = str((pull.get("user") or {}).get("login") or "")
        if not author:
            return Trust.UNTRUSTED
        owner, repo = job.project.split("/")
        path = "/repos/{owner}/{repo}/collaborators/{user}/permission"
        try:
            row = await client.get(path, owner=owner, repo=repo, user=author)
        except (Gone, Refused):
            return Trust.UNTRUSTED
        # A fork's branch may be written by others than its author: only the fork of that author is theirs.
        own_fork = str((pull["head"].get("user") or {}).get("login") or "").lower() == author.lower()
        return Trust.TRUSTED if own_fork and role_of(row) in {"owner", "maintain", "write"} else Trust.UNTRUSTED

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        """Stream log, artifacts and the last green run's log to `folder`, within the caps. Re-runnable."""
        client = await self._forge.reader(job.project, job.installation)
        return await self._material.fetch(client, job, folder)

    async def green(self, job: Job, since: datetime, folder: Path) -> Path | None:
        """The log of the newest run of the same job that passed after an instant, on its branch or the default one."""
        client = await self._forge.reader(job.project, job.installation)
        return await self._material.green(client, job, since, folder)

    async def edits(self, job: Job) -> Edits | None:
        """What the job's pull request touches, with the requirements that its diff edits."""
        spot = self._forge.places.thread(job.change.id) if job.change else None
        if spot is None:
            return None
        client = await self._forge.reader(job.project, job.installation)
        owner, repo = spot.repository.split("/")
        path = "/repos/{owner}/{repo}/pulls/{number}/files?per_page=100"
        rows = client.pages(path, owner=owner, repo=repo, number=str(spot.number), most=MOST_FILES)
        files = [(str(row["filename"]), row.get("patch")) async for row in rows]
        return edits.edits(files, complete=len(files) < MOST_FILES)

    # -------------------------------------------------------------------------------- what is said

    async def advice_on(self, job: Job) -> Posted | None:
        """Our advice as it stands on the job's change, found by its marker; None where there is none."""
        return await self._speech.advice_on(job)

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        """Make `body` stand as our one advice on the job's change."""
        return await self._speech.advise(job, body, standing)

    async def may(self, command: Command) -> str:
        """The actor's permission where the command was written. Asked of GitHub, never of the comment."""
        return await self._speech.may(command)

    async def acknowledge(self, command: Command) -> None:
        """Show at once that a command was seen."""
        await self._speech.acknowledge(command)

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        """Answer a command once in its own thread."""
        return await self._speech.reply(command, body, standing)

    async def replied(self, command: Command) -> Posted | None:
        """Our answer to a command as it stands, found by its marker; None where there is none."""
        return await self._speech.replied(command)

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:
        """Deliveries since then that did not arrive, oldest first. GitHub keeps them three days."""
        if not self._forge.has_app:
            return ()
        rows = [row async for row in self._forge.missed(since)]
        return tuple(reversed(rows))


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) else None
