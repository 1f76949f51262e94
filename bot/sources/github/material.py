"""A job's material: its log behind a link that lives a minute, the run's artifacts, the last green run's log."""

from __future__ import annotations

import asyncio
import contextlib
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import Gone, Permanent, Refused, Transient
from bot.model import Job
from bot.ports import Spooled
from bot.sources.download import Downloader
from bot.sources.github.client import Client
from bot.sources.github.places import job_number
from bot.sources.zuul import Caps, ZuulLogs, ZuulSite, build_page

LOG_HOSTS = ("*.blob.core.windows.net", "*.actions.githubusercontent.com", "*.githubusercontent.com")
"""Where github.com keeps logs and artifacts: docs.github.com, "Self-hosted runners reference", accessible domains."""
Run = dict[str, Any]
LATE = (1.0, 2.0, 4.0)
"""Seconds between tries for a log that is not there yet: a job's end is announced before its log is stored."""
MOST_ARTIFACTS = 20
MOST_MEMBERS = 2_000
MOST_FILES = 40
RATIO = 200
"""A member that unpacks to more than so many times its packed size is a bomb, unless it is small."""
SMALL = 1 << 20
_ARTIFACT = re.compile(r"test|report|result|junit|xunit|subunit|pytest|unit|tox|nox|log", re.IGNORECASE)
_MEMBER = re.compile(
    r"\.(?:xml|subunit|subunit\.gz|jsonl|json)$|(?:^|/)(?:subunit\.out|job-output\.json(?:\.gz)?)$", re.IGNORECASE
)
_HEADS = (
    ("xml", re.compile(rb"<(?:testsuites?|testrun)\b")),
    ("jsonl", re.compile(rb'"\$report_type"')),
    ("json", re.compile(rb'"(?:nodeid|\$report_type|exitcode)"')),
    ("subunit", re.compile(rb"\A\xb3[\x20-\x2f]|\A(?:time|test|tags|progress)[: ]")),
)


class Material:
    """Fetches to a folder, within the caps; what is there already is not fetched again."""

    def __init__(self, downloader: Downloader, caps: Caps | None = None, late: tuple[float, ...] = LATE) -> None:
        self._downloader = downloader
        self._caps = caps or Caps()
        self._late = late

    async def fetch(self, client: Client, job: Job, folder: Path) -> Spooled:
        """Everything of a job. Only the log must be had."""
        number = job_number(job.key)
        if number is None:
            return await self._foreign(job, folder)
        owner, repo = job.project.split("/")
        row = await client.get("/repos/{owner}/{repo}/actions/jobs/{job}", owner=owner, repo=repo, job=str(number))
        log = await self._log(client, job, number, folder / "log")
        passing: Path | None = None
        artifacts: tuple[tuple[str, Path], ...] = ()
        with contextlib.suppress(Permanent, Transient):
            passing = await self._passing(client, job, row, folder / "passing")
        with contextlib.suppress(Permanent, Transient):
            artifacts = tuple(await self._artifacts(client, job, row, folder))
        return Spooled(log=log, passing=passing, artifacts=artifacts)

    async def _foreign(self, job: Job, folder: Path) -> Spooled:
        page = build_page(job.log_url)
        site = ZuulSite(api=page.api, tenant=page.tenant) if page else None
        return await ZuulLogs(self._downloader, site, self._caps).spool(job.log_url, folder)

    async def _log(self, client: Client, job: Job, number: int, to: Path) -> Path:
        """The log, asked for anew where its link led nowhere: it may come late, and a link lives one minute."""
        if await asyncio.to_thread(to.exists):
            return to
        owner, repo = job.project.split("/")
        path = "/repos/{owner}/{repo}/actions/jobs/{job}/logs"
        for pause in (*self._late, None):
            link = await client.location(path, owner=owner, repo=repo, job=str(number))
            try:
                await self._downloader.fetch(link, to, most=self._caps.log)
            except (Gone, Refused):
                if pause is None:
                    raise
                await asyncio.sleep(pause)
            else:
                return to
        raise Gone("the log is not there")

    # -------------------------------------------------------------------------------- green runs

    async def green(self, client: Client, job: Job, since: datetime, folder: Path) -> Path | None:
        """The log of the newest green job of that name and workflow that was begun after an instant; None without one."""
        number = job_number(job.key)
        if number is None:
            return None
        owner, repo = job.project.split("/")
        row = await client.get("/repos/{owner}/{repo}/actions/jobs/{job}", owner=owner, repo=repo, job=str(number))
        later = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return await self._green(client, job, row, folder / "green", lambda run, _: run["created_at"] > later)

    async def _passing(self, client: Client, job: Job, row: dict[str, Any], to: Path) -> Path | None:
        """The log of the newest green job of that name and workflow from before this one."""
        return await self._green(client, job, row, to, lambda run, own: run["created_at"] <= own["created_at"])

    async def _green(
        self, client: Client, job: Job, row: dict[str, Any], to: Path, wanted: Callable[[Run, Run], bool]
    ) -> Path | None:
        """On this branch first, then on the default one."""
        owner, repo = job.project.split("/")
        run = await client.get(
            "/repos/{owner}/{repo}/actions/runs/{run}", owner=owner, repo=repo, run=str(row["run_id"])
        )
        default = str(run["repository"].get("default_branch") or "") or await self._default(client, job)
        for branch in dict.fromkeys(name for name in (job.branch, default) if name):
            number = await self._green_number(client, job, run, branch, wanted)
            if number is not None:
                return await self._log(client, job, number, to)
        return None

    async def _default(self, client: Client, job: Job) -> str:
        owner, repo = job.project.split("/")
        return str((await client.get("/repos/{owner}/{repo}", owner=owner, repo=repo))["default_branch"])

    async def _green_number(
        self, client: Client, job: Job, run: Run, branch: str, wanted: Callable[[Run, Run], bool]
    ) -> int | None:
        owner, repo = job.project.split("/")
        runs = client.pages(
            "/repos/{owner}/{repo}/actions/workflows/{workflow}/runs?branch={branch}&status=success&per_page=5",
            key="workflow_runs",
            most=5,
            owner=owner,
            repo=repo,
            workflow=str(run["workflow_id"]),
            branch=branch,
        )
        ours = {job.project.lower(), _code_of(run)} - {""}  # a stranger's fork may have a branch of that name too
        async for green in runs:
            if green["id"] == run["id"] or _code_of(green) not in ours or not wanted(green, run):
                continue
            number = await self._same(client, job, green["id"])
            if number is not None:
                return number
        return None

    async def _same(self, client: Client, job: Job, run: int) -> int | None:
        """The job of that name in a run."""
        owner, repo = job.project.split("/")
        jobs = client.pages(
            "/repos/{owner}/{repo}/actions/runs/{run}/jobs?per_page=100",
            key="jobs",
            owner=owner,
            repo=repo,
            run=str(run),
        )
        async for row in jobs:
            if row["name"] == job.name and row["conclusion"] == "success":
                return int(row["id"])
        return None

    # -------------------------------------------------------------------------------- artifacts

    async def _artifacts(self, client: Client, job: Job, row: dict[str, Any], folder: Path) -> list[tuple[str, Path]]:
        """The test reports among the run's artifacts. A matrix uploads one a job: the one named after this job wins."""
        owner, repo = job.project.split("/")
        listed = [
            one
            async for one in client.pages(
                "/repos/{owner}/{repo}/actions/runs/{run}/artifacts?per_page=100",
                key="artifacts",
                most=100,
                owner=owner,
                repo=repo,
                run=str(row["run_id"]),
            )
            if not one["expired"] and one["size_in_bytes"] <= self._caps.artifact and _ARTIFACT.search(one["name"])
        ]
        chosen = choose(job.name, [one["name"] for one in listed])
        found: list[tuple[str, Path]] = []
        for one in [one for one in listed if one["name"] in chosen][:MOST_ARTIFACTS]:
            with contextlib.suppress(Permanent):
                found += await self._artifact(client, job, one, folder)
        return found[:MOST_FILES]

    async def _artifact(self, client: Client, job: Job, row: dict[str, Any], folder: Path) -> list[tuple[str, Path]]:
        owner, repo = job.project.split("/")
        path = "/repos/{owner}/{repo}/actions/artifacts/{artifact}/zip"
        archive = folder / f"artifact-{row['id']}.zip"
        if not await asyncio.to_thread(archive.exists):
            link = await client.location(path, owner=owner, repo=repo, artifact=str(row["id"]))
            await self._downloader.fetch(link, archive, most=self._caps.artifact, partial=False)
        return await asyncio.to_thread(lambda: list(unpack(archive, folder, str(row["name"]), self._caps.artifact)))


