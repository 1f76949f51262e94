"""Takeovers counted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Takeovers counted."""
    op.create_table(
        "takeovers",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow", name=op.f("pk_takeovers")),
        comment="How often a workflow outlived the replica that ran it: too often, and it is what kills replicas.",
    )
