"""Store format 5: jobs in fair order and with their traces, and the gates before models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; jobs that wait keep their order, since none has a rank before another."""
    jobs = sa.table("jobs", *map(sa.column, ("scope_id", "kind", "run_after", "tenant", "priority", "queued_at")))
    scopes = sa.table("scopes", sa.column("id"), sa.column("tenant"))
    op.drop_index("ix_jobs_due", "jobs")
    op.add_column("jobs", sa.Column("tenant", sa.String(256), nullable=False, server_default=""))
    op.add_column("jobs", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("rank", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("trace", sa.String(64), nullable=True))
    tenant = sa.select(scopes.c.tenant).where(scopes.c.id == jobs.c.scope_id).scalar_subquery()
    priority = sa.case({"index": 1, "summarise": 2, "consolidate": 3}, value=jobs.c.kind, else_=0)
    op.execute(sa.update(jobs).values(tenant=tenant, priority=priority, queued_at=jobs.c.run_after))
    with op.batch_alter_table("jobs") as changed:
        changed.alter_column("queued_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    op.create_index("ix_jobs_due", "jobs", ["state", "rank"], unique=False)
    op.create_index("ix_jobs_age", "jobs", ["state", "id"], unique=False)
    op.create_index("ix_jobs_tenant", "jobs", ["tenant", "state", "priority", "rank"], unique=False)
    op.create_table(
        "model_gates",
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("level", sa.Double(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("shut_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_model_gates")),
    )
    _say_format(5)


def downgrade() -> None:
    """Take them away, with the jobs of a state that nobody knew."""
    jobs = sa.table("jobs", sa.column("state"))
    op.execute(sa.delete(jobs).where(jobs.c.state == "cancelled"))
    op.drop_table("model_gates")
    op.drop_index("ix_jobs_tenant", "jobs")
    op.drop_index("ix_jobs_age", "jobs")
    op.drop_index("ix_jobs_due", "jobs")
    with op.batch_alter_table("jobs") as changed:
        for name in ("tenant", "priority", "rank", "queued_at", "trace"):
            changed.drop_column(name)
    op.create_index("ix_jobs_due", "jobs", ["state", "run_after"], unique=False)
    _say_format(4)


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
