"""Fixes followed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

JSON = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Fixes followed."""
    op.add_column("bugs", sa.Column("fix", JSON, nullable=True))
    op.add_column("bugs", sa.Column("fix_checked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("occurrences", sa.Column("green_at", sa.DateTime(timezone=True), nullable=True))
