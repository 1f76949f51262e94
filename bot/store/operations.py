"""Commands, buried work, settings that operators change, cursors, and who is alive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Command, Judgement
from bot.pipeline.records import Buried, CommandRecord
from bot.pipeline.values import from_json, to_json
from bot.ports import Posted
from bot.store.base import Part, insert_new, insert_or_update
from bot.store.bugs import said_by
from bot.store.tables import (
    advice,
    analyses,
    bugs,
    buried,
    commands,
    cursors,
    fingerprints,
    installations,
    jobs,
    occurrences,
    replicas,
    replies,
    reports,
    settings,
    takeovers,
    threads,
)


class Operations(Part):
    """What keeps it running."""

    # ------------------------------------------------------------------------------------------ commands

    async def add_command(self, identity: str, command: Command) -> bool:
        """Record a command; False where it was there already."""
        values = {
            "id": identity,
            "source": command.source,
            "word": command.word,
            "argument": command.argument,
            "actor": command.actor,
            "permission": "",
            "place": command.place,
            "written_at": command.written_at,
            "received_at": self.clock(),
            "command": to_json(command),
            "state": "received",
            "outcome": "",
        }
        async with self.database.writing() as connection:
            return await insert_new(connection, commands, values)

    async def finish_command(
        self, identity: str, *, state: str, permission: str, outcome: str, bug: str | None = None
    ) -> None:
        """Record what came of a command."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(commands)
                .where(commands.c.id == identity)
                .values(state=state, permission=permission, outcome=outcome, bug=bug, finished_at=self.clock())
            )

    async def command(self, identity: str) -> CommandRecord | None:
        """A command, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(commands).where(commands.c.id == identity))).one_or_none()
        return _command(row) if row else None

    async def commands_at(self, place: str, actor: str | None = None) -> Sequence[CommandRecord]:
        """The commands obeyed at a place, the latest first."""
        query = select(commands).where(commands.c.place == place, commands.c.state == "obeyed")
        if actor:
            query = query.where(commands.c.actor == actor)
        async with self.database.reading() as connection:
            rows = await connection.execute(query.order_by(commands.c.finished_at.desc()).limit(100))
            return [_command(row) for row in rows]

    async def reply(self, source: str, where: str) -> Posted | None:
        """Our answer to a comment, as far as we know it."""
        query = select(replies).where(replies.c.source == source, replies.c.where == where)
        async with self.database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return Posted(id=row.posted_id, url=row.url or "", body=row.body) if row and row.posted_id else None

    async def put_reply(self, source: str, where: str, posted: Posted) -> None:
        """Record our answer to a comment."""
        values = {
            "source": source,
            "where": where,
            "posted_id": posted.id,
            "url": posted.url,
            "body": posted.body,
            "at": self.clock(),
        }
        async with self.database.writing() as connection:
            await insert_or_update(connection, replies, values, key=("source", "where"))

    # ------------------------------------------------------------------------------------------ buried work

    async def bury(self, work: Buried) -> None:
        """Record work that could not be done, in which of its runs. Idempotent for each run."""
        values = {
            "id": work.id,
            "workflow": work.workflow,
            "refers": work.refers,
            "step": work.step,
            "error": work.error,
            "message": work.message[:2_000],
            "arguments": work.arguments,
            "at": work.at,
            "times": work.times,
        }
        changed = {name: values[name] for name in ("step", "error", "message", "at", "times")}
        async with self.database.writing() as connection:
            await insert_or_update(
                connection,
                buried,
                values,
                key=("id",),
                update={**changed, "replayed_at": None, "settled_at": None},
            )

    async def buried(self, identity: str) -> Buried | None:
        """One piece of buried work, or None."""
        async with self.database.reading() as connection:
            row = (await connection.execute(select(buried).where(buried.c.id == identity))).one_or_none()
        return _buried(row) if row else None

    async def unsettled(self, limit: int = 200) -> Sequence[Buried]:
        """Buried work that no replay settled, the latest first."""
        query = select(buried).where(buried.c.settled_at.is_(None)).order_by(buried.c.at.desc()).limit(limit)
        async with self.database.reading() as connection:
            return [_buried(row) for row in await connection.execute(query)]

    async def replayed(self, identity: str, actor: str) -> None:
        """Record that somebody replays buried work."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(buried).where(buried.c.id == identity).values(replayed_at=self.clock(), replayed_by=actor)
            )

    async def settle(self, identity: str) -> None:
        """Record that buried work was done after all."""
        async with self.database.writing() as connection:
            await connection.execute(update(buried).where(buried.c.id == identity).values(settled_at=self.clock()))

    # ------------------------------------------------------------------------------------------ settings, cursors

    async def setting(self, key: str) -> Any:
        """What an operator set, or None."""
        async with self.database.reading() as connection:
            return await connection.scalar(select(settings.c.value).where(settings.c.key == key))

    async def set_setting(self, key: str, value: Any, actor: str) -> None:
        """Set it, or with None leave it to the configuration again."""
        values = {"key": key, "value": value, "actor": actor, "at": self.clock()}
        async with self.database.writing() as connection:
            await insert_or_update(connection, settings, values, key=("key",))

    async def cursor(self, name: str) -> Any:
        """How far a source or a sweep has read, or None."""
        async with self.database.reading() as connection:
            return await connection.scalar(select(cursors.c.value).where(cursors.c.name == name))

    async def set_cursor(self, name: str, value: Any) -> None:
        """Record how far it has read."""
        values = {"name": name, "value": value, "at": self.clock()}
        async with self.database.writing() as connection:
            await insert_or_update(connection, cursors, values, key=("name",))

    async def due(self, sweep: str, seconds: float) -> bool:
        """Whether a sweep is due, taken by whoever asks first: one replica in each interval."""
        now = self.clock()
        name = f"sweep/{sweep}"
        async with self.database.writing() as connection:
            if await insert_new(connection, cursors, {"name": name, "value": None, "at": now}):
                return True
            taken = await connection.execute(
                update(cursors)
                .where(cursors.c.name == name, cursors.c.at <= now - timedelta(seconds=seconds))
                .values(at=now)
            )
        return taken.rowcount > 0

    # ------------------------------------------------------------------------------------------ installations

    async def put_installation(
        self, source: str, identity: str, *, account: str, state: str, detail: dict[str, Any] | None = None
    ) -> None:
        """Record where the App is installed."""
        values = {
            "source": source,
            "id": identity,
            "account": account,
            "state": state,
            "detail": detail or {},
            "at": self.clock(),
        }
        async with self.database.writing() as connection:
            await insert_or_update(connection, installations, values, key=("source", "id"))

    async def spools_of(self, source: str, identity: str) -> Sequence[str]:
        """Where the material of an installation's jobs lies."""
        query = select(jobs.c.spool).where(
            jobs.c.source == source, jobs.c.installation == identity, jobs.c.spool.is_not(None)
        )
        async with self.database.reading() as connection:
            return list(await connection.scalars(query))

    async def forget_installation(self, source: str, identity: str) -> int:
        """Uninstalling deletes: its jobs, what was read of them, our advice, and where its projects met a Bug.

        A Bug that one of its jobs showed best shows what another project's job says; one that nobody else met goes,
        or where a thread upstream stands for it stays without what was read.
        """
        theirs = (jobs.c.source == source) & (jobs.c.installation == identity)
        mine = select(jobs.c.key).where(theirs)
        async with self.database.writing() as connection:
            shown = (await connection.execute(select(bugs.c.key).where(bugs.c.job.in_(mine)))).scalars().all()
            changes = select(jobs.c.change_id).where(theirs)
            await connection.execute(delete(advice).where(advice.c.source == source, advice.c.change_id.in_(changes)))
            await connection.execute(delete(occurrences).where(occurrences.c.job.in_(mine)))
            await connection.execute(delete(analyses).where(analyses.c.job.in_(mine)))
            gone = await connection.execute(delete(jobs).where(theirs))
            for bug in shown:
                await _show_another(connection, bug)
            await connection.execute(
                update(installations)
                .where(installations.c.source == source, installations.c.id == identity)
                .values(state="removed", at=self.clock())
            )
        return gone.rowcount

    # ------------------------------------------------------------------------------------------ replicas

    async def beat(self, executor: str, version: str, *, draining: bool = False) -> None:
        """Say that this replica is alive, by the database's clock where it has one."""
        values = {"executor": executor, "at": await self._time(), "version": version, "draining": draining}
        async with self.database.writing() as connection:
            await insert_or_update(connection, replicas, values, key=("executor",))

    async def silent_replicas(self, seconds: float) -> Sequence[str]:
        """Replicas whose last beat is older than that."""
        now = await self._time()
        async with self.database.reading() as connection:
            rows = (await connection.execute(select(replicas))).all()
        return [row.executor for row in rows if (now - row.at).total_seconds() > seconds]

    async def forget_replica(self, executor: str) -> None:
        """Strike a replica off: it drained, or its work was taken over."""
        async with self.database.writing() as connection:
            await connection.execute(delete(replicas).where(replicas.c.executor == executor))

    async def took_over(self, workflow: str) -> int:
        """Count a takeover of a workflow; how many there were."""
        values = {"workflow": workflow, "times": 1, "at": self.clock()}
        async with self.database.writing() as connection:
            await insert_or_update(
                connection,
                takeovers,
                values,
                key=("workflow",),
                update={"times": takeovers.c.times + 1, "at": self.clock()},
            )
            times = await connection.scalar(select(takeovers.c.times).where(takeovers.c.workflow == workflow))
        return int(times or 0)

    async def delete_takeovers(self, before: datetime) -> None:
        """Forget old takeovers."""
        async with self.database.writing() as connection:
            await connection.execute(delete(takeovers).where(takeovers.c.at < before))

    async def _time(self) -> datetime:
        """Replicas' clocks differ; the database has one."""
        if self.database.sqlite:
            return self.clock()
        async with self.database.reading() as connection:
            time: datetime = (await connection.execute(select(func.now()))).scalar_one()
        return time


