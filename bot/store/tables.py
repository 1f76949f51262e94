"""The ledger's tables: one model for SQLite and PostgreSQL. What reads and writes them is in this package only.

Values of `bot.model` are stored as JSON (`bot.store.values`), and the columns beside them are what is searched,
sorted and constrained. Unique constraints decide what happened once; reads never do. A change of this file needs a
migration in `migrations/versions` (a test compares the two on both databases).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy import Text as PlainText
from sqlalchemy.dialects.postgresql import JSONB


class Instant(TypeDecorator[datetime]):
    """An aware instant, UTC in and out; SQLite keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; without its zone where the database keeps none."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """An aware instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""PostgreSQL stores neither NUL nor lone surrogates, and logs hold both."""


def storable(value: Any) -> Any:
    """The value with every character that a database refuses replaced, at any depth."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {storable(key): storable(row) for key, row in value.items()}
    if isinstance(value, list | tuple):
        return [storable(row) for row in value]
    return value


class Text(TypeDecorator[str]):
    """Text that any database takes."""

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Without what a database refuses."""
        return None if value is None else _UNSTORABLE.sub("\ufffd", value)


class Json(TypeDecorator[Any]):
    """JSON that any database takes; binary on PostgreSQL."""

    impl = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Without what a database refuses."""
        return storable(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("event", Text, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("announced", Text, nullable=False),  # job, command, removed
    Column("refers", Text, nullable=False),  # the job's key, or the commands' place
    Column("state", Text, nullable=False),  # started, job, commands, removed, buried
    Column("finished_at", Instant),
    Index(None, "received_at"),
    Index(None, "refers"),
    comment="Every delivery that announced something, and what became of it. The others are counted below.",
)

delivery_counts = Table(
    "delivery_counts",
    metadata,
    Column("day", Text, primary_key=True),  # ISO date, UTC
    Column("source", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),  # accepted, repeated, or why it was ignored
    Column("times", Integer, nullable=False),
    comment="Deliveries by day and outcome; those that announce nothing leave only this.",
)

jobs = Table(
    "jobs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("change_id", Text),
    Column("revision", Text, nullable=False),
    Column("branch", Text, nullable=False),
    Column("pipeline", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("trust", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("installation", Text, nullable=False),
    Column("job", Json, nullable=False),  # model.Job
    Column("received_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("state", Text, nullable=False),  # received, fetched, analysed, decided, done, gone, unreadable, buried
    Column("reason", Text, nullable=False),  # why it is gone, unreadable or buried; else empty
    Column("spool", Text),  # folder of the spooled material, relative to the spool; None once removed
    Column("spooled_at", Instant),
    Column("spooled_by", Text),  # the executor whose disk holds it
    Column("kind", Text),  # the verdict's kind, once judged
    Column("confidence", Float),
    Column("fingerprint", Text),  # scheme:digest of the root
    Column("bug", Text),  # the Bug's key, also where the job is untrusted and so no occurrence
    Column("decision", Json),  # model.Decision, as last decided for this job
    Column("decided_at", Instant),
    Index(None, "received_at"),
    Index(None, "project", "received_at"),
    Index(None, "change_id"),
    Index(None, "fingerprint"),
    Index(None, "bug"),
    Index(None, "spooled_at"),
    comment="Every failing job, once.",
)

analyses = Table(
    "analyses",
    metadata,
    Column("job", Text, ForeignKey("jobs.key", ondelete="CASCADE"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("reading", Json, nullable=False),  # model.Reading without failures and handled (in the judgement)
    Column("judgement", Json, nullable=False),  # model.Judgement; at most KEPT_JUDGED failures, the roots first
    Column("fingerprint", Json),  # model.Fingerprint with its parts, or None
    Column("failures_total", Integer, nullable=False),
    Column("regions", Json, nullable=False),  # [{"failure": i, "first": line, "lines": [text…]}]: the log's own text
    comment="What was read and judged of a job. The log's text is private to the job: redact before showing.",
)

bugs = Table(
    "bugs",
    metadata,
    Column("key", Text, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("fingerprint", Text, nullable=False),  # the one that its thread shows
    Column("family", Text, nullable=False),
    Column("symbol", Text),
    Column("kind", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("action", Text, nullable=False),
    Column("fixed_in", Text),
    Column("culprit", Text),
    Column("culprit_version", Text),
    Column("trigger", Text),
    Column("last_good", Text),
    Column("first_bad", Text),
    Column("tracker", Text),
    Column("exception", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("judgement", Json, nullable=False),  # model.Judgement of the trusted job that shows it best
    Column("job", Text, nullable=False),  # that job's key
    Column("decision", Json),  # model.Decision, the latest
    Column("decided_at", Instant),
    Column("drafted_at", Instant),
    Column("fix", Json),  # model.Fix, found after the judgement; its `green` is counted, not kept
    Column("fix_checked_at", Instant),
    Column("merged_into", Text, ForeignKey("bugs.key")),
    Index(None, "seen_at"),
    Index(None, "culprit"),
    Index(None, "family"),
    Index(None, "symbol"),
    Index(None, "trigger", "first_bad"),
    Index(None, "merged_into"),
    comment="A group of failures held to be one defect.",
)

fingerprints = Table(
    "fingerprints",
    metadata,
    Column("scheme", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("bug", Text, ForeignKey("bugs.key"), nullable=False),
    Column("family", Text, nullable=False),
    Column("parts", Json, nullable=False),
    Column("joined_by", Text, nullable=False),  # exact, similar, merge, split
    Column("first_seen", Instant, nullable=False),
    Index(None, "bug"),
    comment="Every fingerprint ever seen, of every scheme, and the Bug it stands for today.",
)

occurrences = Table(
    "occurrences",
    metadata,
    Column("job", Text, primary_key=True),
    Column("bug", Text, ForeignKey("bugs.key"), primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("change_id", Text),
    Column("attempt", Integer, nullable=False),
    Column("trust", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    Column("url", Text, nullable=False),
    Column("versions", Json, nullable=False),  # [[distribution, version]…] of culprit and trigger
    Column("python", Text),
    Column("green_at", Instant),  # when the same job was seen to pass with the release that mends it
    Index(None, "bug", "at"),
    Index(None, "at"),
    comment="One Bug seen in one trusted Job.",
)

threads = Table(
    "threads",
    metadata,
    Column("url", Text, primary_key=True),
    Column("bug", Text, ForeignKey("bugs.key"), nullable=False),
    Column("tracker", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),  # open, closed, fixed, refused, duplicate
    Column("closed_as", Text, nullable=False),
    Column("outcome", Text, nullable=False),  # confirmed, refused, duplicate, silent: the public ledger
    Column("by_human", Boolean, nullable=False),
    Column("how", Text, nullable=False),  # opened, adopted, joined, filed (by a command)
    Column("opened_at", Instant),
    Column("commented_at", Instant),
    Column("checked_at", Instant),
    Column("changed_at", Instant),  # when its state changed last
    Column("fixed_in", Text),
    Column("told", Json, nullable=False),  # what the latest text told: {"projects": n, "trigger": …}
    Index(None, "bug"),
    Index(None, "tracker"),
    Index(None, "checked_at"),
    comment="Where a Bug is talked about upstream.",
)

intents = Table(
    "intents",
    metadata,
    Column("kind", Text, primary_key=True),  # open, comment, advice, reply
    Column("key", Text, primary_key=True),
    Column("at", Instant, nullable=False),  # when last tried; older than the grace may be tried again
    Column("tries", Integer, nullable=False),
    Column("result", Text),  # the URL or id of what stands; None while it is not known
    Column("finished_at", Instant),
    comment="What was about to be created on a forge that knows no idempotency key.",
)

reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("bug", Text, ForeignKey("bugs.key"), nullable=False),
    Column("kind", Text, nullable=False),  # open, comment
    Column("target", Text, nullable=False),  # tracker or thread
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),  # exactly what was, or would be, posted
    Column("prefilled", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("state", Text, nullable=False),  # shadow, draft, held, posted
    Column("reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("posted_url", Text),
    Column("judged_right", Boolean),  # a human's mark in the quiet start; None: nobody looked
    Column("judged_by", Text),
    Column("judged_at", Instant),
    UniqueConstraint("bug", "kind", "target"),
    Index(None, "state"),
    comment="Texts for upstream: drafts, what shadow would have posted, what was posted.",
)

advice = Table(
    "advice",
    metadata,
    Column("change_id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("project", Text, nullable=False),
    Column("private", Boolean, nullable=False),
    Column("job", Text, nullable=False),  # the latest job that it speaks of
    Column("bug", Text),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),  # shadow, standing, removed (a human deleted it), refused
    Column("posted_id", Text),
    Column("url", Text),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("judged_right", Boolean),
    Column("judged_by", Text),
    Column("judged_at", Instant),
    Index(None, "bug"),
    Index(None, "updated_at"),
    comment="Our one comment on a change, as it stands or would stand.",
)

commands = Table(
    "commands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("argument", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("permission", Text, nullable=False),  # as the forge answered; empty while not asked
    Column("place", Text, nullable=False),
    Column("written_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("command", Json, nullable=False),  # model.Command
    Column("state", Text, nullable=False),  # received, obeyed, refused, failed
    Column("outcome", Text, nullable=False),  # the answer's sentence
    Column("bug", Text),
    Column("finished_at", Instant),
    Index(None, "received_at"),
    Index(None, "place"),
    comment="Every command with who, when and what came of it.",
)

replies = Table(
    "replies",
    metadata,
    Column("source", Text, primary_key=True),
    Column("where", Text, primary_key=True),
    Column("posted_id", Text),
    Column("url", Text),
    Column("body", Text, nullable=False),
    Column("at", Instant, nullable=False),
    comment="Our one answer to a comment.",
)

marks = Table(
    "marks",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("scope", Text, nullable=False),  # bug, change, project, thread, recipient
    Column("subject", Text, nullable=False),  # the Bug's key, change's id, project's name, URL or recipient's name
    Column("word", Text, nullable=False),
    Column("argument", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
    Column("cause", Text, unique=True),  # what set it (a command's id), so that a replay sets it once
    Index(None, "scope", "subject"),
    comment="Humans' standing orders. Lifted ones are kept.",
)

recipients = Table(
    "recipients",
    metadata,
    Column("name", Text, primary_key=True),
    Column("refused", Text),
    Column("draft_only", Text),
    Column("by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    comment="Who said no, once and for all, or allows drafts only; with the line that says so.",
)

channels = Table(
    "channels",
    metadata,
    Column("recipient", Text, primary_key=True),
    Column("channel", Text, primary_key=True),  # app, token
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    comment="Channels that a forge refused us at a recipient: downgraded and remembered.",
)

installations = Table(
    "installations",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),  # active, suspended, removed
    Column("detail", Json, nullable=False),
    Column("at", Instant, nullable=False),
    comment="Where the App is installed.",
)

buried = Table(
    "buried",
    metadata,
    Column("id", Text, primary_key=True),  # the workflow's id
    Column("workflow", Text, nullable=False),
    Column("refers", Text, nullable=False),  # the job's key, the Bug's or the command's id
    Column("step", Text, nullable=False),
    Column("error", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("arguments", Json, nullable=False),
    Column("at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("replayed_at", Instant),
    Column("replayed_by", Text),
    Column("settled_at", Instant),  # when a replay ended well
    Index(None, "at"),
    Index(None, "refers"),
    comment="What could not be done, visibly. A human may replay it.",
)

bonds = Table(
    "bonds",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("fingerprint", Text, nullable=False),
    Column("bug", Text, nullable=False),
    Column("together", Boolean, nullable=False),
    Column("came_from", Text),  # the Bug that it stood for before a merge, so that a merge can be taken back
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("fingerprint", "bug"),
    comment="Merges and splits that humans ordered; they outrank the machine for ever.",
)

writes = Table(
    "writes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),  # open, comment, edit, advice, reply
    Column("recipient", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("cause", Text, nullable=False),
    UniqueConstraint("kind", "target", "cause"),
    Index(None, "at"),
    Index(None, "recipient", "at"),
    comment="Everything written to a forge: the budgets are counted here.",
)

settings = Table(
    "settings",
    metadata,
    Column("key", Text, primary_key=True),  # stop, shadow, breaker, …
    Column("value", Json),
    Column("actor", Text, nullable=False),
    Column("at", Instant, nullable=False),
    comment="What operators changed at run time.",
)

cursors = Table(
    "cursors",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Json),
    Column("at", Instant, nullable=False),
    comment="How far a source or a sweep has read.",
)

takeovers = Table(
    "takeovers",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("times", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    comment="How often a workflow outlived the replica that ran it: too often, and it is what kills replicas.",
)

replicas = Table(
    "replicas",
    metadata,
    Column("executor", Text, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("version", Text, nullable=False),
    Column("draining", Boolean, nullable=False),
    comment="Heartbeats: who is alive, so that a dead replica's work is taken over.",
)

KEPT_JUDGED = 100
"""How many judged failures of a job are kept; `failures_total` counts all."""
