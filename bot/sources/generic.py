"""Any CI that can send a log: the body of `POST /api/jobs`, kept on disk, as a `bot.ports.Source`.

Logs never pass through the engine: `receive` spools what was sent and hands on a delivery that names the folder. With
several replicas the data folder has to be shared, or the intake be sent to one of them.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from yarl import URL

from bot.errors import Gone, Permanent
from bot.model import Announced, Command, Delivery, Edits, Ignored, Job, Trust, normalized
from bot.ports import Posted, Spooled
from bot.sources.download import Downloader, Guard

LARGEST_LOG = 24 * 2**20
"""Bytes of one log or artifact within a body, before anything is unpacked; the body itself is capped by the server."""
MOST_ARTIFACTS = 20


class Sent(BaseModel):
    """The body of `POST /api/jobs`. Text is sent as it is, anything else (gzip, zstd, zip) as base64."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: str = Field(min_length=1, max_length=200, description="The repository, as people know it.")
    name: str = Field(min_length=1, max_length=200, description="The job's name.")
    log: str = Field("", description="The job's log as text.")
    log_base64: str = Field("", description="The job's log as base64: plain, gzip, zstd or the zip of an Actions run.")
    log_url: str = Field("", max_length=2000, description="The log's address, on a host that UPRIVER_LOG_HOSTS lists.")
    passing_log: str = Field("", description="The last green run's log as text.")
    passing_log_base64: str = Field("", description="The last green run's log as base64.")
    artifacts: Mapping[str, str] = Field(default_factory=dict, description="Name to base64: JUnit XML, subunit, …")
    distribution: str = Field("", max_length=200, description="The project's own distribution on the package index.")
    url: str = Field("", max_length=2000, description="The job's page.")
    branch: str = Field("", max_length=300, description="The branch.")
    revision: str = Field("", max_length=100, description="The commit.")
    pipeline: str = Field("", max_length=200, description="The workflow or pipeline.")
    attempt: int = Field(1, ge=1, description="Counts re-runs from 1.")
    finished_at: datetime | None = Field(None, description="When the job ended (ISO 8601); default: now.")
    trust: Literal["trusted", "untrusted"] = Field(
        "untrusted",
        description="trusted: the default branch, a schedule, or an author who may write; the sender vouches.",
    )
    private: bool = Field(True, description="False: the project may be named in public reports.")