async def _show_another(connection: AsyncConnection, bug: str) -> None:
    """Let a Bug show another job that met it; without one, let it go or forget what was read."""
    query = (
        select(jobs.c.key, analyses.c.judgement)
        .join(analyses, analyses.c.job == jobs.c.key)
        .join(occurrences, occurrences.c.job == jobs.c.key)
        .where(occurrences.c.bug == bug)
        .order_by(jobs.c.private, jobs.c.confidence.desc())
    )
    other = (await connection.execute(query.limit(1))).one_or_none()
    standing = await connection.scalar(select(threads.c.url).where(threads.c.bug == bug).limit(1))
    if other is not None:
        said = said_by(from_json(Judgement, other.judgement))
        await connection.execute(update(bugs).where(bugs.c.key == bug).values(**said, job=other.key))
    elif standing is not None:
        row = (await connection.execute(select(bugs.c.judgement).where(bugs.c.key == bug))).one()
        kept = replace(from_json(Judgement, row.judgement), failures=())
        values = {"judgement": to_json(kept), "message": "", "job": ""}
        await connection.execute(update(bugs).where(bugs.c.key == bug).values(values))
        await connection.execute(delete(reports).where(reports.c.bug == bug, reports.c.state != "posted"))
    else:
        await connection.execute(delete(reports).where(reports.c.bug == bug))
        await connection.execute(delete(fingerprints).where(fingerprints.c.bug == bug))
        await connection.execute(update(bugs).where(bugs.c.merged_into == bug).values(merged_into=None))
        await connection.execute(delete(bugs).where(bugs.c.key == bug))


def _command(row: Row[Any]) -> CommandRecord:
    return CommandRecord(id=row.id, command=from_json(Command, row.command), state=row.state, outcome=row.outcome)


def _buried(row: Row[Any]) -> Buried:
    return Buried(
        id=row.id,
        workflow=row.workflow,
        refers=row.refers,
        step=row.step,
        error=row.error,
        message=row.message,
        arguments=row.arguments,
        at=row.at,
        times=row.times,
        replayed_at=row.replayed_at,
        settled_at=row.settled_at,
    )
