"""Ports that speak to the small forge over HTTP. They keep the ports' promises; nothing of the pipeline is faked."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from msgspec.structs import replace

from bot.errors import Gone, Permanent, Refused, Transient, Unreadable
from bot.model import (
    Action,
    Announced,
    Change,
    Command,
    Culprit,
    Delivery,
    Edits,
    Environment,
    Ignored,
    Installed,
    Job,
    Judgement,
    Kind,
    Reading,
    Recipient,
    Removed,
    Report,
    Thread,
    TrackerRef,
    Trust,
    Verdict,
    WayRound,
    normalized,
)
from bot.ports import Analysis, Found, Posted, Spooled
from tests.store.examples import THEN, analysis, judged

Hook = Callable[[str, str], None]


def _nothing(_step: str, _moment: str) -> None:
    pass


class Wire:
    """One call of the forge, with the errors that adapters raise."""

    def __init__(self, address: str, hook: Hook = _nothing) -> None:
        self.address = address
        self.hook = hook

    async def __call__(self, name: str, **body: Any) -> Any:
        asked = asyncio.create_task(self._ask(name, body))
        await asyncio.wait([asked], timeout=0.2 if name in {"open", "advise", "comment"} else None)
        self.hook(f"forge.{name}", "sent")
        found = await asked
        self.hook(f"forge.{name}", "landed")
        return found

    async def _ask(self, name: str, body: dict[str, Any]) -> Any:
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
                session.post(f"{self.address}/{name}", json=body) as answer,
            ):
                if answer.status == 410:
                    raise Gone(f"{name}: 410")
                if answer.status in {403, 404}:
                    raise Refused(f"{name}: {answer.status}")
                if answer.status >= 500 or answer.status == 429:
                    raise Transient(f"{name}: {answer.status}", retry_after=0.05)
                return await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Transient(f"{name}: {error}", retry_after=0.05) from error


def posted(row: dict[str, Any] | None) -> Posted | None:
    return Posted(id=row["id"], url=f"http://forge/{row['id']}", body=row["body"]) if row else None


class FakeSource:
    """A delivery's payload says what it announces: `{"job": {...}}`, `{"commands": [...]}` or nothing."""

    name = "github"
    markdown = True
    removable = True

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.missed: list[Delivery] = []
        self.gone: set[str] = set()
        self.passing: dict[str, str] = {}
        """The release of the library that a job has passed with, by the job's key."""

    def announces(self, delivery: Delivery) -> Announced:
        said = json.loads(delivery.payload)
        if "job" in said:
            return job(**said["job"])
        if "removed" in said:
            return Removed(installation=said["removed"])
        if "commands" in said:
            return tuple(Command(source=self.name, **row) for row in said["commands"])
        return Ignored(reason="nothing failed")

    async def complete(self, job: Job) -> Job:
        await self.wire("world")
        return job

    async def fetch(self, job: Job, folder: Path) -> Spooled:
        await self.wire("world")
        if "expired" in job.key:
            raise Gone("the log has expired")
        log = folder / "log.txt"
        log.write_text(job.key, encoding="utf-8")
        return Spooled(log=log)

    async def green(self, job: Job, since: datetime, folder: Path) -> Path | None:
        version = self.passing.get(job.key)
        if version is None or (job.finished_at and since < job.finished_at):
            return None
        log = folder / "green"
        log.write_text(f"green {version}", encoding="utf-8")
        return log

    async def edits(self, job: Job) -> Edits | None:  # noqa: ARG002 - the port's signature
        return None

    async def advice_on(self, job: Job) -> Posted | None:
        assert job.change is not None
        return posted(await self.wire("advice_on", change=job.change.id))

    async def advise(self, job: Job, body: str, standing: Posted | None) -> Posted:
        assert job.change is not None
        made = posted(
            await self.wire("advise", change=job.change.id, body=body, standing=standing.id if standing else None)
        )
        assert made is not None
        return made

    async def may(self, command: Command) -> str:
        return command.association or "none"

    async def acknowledge(self, command: Command) -> None:  # noqa: ARG002 - the port's signature
        await self.wire("world")

    async def reply(self, command: Command, body: str, standing: Posted | None) -> Posted:
        made = posted(
            await self.wire("reply", where=command.where, body=body, standing=standing.id if standing else None)
        )
        assert made is not None
        return made

    async def replied(self, command: Command) -> Posted | None:
        return posted(await self.wire("replied", where=command.where))

    async def catch_up(self, since: datetime) -> Sequence[Delivery]:  # noqa: ARG002 - the port's signature
        return self.missed


