"""Store format 3: parts of summaries, what turns mention, and search rows of several embedders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and have everything indexed anew, and the sessions that ended summarised."""
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
    _drop_rows()
    _make_rows_of_embedders()
    with op.batch_alter_table("heads") as heads:
        for mark in _MARKS:
            heads.drop_column(mark)
    _queue("index")
    _queue("summarise")
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
    op.drop_table("index_marks")
    _drop_rows()
    _make_rows_of_one_embedder()
    for mark in _MARKS:
        op.add_column("heads", sa.Column(mark, sa.Integer(), nullable=False, server_default="0"))
    _queue("index")
    _say_format(2)


_MARKS = ("indexed_version", "indexed_seq")
"""How far the vectors had got, when there was one embedder."""


def _drop_rows() -> None:
    """Search rows are derived from turns and claims: they go."""
    for table in ("vectors", "vector_heads"):
        op.drop_table(table)


def _make_rows_of_embedders() -> None:
    op.create_table(
        "vectors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("dense", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("session", sa.String(length=256), nullable=True),
        sa.Column("index", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("is_users", sa.Boolean(), nullable=True),
        sa.Column("asks", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_vectors_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vectors")),
        sa.UniqueConstraint("scope_id", "entry_id", "epoch", name=op.f("uq_vectors_scope_id_entry_id_epoch")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_epoch", "vectors", ["scope_id", "epoch", "id"], unique=False)
    op.create_table(
        "vector_heads",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_vector_heads_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "fingerprint", name=op.f("pk_vector_heads")),
    )
    op.create_table(
        "index_marks",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_index_marks_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "fingerprint", name=op.f("pk_index_marks")),
    )


def _make_rows_of_one_embedder() -> None:
    op.create_table(
        "vector_heads",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_vector_heads_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_vector_heads")),
    )
    op.create_table(
        "vectors",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("dense", sa.LargeBinary(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_vectors_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vectors")),
        sa.UniqueConstraint("scope_id", "entry_id", name=op.f("uq_vectors_scope_id_entry_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_scope", "vectors", ["scope_id", "id"], unique=False)


def _empty_passages() -> None:
    """Passages are derived from turns; who makes them stores them in one way."""
    for table in ("passages", "passage_messages"):
        op.execute(sa.delete(sa.table(table)))


def _queue(kind: str) -> None:
    """Have a job of each scope make anew what it makes, unless one is queued that will."""
    job = {"kind": kind, "payload": "{}", "state": "queued", "attempts": 0, "fence": 0}
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
