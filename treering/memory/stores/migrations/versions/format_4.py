"""Store format 4: what a model's answers cost, how far claims were compared, and which sessions are open."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what is there was never consolidated, and its cost is not known."""
    op.add_column("batches", sa.Column("cost", sa.Double(), nullable=True))
    op.add_column("heads", sa.Column("consolidated_version", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_sessions_open", "sessions", ["ended", "last_at"], unique=False)
    _say_format(4)


def downgrade() -> None:
    """Take them away, with the jobs of a kind that nobody knew."""
    op.drop_index("ix_sessions_open", "sessions")
    with op.batch_alter_table("batches") as batches:
        batches.drop_column("cost")
    with op.batch_alter_table("heads") as heads:
        heads.drop_column("consolidated_version")
    jobs = sa.table("jobs", sa.column("kind"))
    op.execute(sa.delete(jobs).where(jobs.c.kind == "consolidate"))
    _say_format(3)


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