class Generic:
    """See `bot.ports.Source`. It has no changes, no comments and no commands: what it finds is on the pages."""

    name = "generic"
    markdown = True
    removable = True

    def __init__(self, folder: Path, guard: Guard | None = None, *, most: int = 512 << 20) -> None:
        """`folder` keeps what was sent until its job was fetched and its days are over.

        `guard` says which hosts a log may be fetched from where its address was sent, `most` how much of it.
        """
        self._folder = folder
        self._guard = guard or Guard()
        self._most = most
        self._downloader = Downloader(self._guard)

    async def close(self) -> None:
        """End the connections."""
        await self._downloader.close()

    def receive(self, scope: str, key: str, body: bytes, received_at: datetime | None = None) -> Delivery:
        """Keep what was sent; the same scope and key again is the same job.

        Raises `Permanent` with a sentence for the sender where the body is no job.
        """
        sent = _sent(body)
        if sent.log_url:
            self._check(sent)
        digest = hashlib.sha256(f"{scope}\n{key}".encode()).hexdigest()[:32]
        folder = self._folder / digest
        if not (folder / "job.json").exists():
            self._keep(folder, sent)
        now = received_at or datetime.now(UTC)
        job = Job(
            key=f"generic:{scope}/{digest}",
            source=self.name,
            project=sent.project,
            name=sent.name,
            attempt=sent.attempt,
            url=sent.url if sent.url.startswith(("https://", "http://")) else "",
            log_url=digest,
            branch=sent.branch,
            revision=sent.revision,
            pipeline=sent.pipeline,
            finished_at=sent.finished_at.astimezone(UTC) if sent.finished_at else now,
            trust=Trust(sent.trust),
            private=sent.private,
            distribution=normalized(sent.distribution) if sent.distribution else None,
            installation=scope,
        )
        payload = json.dumps(_plain(job)).encode()
        return Delivery(id=f"{scope}/{digest}", source=self.name, event="job", payload=payload, received_at=now)

    def _check(self, sent: Sent) -> None:
        """Raise `Permanent` for an address that would not be fetched: whoever sends it should hear so at once."""
        if sent.log or sent.log_base64:
            raise Permanent("log: send the log or its address, not both")
        try:
            self._guard.check(URL(sent.log_url))
        except ValueError as error:
            raise Permanent("log_url is no address") from error

    @staticmethod
    def _keep(folder: Path, sent: Sent) -> None:
        """Write what was sent, whole or not at all."""
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        (partial / "artifacts").mkdir(parents=True)
        if sent.log_url:
            (partial / "address").write_text(sent.log_url, encoding="utf-8")
        else:
            (partial / "log").write_bytes(_content(sent.log, sent.log_base64, "log"))
        if sent.passing_log or sent.passing_log_base64:
            (partial / "passing").write_bytes(_content(sent.passing_log, sent.passing_log_base64, "passing_log"))
        if len(sent.artifacts) > MOST_ARTIFACTS:
            raise Permanent(f"at most {MOST_ARTIFACTS} artifacts are taken")
        names = {}
        for number, (name, text) in enumerate(sorted(sent.artifacts.items())):
            (partial / "artifacts" / str(number)).write_bytes(_content("", text, f"artifact {name[:80]}"))
            names[str(number)] = Path(name).name[:200] or "artifact"
        (partial / "job.json").write_text(json.dumps(names), encoding="utf-8")
        partial.replace(folder)

    # -------------------------------------------------------------------------------- what failed

    def announces(self, delivery: Delivery) -> Announced:
        """The job that was sent."""
        row = json.loads(delivery.payload)
        if delivery.event != "job":
            return Ignored(reason=f"no such event: {delivery.event}")
        return Job(
            **{
                **row,
                "trust": Trust(row["trust"]),
                "finished_at": datetime.fromisoformat(row["finished_at"]) if row["finished_at"] else None,
                "change": None,
            }
        )

    async def complete(self, job: Job) -> Job:
        """Everything was said when it was sent."""
        return job

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        """What was sent, copied to the spool. Raises `Gone` where it was cleared away."""
        spooled = await asyncio.to_thread(self._copied, job, folder)
        address = self._folder / job.log_url / "address"
        if not await asyncio.to_thread(spooled.log.exists):
            url = await asyncio.to_thread(address.read_text, encoding="utf-8")
            await self._downloader.fetch(url, spooled.log, most=self._most)
        return spooled

    def _copied(self, job: Job, folder: Path) -> Spooled:
        kept = self._folder / job.log_url
        if "/" in job.log_url or not (kept / "job.json").exists():
            raise Gone("what was sent is no longer there")
        folder.mkdir(parents=True, exist_ok=True)
        log = folder / "log"
        if (kept / "log").exists():
            shutil.copyfile(kept / "log", log)
        passing = Path(shutil.copyfile(kept / "passing", folder / "passing")) if (kept / "passing").exists() else None
        names = json.loads((kept / "job.json").read_text(encoding="utf-8"))
        artifacts = tuple(
            (name, Path(shutil.copyfile(kept / "artifacts" / number, folder / f"artifact-{number}")))
            for number, name in names.items()
        )
        return Spooled(log=log, passing=passing, artifacts=artifacts)

    async def green(self, job: Job, since: datetime, folder: Path) -> Path | None:
        """Nobody sends what passed."""
        del job, since, folder
        return None

    async def edits(self, job: Job) -> Edits | None:
        """There is no change."""
        _ = job
        return None

    # -------------------------------------------------------------------------------- what we say

    async def advice_on(self, job: Job) -> Posted | None:
        """There is nowhere to say it."""
        _ = job
        return None

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        """Raises `Permanent`: a job that was sent has no change to advise."""
        raise Permanent(f"{job.key} was sent by hand and has no change ({len(body)} characters, {standing})")

    async def may(self, command: Command) -> str:
        """Nobody commands here."""
        _ = command
        return "none"

    async def acknowledge(self, command: Command) -> None:
        """There is nothing to acknowledge."""

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        """Raises `Permanent`: there is nowhere to answer."""
        raise Permanent(f"{command.where} can't be answered ({len(body)} characters, {standing})")

    async def replied(self, command: Command) -> Posted | None:
        """There is no answer."""
        _ = command
        return None

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:
        """Whoever sent a job tries again by itself."""
        _ = since
        return ()


def _sent(body: bytes) -> Sent:
    try:
        return Sent.model_validate_json(body)
    except ValidationError as error:
        rows = "; ".join(f"{'.'.join(map(str, row['loc']))}: {row['msg']}" for row in error.errors()[:5])
        raise Permanent(f"the body is no job: {rows}") from error


def _content(text: str, encoded: str, what: str) -> bytes:
    """The bytes of a log or artifact. Raises `Permanent`."""
    if text and encoded:
        raise Permanent(f"{what}: send it as text or as base64, not both")
    try:
        content = base64.b64decode(encoded, validate=True) if encoded else text.encode("utf-8", "replace")
    except binascii.Error as error:
        raise Permanent(f"{what} is no base64") from error
    if not content:
        raise Permanent(f"{what} is empty")
    if len(content) > LARGEST_LOG:
        raise Permanent(f"{what} is larger than {LARGEST_LOG // 2**20} MB")
    return content


def _plain(job: Job) -> dict[str, object]:
    """The job as JSON; it has no change."""
    return {
        "key": job.key,
        "source": job.source,
        "project": job.project,
        "name": job.name,
        "attempt": job.attempt,
        "url": job.url,
        "log_url": job.log_url,
        "branch": job.branch,
        "revision": job.revision,
        "pipeline": job.pipeline,
        "finished_at": job.finished_at.isoformat() if job.finished_at else None,
        "trust": job.trust.value,
        "private": job.private,
        "distribution": job.distribution,
        "installation": job.installation,
    }