def _code_of(run: Run) -> str:
    """The repository whose code a run ran; empty for a fork that is gone."""
    return str((run.get("head_repository") or {}).get("full_name") or "").lower()


def choose(job: str, names: list[str]) -> frozenset[str]:
    """Which artifacts are this job's: those whose name shares the most of the job's own words, all where none does.

    A matrix job `test (3.12, ubuntu)` uploads `results-3.12-ubuntu`; the other cells' failures are not this job's.
    """
    wanted = set(re.findall(r"[a-z0-9.]+", job.lower()))
    scores = {name: len(wanted & set(re.findall(r"[a-z0-9.]+", name.lower()))) for name in names}
    best = max(scores.values(), default=0)
    return frozenset(name for name, score in scores.items() if score == best)


def unpack(archive: Path, folder: Path, label: str, most: int) -> Iterator[tuple[str, Path]]:
    """The test reports in a zip, told by name and by how they begin; never more than `most` bytes of them together.

    Raises `Refused` for a bomb, `Permanent` for what is no zip. Members' names are labels only: files are numbered.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            members = opened.infolist()
            if len(members) > MOST_MEMBERS:
                raise Refused(f"the artifact {label} holds more than {MOST_MEMBERS} files")
            left = most
            for number, member in enumerate(members):
                if member.is_dir() or member.flag_bits & 1 or not _MEMBER.search(member.filename):
                    continue
                to = folder / f"{archive.stem}-{number}"
                size = _extract(opened, member, to, left)
                left -= size
                if size and _is_report(to):
                    yield f"{label}/{member.filename}"[-200:], to
                else:
                    to.unlink(missing_ok=True)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise Permanent(f"the artifact {label} can't be unpacked: {type(error).__name__}") from error


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, to: Path, most: int) -> int:
    """Unpack one member, counting what really comes: headers lie."""
    cap = min(most, max(SMALL, member.compress_size * RATIO))
    size = 0
    with opened.open(member) as source, to.open("wb") as target:
        while part := source.read(1 << 16):
            size += len(part)
            if size > cap:
                raise Refused("an artifact unpacks to more than it may")
            target.write(part)
    return size


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(4096)
    return head[:2] == b"\x1f\x8b" or any(pattern.search(head) for _, pattern in _HEADS)