class FakeTracker:
    name = "github"

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def takes(self, tracker: str) -> bool:
        return tracker.startswith("http://forge/")

    async def recipient(self, tracker: str) -> Recipient:
        return Recipient(name=tracker.removeprefix("http://forge/").split("/")[0], channel="app")

    async def standing(self, tracker: str, fingerprint: str, since: datetime) -> Sequence[Found]:  # noqa: ARG002 - the port's signature
        rows = await self.wire("standing", tracker=tracker, fingerprint=fingerprint)
        return [_found(row) for row in rows]

    async def search(self, tracker: str, words: Sequence[str], since: datetime) -> Sequence[Found]:  # noqa: ARG002 - the port's signature
        return []

    async def open(self, report: Report) -> Thread:
        row = await self.wire(
            "open", tracker=report.tracker, title=report.title, body=report.body, fingerprint=report.fingerprint
        )
        return Thread(url=row["url"], tracker=report.tracker, opened_at=datetime.fromisoformat(row["at"]))

    async def comment(self, thread: str, body: str) -> Posted:
        made = posted(await self.wire("comment", thread=thread, body=body))
        assert made is not None
        return made

    async def comments(self, thread: str, since: datetime) -> Sequence[Posted]:  # noqa: ARG002 - the port's signature
        return [row for row in map(posted, await self.wire("comments", thread=thread)) if row]

    async def edit(self, thread: str, body: str) -> None:
        await self.wire("edit", thread=thread, body=body)

    async def state(self, thread: str) -> Found:
        row = await self.wire("state", thread=thread)
        if row is None:
            raise Gone(f"{thread} is gone")
        return _found(row)


def _found(row: dict[str, Any]) -> Found:
    return Found(
        url=row.get("url") or f"{row['tracker']}/{row['id']}",
        title=row["title"],
        state=row["state"],
        author="upriver[bot]" if not row.get("by_human") else "ann",
        by_human=bool(row.get("by_human")),
        created_at=datetime.fromisoformat(row["at"]),
        body=row["body"],
        closed_as=row.get("closed_as", ""),
    )


class FakeAnalyst:
    """Judges by the job's name: `LIBRARY breaks NAME`, `unreadable`, `project`; each library is its own recipient."""

    def __init__(self) -> None:
        self.released: dict[str, tuple[str, datetime]] = {}
        """The release that mends a library, and when it came out."""

    async def analyse(self, job: Job, spooled: Spooled, edits: Edits | None) -> Analysis:  # noqa: ARG002 - the port's signature
        text = spooled.log.read_text(encoding="utf-8")
        if text.startswith("green "):
            return _passed(job.name.partition(" ")[0], text.removeprefix("green "))
        assert text == job.key
        if job.name == "unreadable":
            raise Unreadable("this is no log")
        if job.name == "bomb":
            raise Permanent("reading and judging took more than 120 s")
        library, _, symbol = job.name.partition(" breaks ")
        version, released = self.released.get(library, ("", datetime.max.replace(tzinfo=UTC)))
        mended = job.finished_at is not None and job.finished_at >= released
        return analysis(
            judged(
                message=f"cannot import name '{symbol}' from '{library}'",
                symbol=f"{library}.{symbol}",
                culprit=Culprit(distribution=normalized(library), version="1.0"),
                trigger=None,
                tracker=TrackerRef(url=f"http://forge/{library}/issues", corroborated=True),
                action=Action.ALREADY_FIXED if mended else Action.REPORT,
                fixed_in=version if mended else None,
                way_round=WayRound(constraint=f"{library}>={version}", says="upgrade to it") if mended else None,
            )
        )


def _passed(library: str, version: str) -> Analysis:
    """A green job's log: nothing failed, and the set says what was installed."""
    installed = (Installed(name=normalized(library), version=version, line=1, how="pip"),)
    return Analysis(
        reading=Reading(environment=Environment(installed=installed)),
        judgement=Judgement(verdict=Verdict(kind=Kind.NONE, confidence=0.99)),
        fingerprint=None,
        seconds=0.1,
    )


def job(key: str, name: str, project: str = "acme/shop", change: str | None = "1", **values: Any) -> Job:
    """A job of a project; `change` is a pull request's number."""
    made = Job(
        key=f"github:forge/{key}",
        source="github",
        project=project,
        name=name,
        url=f"https://forge.example/{key}",
        change=Change(id=f"{project}#{change}", url="https://forge.example/pull", revision="abc") if change else None,
        branch="main",
        finished_at=THEN,
        trust=Trust.TRUSTED,
        installation="1",
    )
    return replace(made, **{name: Trust(value) if name == "trust" else value for name, value in values.items()})


def delivery(identity: str, event: str = "workflow_job", **said: Any) -> Delivery:
    return Delivery(
        id=identity,
        source="github",
        event=event,
        payload=json.dumps(said).encode(),
        received_at=THEN,
    )
