"""`POST /api/jobs`: any CI hands in a failing job. The body's model, where its material waits, and the Source over it.

The route itself (token, idempotency header, the body's cap) is the web's. `Intake.take` turns a body into a Delivery that
holds no log: the material is written to the inbox first, under the job's key, so that what the pipeline keeps is small
and a repeated request changes nothing. The inbox lies in the data folder; replicas that do not share it should be given
`log_url` instead.

Who may post is who has the scope's token. What such a request says of trust is believed: whoever lets strangers' code
see the token lets strangers speak.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from bot.errors import Gone, Permanent, Refused
from bot.model import (
    Announced,
    Change,
    Command,
    Delivery,
    Edits,
    Ignored,
    Job,
    Trust,
    normalized,
)
from bot.ports import Posted, Spooled
from bot.sources.download import Downloader, Guard
from bot.sources.zuul import Caps

EVENT = "job"
_MATERIAL = {"log", "log_base64", "log_url", "passing_log", "passing_log_base64", "passing_log_url", "artifacts"}
LOG, PASSING, CONTENTS = "log", "passing", "contents.json"
MOST_ARTIFACTS = 20

Line = Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^(https?://[^\s<>\"\x00-\x1f]+)?$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f/\\]+$")]


class Posting(BaseModel):
    """The body of `POST /api/jobs`. One of `log`, `log_base64` and `log_url` is needed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    project: Annotated[Line, Field(min_length=1, description="The project, as its forge names it: `owner/repo`.")]
    name: Annotated[Line, Field(min_length=1, description="The job's name.")] = "job"
    distribution: Annotated[Line, Field(description="The project's own distribution on the package index.")] = ""
    ci: Annotated[Line, Field(description="What ran it: jenkins, gitlab, buildkite, …")] = ""
    url: Annotated[Url, Field(description="Where people read the job.")] = ""
    branch: Annotated[Line, Field(description="The branch it ran on.")] = ""
    revision: Annotated[Line, Field(description="The commit it ran on.")] = ""
    attempt: Annotated[int, Field(ge=1, le=1_000, description="Which try of the job this was.")] = 1
    change: Annotated[Line, Field(description="The change it ran for, as its forge names it: `owner/repo#12`.")] = ""
    change_url: Annotated[Url, Field(description="Where people read the change.")] = ""
    as_of: Annotated[datetime | None, Field(description="When the job ran; now where it is not said.")] = None
    trusted: Annotated[
        bool, Field(description="Whether only people with write permission could have written the log.")
    ] = False
    private: Annotated[bool, Field(description="Whether the project is private.")] = False
    log: Annotated[str, Field(description="The log as text.")] = ""
    log_base64: Annotated[str, Field(description="The log as bytes: plain, gzip, zstd or zip.")] = ""
    log_url: Annotated[Url, Field(description="The log's address, on one of the hosts in UPRIVER_LOG_HOSTS.")] = ""
    passing_log: Annotated[str, Field(description="The last green log of the same job, as text.")] = ""
    passing_log_base64: Annotated[str, Field(description="The last green log, as bytes.")] = ""
    passing_log_url: Annotated[Url, Field(description="The last green log's address.")] = ""
    artifacts: Annotated[
        dict[Name, str], Field(max_length=MOST_ARTIFACTS, description="Test reports by file name, in base64.")
    ] = {}

    @model_validator(mode="after")
    def _one_log(self) -> Self:
        given = [name for name in ("log", "log_base64", "log_url") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("exactly one of log, log_base64 and log_url is needed")
        passing = [name for name in ("passing_log", "passing_log_base64", "passing_log_url") if getattr(self, name)]
        if len(passing) > 1:
            raise ValueError("at most one of passing_log, passing_log_base64 and passing_log_url")
        return self


class Unacceptable(Permanent):
    """A body that is no job; the text says why. Answered 422."""

    status = 422


def posting(body: bytes) -> Posting:
    """The body as a Posting. Raises `Unacceptable` with every mistake. Pure."""
    try:
        return Posting.model_validate_json(body)
    except ValidationError as error:
        rows = [f"{'.'.join(map(str, row['loc'])) or 'body'}: {row['msg']}" for row in error.errors()[:10]]
        raise Unacceptable("; ".join(rows)[:1_000]) from error


def key_of(scope: str, idempotency_key: str) -> str:
    """The job's key: the same request twice is one job."""
    return f"generic:{scope}/{idempotency_key}"


def job_of(scope: str, idempotency_key: str, given: Posting, now: datetime) -> Job:
    """The job that a Posting describes. Pure."""
    change = None
    if given.change:
        change = Change(id=given.change, url=given.change_url, revision=given.revision, branch=given.branch)
    ran = given.as_of or now
    return Job(
        key=key_of(scope, idempotency_key),
        source="generic",
        project=given.project,
        name=given.name,
        attempt=given.attempt,
        url=given.url,
        log_url=given.log_url,
        change=change,
        branch=given.branch,
        revision=given.revision,
        pipeline=given.ci,
        finished_at=ran if ran.tzinfo else ran.replace(tzinfo=UTC),
        trust=Trust.TRUSTED if given.trusted else Trust.UNTRUSTED,
        private=given.private,
        distribution=normalized(given.distribution) if given.distribution else None,
        installation=scope,
    )


def material_of(given: Posting) -> dict[str, bytes]:
    """The material that came along, by what it is: the log, the passing log, `artifact-N`. Pure.

    Raises `Unacceptable` for what is no base64.
    """
    made: dict[str, bytes] = {}
    for name, text, coded in (
        (LOG, given.log, given.log_base64),
        (PASSING, given.passing_log, given.passing_log_base64),
    ):
        if text:
            made[name] = text.encode("utf-8", "surrogatepass")
        elif coded:
            made[name] = _bytes(name, coded)
    for number, (name, coded) in enumerate(given.artifacts.items()):
        made[f"artifact-{number}"] = _bytes(name, coded)
    return made


def _bytes(name: str, coded: str) -> bytes:
    try:
        return base64.b64decode("".join(coded.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unacceptable(f"{name}: that is no base64") from error


class Inbox:
    """Material that waits for its job, a folder a job, written whole or not at all."""

    def __init__(self, root: Path, *, keep_seconds: float = 14 * 86_400.0) -> None:
        self._root = root
        self._keep = keep_seconds

    def put(self, key: str, given: Posting) -> None:
        """Write what came; the first request with a key wins."""
        folder = self._folder(key)
        if (folder / CONTENTS).exists():
            return
        material = material_of(given)
        scratch = folder.with_suffix(f".{time.monotonic_ns()}")
        scratch.mkdir(parents=True, mode=0o700)
        try:
            for name, content in material.items():
                (scratch / name).write_bytes(content)
            row = {
                "log_url": given.log_url,
                "passing_url": given.passing_log_url,
                "artifacts": list(given.artifacts),
            }
            (scratch / CONTENTS).write_text(json.dumps(row), encoding="utf-8")
            scratch.replace(folder)
        except OSError:
            if not (folder / CONTENTS).exists():  # somebody else was quicker with the same key
                raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        self._prune()

    def find(self, key: str) -> tuple[Path, Mapping[str, object]]:
        """A job's folder and what is said of it. Raises `Gone`."""
        folder = self._folder(key)
        try:
            row = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise Gone("what was posted is not (or no longer) on this machine") from error
        return folder, row

    def _folder(self, key: str) -> Path:
        return self._root / hashlib.sha256(key.encode()).hexdigest()[:40]

    def _prune(self) -> None:
        """Delete what nobody can want any more."""
        old = time.time() - self._keep
        for folder in self._root.iterdir():
            if folder.stat().st_mtime < old:
                shutil.rmtree(folder, ignore_errors=True)


class Generic:
    """The intake as a Source: jobs come in whole, and nothing is said back to any forge."""

    name = "generic"
    markdown = True

    def __init__(self, inbox: Inbox, guard: Guard, caps: Caps | None = None) -> None:
        self._inbox = inbox
        self._caps = caps or Caps()
        self._downloader = Downloader(guard)

    async def close(self) -> None:
        """End the connections."""
        await self._downloader.close()

    def take(self, scope: str, idempotency_key: str, body: bytes, now: datetime) -> Delivery:
        """A request's body as a small Delivery; its material is in the inbox when this returns.

        Raises `Unacceptable`, whose text is for whoever posted.
        """
        given = posting(body)
        self._inbox.put(key_of(scope, idempotency_key), given)
        said = given.model_dump(mode="json", exclude=_MATERIAL)
        # a Posting has a log; this one stands in for what lies in the inbox
        row = {"scope": scope, "key": idempotency_key, "posting": {**said, "log": "in the inbox"}, "url": given.log_url}
        return Delivery(
            id=f"generic/{scope}/{idempotency_key}",
            source=self.name,
            event=EVENT,
            payload=json.dumps(row).encode(),
            received_at=now,
        )

    def announces(self, delivery: Delivery) -> Announced:
        """The job. Pure, quick: it runs in the request."""
        try:
            row = json.loads(delivery.payload)
            given = Posting.model_validate(row["posting"])
            scope, key, url = str(row["scope"]), str(row["key"]), str(row["url"])
        except (ValueError, KeyError, TypeError):
            return Ignored(reason="no job that was posted here")
        return replace(job_of(scope, key, given, delivery.received_at), log_url=url)

    async def complete(self, job: Job) -> Job:
        """The job: everything was said when it was posted."""
        return job

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        """Copy or download the material to `folder`. Re-runnable."""
        inbox, row = await asyncio.to_thread(self._inbox.find, job.key)
        log = await self._one(inbox / LOG, str(row.get("log_url") or ""), folder / LOG)
        if log is None:
            raise Gone("the job came without a log")
        passing = await self._one(inbox / PASSING, str(row.get("passing_url") or ""), folder / PASSING)
        names = row.get("artifacts")
        artifacts = []
        for number, name in enumerate(names if isinstance(names, list) else []):
            path = await self._one(inbox / f"artifact-{number}", "", folder / f"artifact-{number}")
            if path is not None:
                artifacts.append((str(name), path))
        return Spooled(log=log, passing=passing, artifacts=tuple(artifacts))

    async def _one(self, here: Path, url: str, to: Path) -> Path | None:
        if await asyncio.to_thread(here.exists):
            await asyncio.to_thread(shutil.copyfile, here, to)
            return to
        if not url:
            return None
        await self._downloader.fetch(url, to, most=self._caps.log)
        return to

    async def edits(self, job: Job) -> Edits | None:  # noqa: ARG002 - the port's signature
        """Nothing is known of the change's diff."""
        return None

    async def advice_on(self, job: Job) -> Posted | None:  # noqa: ARG002 - the port's signature
        """Nothing stands: there is nowhere to say it but the pages and the API."""
        return None

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:  # noqa: ARG002 - the port's signature
        """Refused: the answer is on the job's page."""
        raise Refused("a job that was posted is answered on its page")

    async def may(self, command: Command) -> str:  # noqa: ARG002 - the port's signature
        """Nobody commands here."""
        return "none"

    async def acknowledge(self, command: Command) -> None:
        """Nothing."""

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:  # noqa: ARG002 - the port's signature
        """Refused."""
        raise Refused("a job that was posted has no thread")

    async def replied(self, command: Command) -> Posted | None:  # noqa: ARG002 - the port's signature
        """Nothing."""
        return None

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:  # noqa: ARG002 - the port's signature
        """Nothing: who posts tries again."""
        return ()
