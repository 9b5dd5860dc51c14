"""Store format 3: summaries have parts, turns mention entities, and search rows know where a turn was said."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and have everything indexed anew."""
    op.create_table(
        "passage_parts",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("part_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_passage_parts_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "passage_id", "part_id", name=op.f("pk_passage_parts")),
    )
    op.create_index("ix_passage_parts_part", "passage_parts", ["scope_id", "part_id"], unique=False)
    _empty_passages()
    op.add_column("passages", sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("ix_passages_level", "passages", ["scope_id", "level"], unique=False)
    op.create_table(
        "mentions",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=256), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("entities", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_mentions_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "message_id", name=op.f("pk_mentions")),
    )
    op.create_index("ix_mentions_seq", "mentions", ["scope_id", "seq"], unique=False)
    op.create_table(
        "mention_heads",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rewritten_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_mention_heads_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_mention_heads")),
    )
    for column in _placed():
        op.add_column("vectors", column)
    _index_anew()
    _say_format(3)


def downgrade() -> None:
    """Take them away: what they hold can be made anew, and is."""
    for table in ("mentions", "mention_heads", "passage_parts"):
        op.drop_table(table)
    _empty_passages()
    op.drop_index("ix_passages_level", "passages")
    with op.batch_alter_table("passages") as passages:
        passages.drop_column("level")
    jobs = sa.table("jobs", sa.column("kind"))
    op.execute(sa.delete(jobs).where(jobs.c.kind == "summarise"))  # nobody knew that kind
    with op.batch_alter_table("vectors", table_kwargs={"sqlite_autoincrement": True}) as vectors:
        for column in _placed():
            vectors.drop_column(column.name)
    _index_anew()
    _say_format(2)


def _placed() -> tuple[sa.Column[str], sa.Column[int], sa.Column[int]]:
    return (
        sa.Column("session", sa.String(length=256), nullable=True),
        sa.Column("index", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
    )


def _empty_passages() -> None:
    """Passages are derived from turns; who makes them stores them in one way."""
    for table in ("passages", "passage_messages"):
        op.execute(sa.delete(sa.table(table)))


def _index_anew() -> None:
    """Search rows are derived from turns and claims: they go, and a job of each scope makes them again."""
    for table in ("vectors", "vector_heads"):
        op.execute(sa.delete(sa.table(table)))
    marks = {"indexed_version": 0, "indexed_seq": 0}
    heads = sa.table("heads", sa.column("scope_id"), *map(sa.column, marks))
    op.execute(sa.update(heads).values(marks))
    job = {"kind": "index", "payload": "{}", "state": "queued", "attempts": 0, "fence": 0}
    jobs = sa.table("jobs", *map(sa.column, ("scope_id", "run_after", *job)))
    queued = sa.select(jobs.c.scope_id).where(*(jobs.c[name] == job[name] for name in ("kind", "payload", "state")))
    known = sa.union_all(
        sa.select(sa.column("scope_id"), sa.column("last_at").label("at")).select_from(sa.table("sessions")),
        sa.select(sa.column("scope_id"), sa.column("recorded_at")).select_from(sa.table("batches")),
    ).subquery()
    due = sa.select(known.c.scope_id, sa.func.max(known.c.at), *map(sa.literal, job.values()))
    rows = due.where(known.c.scope_id.not_in(queued)).group_by(known.c.scope_id)
    op.execute(sa.insert(jobs).from_select(["scope_id", "run_after", *job], rows))


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
