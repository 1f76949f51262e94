"""The first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first version."""
    op.create_table(
        "advice",
        sa.Column("change_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("posted_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("judged_right", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("change_id", name=op.f("pk_advice")),
        comment="Our one comment on a change, as it stands or would stand.",
    )
    op.create_index(op.f("ix_advice_bug"), "advice", ["bug"], unique=False)
    op.create_index(op.f("ix_advice_updated_at"), "advice", ["updated_at"], unique=False)

    op.create_table(
        "bonds",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=False),
        sa.Column("together", sa.Boolean(), nullable=False),
        sa.Column("came_from", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bonds")),
        sa.UniqueConstraint("fingerprint", "bug", name=op.f("uq_bonds_fingerprint_bug")),
        comment="Merges and splits that humans ordered; they outrank the machine for ever.",
    )
    op.create_table(
        "bugs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("symbol", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("fixed_in", sa.Text(), nullable=True),
        sa.Column("culprit", sa.Text(), nullable=True),
        sa.Column("culprit_version", sa.Text(), nullable=True),
        sa.Column("trigger", sa.Text(), nullable=True),
        sa.Column("last_good", sa.Text(), nullable=True),
        sa.Column("first_bad", sa.Text(), nullable=True),
        sa.Column("tracker", sa.Text(), nullable=True),
        sa.Column("exception", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("judgement", JSON, nullable=False),
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("decision", JSON, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["merged_into"], ["bugs.key"], name=op.f("fk_bugs_merged_into_bugs")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_bugs")),
        comment="A group of failures held to be one defect.",
    )
    op.create_index(op.f("ix_bugs_culprit"), "bugs", ["culprit"], unique=False)
    op.create_index(op.f("ix_bugs_family"), "bugs", ["family"], unique=False)
    op.create_index(op.f("ix_bugs_merged_into"), "bugs", ["merged_into"], unique=False)
    op.create_index(op.f("ix_bugs_seen_at"), "bugs", ["seen_at"], unique=False)
    op.create_index(op.f("ix_bugs_symbol"), "bugs", ["symbol"], unique=False)
    op.create_index(op.f("ix_bugs_trigger_first_bad"), "bugs", ["trigger", "first_bad"], unique=False)

    op.create_table(
        "buried",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("refers", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("arguments", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("replayed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replayed_by", sa.Text(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_buried")),
        comment="What could not be done, visibly. A human may replay it.",
    )
    op.create_index(op.f("ix_buried_at"), "buried", ["at"], unique=False)
    op.create_index(op.f("ix_buried_refers"), "buried", ["refers"], unique=False)

    op.create_table(
        "channels",
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("recipient", "channel", name=op.f("pk_channels")),
        comment="Channels that a forge refused us at a recipient: downgraded and remembered.",
    )
    op.create_table(
        "commands",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("command", JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_commands")),
        comment="Every command with who, when and what came of it.",
    )
    op.create_index(op.f("ix_commands_place"), "commands", ["place"], unique=False)
    op.create_index(op.f("ix_commands_received_at"), "commands", ["received_at"], unique=False)

    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
        comment="How far a source or a sweep has read.",
    )
    op.create_table(
        "deliveries",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("announced", sa.Text(), nullable=False),
        sa.Column("refers", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_deliveries")),
        comment="Every delivery that announced something, and what became of it. The others are counted below.",
    )
    op.create_index(op.f("ix_deliveries_received_at"), "deliveries", ["received_at"], unique=False)
    op.create_index(op.f("ix_deliveries_refers"), "deliveries", ["refers"], unique=False)

    op.create_table(
        "delivery_counts",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "source", "event", "outcome", name=op.f("pk_delivery_counts")),
        comment="Deliveries by day and outcome; those that announce nothing leave only this.",
    )
    op.create_table(
        "installations",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "id", name=op.f("pk_installations")),
        comment="Where the App is installed.",
    )
    op.create_table(
        "intents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_intents")),
        comment="What was about to be created on a forge that knows no idempotency key.",
    )
    op.create_table(
        "jobs",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=True),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("branch", sa.Text(), nullable=False),
        sa.Column("pipeline", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("installation", sa.Text(), nullable=False),
        sa.Column("job", JSON, nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("spool", sa.Text(), nullable=True),
        sa.Column("spooled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("spooled_by", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("bug", sa.Text(), nullable=True),
        sa.Column("decision", JSON, nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_jobs")),
        comment="Every failing job, once.",
    )
    op.create_index(op.f("ix_jobs_bug"), "jobs", ["bug"], unique=False)
    op.create_index(op.f("ix_jobs_change_id"), "jobs", ["change_id"], unique=False)
    op.create_index(op.f("ix_jobs_fingerprint"), "jobs", ["fingerprint"], unique=False)
    op.create_index(op.f("ix_jobs_project_received_at"), "jobs", ["project", "received_at"], unique=False)
    op.create_index(op.f("ix_jobs_received_at"), "jobs", ["received_at"], unique=False)
    op.create_index(op.f("ix_jobs_spooled_at"), "jobs", ["spooled_at"], unique=False)

    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("argument", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_marks")),
        sa.UniqueConstraint("cause", name=op.f("uq_marks_cause")),
        comment="Humans' standing orders. Lifted ones are kept.",
    )
    op.create_index(op.f("ix_marks_scope_subject"), "marks", ["scope", "subject"], unique=False)

    op.create_table(
        "recipients",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=True),
        sa.Column("draft_only", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_recipients")),
        comment="Who said no, once and for all, or allows drafts only; with the line that says so.",
    )
    op.create_table(
        "replicas",
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("draining", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("executor", name=op.f("pk_replicas")),
        comment="Heartbeats: who is alive, so that a dead replica's work is taken over.",
    )
    op.create_table(
        "replies",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("posted_id", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "where", name=op.f("pk_replies")),
        comment="Our one answer to a comment.",
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
        comment="What operators changed at run time.",
    )
    op.create_table(
        "writes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writes")),
        sa.UniqueConstraint("kind", "target", "cause", name=op.f("uq_writes_kind_target_cause")),
        comment="Everything written to a forge: the budgets are counted here.",
    )
    op.create_index(op.f("ix_writes_at"), "writes", ["at"], unique=False)
    op.create_index(op.f("ix_writes_recipient_at"), "writes", ["recipient", "at"], unique=False)

    op.create_table(
        "analyses",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("reading", JSON, nullable=False),
        sa.Column("judgement", JSON, nullable=False),
        sa.Column("fingerprint", JSON, nullable=True),
        sa.Column("failures_total", sa.Integer(), nullable=False),
        sa.Column("regions", JSON, nullable=False),
        sa.ForeignKeyConstraint(["job"], ["jobs.key"], name=op.f("fk_analyses_job_jobs"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_analyses")),
        comment="What was read and judged of a job. The log's text is private to the job: redact before showing.",
    )
    op.create_table(
        "fingerprints",
        sa.Column("scheme", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("parts", JSON, nullable=False),
        sa.Column("joined_by", sa.Text(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["bug"], ["bugs.key"], name=op.f("fk_fingerprints_bug_bugs")),
        sa.PrimaryKeyConstraint("scheme", "digest", name=op.f("pk_fingerprints")),
        comment="Every fingerprint ever seen, of every scheme, and the Bug it stands for today.",
    )
    op.create_index(op.f("ix_fingerprints_bug"), "fingerprints", ["bug"], unique=False)

    op.create_table(
        "occurrences",
        sa.Column("job", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("change_id", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("trust", sa.Text(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("versions", JSON, nullable=False),
        sa.Column("python", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["bug"], ["bugs.key"], name=op.f("fk_occurrences_bug_bugs")),
        sa.PrimaryKeyConstraint("job", "bug", name=op.f("pk_occurrences")),
        comment="One Bug seen in one trusted Job.",
    )
    op.create_index(op.f("ix_occurrences_at"), "occurrences", ["at"], unique=False)
    op.create_index(op.f("ix_occurrences_bug_at"), "occurrences", ["bug", "at"], unique=False)

    op.create_table(
        "reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("bug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prefilled", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("posted_url", sa.Text(), nullable=True),
        sa.Column("judged_right", sa.Boolean(), nullable=True),
        sa.Column("judged_by", sa.Text(), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["bug"], ["bugs.key"], name=op.f("fk_reports_bug_bugs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("bug", "kind", "target", name=op.f("uq_reports_bug_kind_target")),
        comment="Texts for upstream: drafts, what shadow would have posted, what was posted.",
    )
    op.create_index(op.f("ix_reports_state"), "reports", ["state"], unique=False)

    op.create_table(
        "threads",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("bug", sa.Text(), nullable=False),
        sa.Column("tracker", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_as", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("by_human", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("commented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fixed_in", sa.Text(), nullable=True),
        sa.Column("told", JSON, nullable=False),
        sa.ForeignKeyConstraint(["bug"], ["bugs.key"], name=op.f("fk_threads_bug_bugs")),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_threads")),
        comment="Where a Bug is talked about upstream.",
    )
    op.create_index(op.f("ix_threads_bug"), "threads", ["bug"], unique=False)
    op.create_index(op.f("ix_threads_checked_at"), "threads", ["checked_at"], unique=False)
    op.create_index(op.f("ix_threads_tracker"), "threads", ["tracker"], unique=False)
