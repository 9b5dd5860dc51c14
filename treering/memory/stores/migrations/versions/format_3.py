"""Store format 3: summaries have parts, and turns mention entities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "passage_parts",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("part_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_passage_parts_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "passage_id", "part_id", name=op.f("pk_passage_parts")),
    )
    op.create_index("ix_passage_parts_part", "passage_parts", ["scope_id", "part_id"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=256), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entities", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_mentions_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "message_id", name=op.f("pk_mentions")),
    )
    _say_format(3)


def downgrade() -> None:
    """Take them away: what they hold can be made anew."""
    for table in ("mentions", "passage_parts"):
        op.drop_table(table)
    _say_format(2)


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
