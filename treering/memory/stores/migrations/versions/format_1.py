"""Store format 1: conversations, the ledger with its words apart, passages, vectors, jobs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = (
    "scopes",
    "store_state",
    "batches",
    "claims",
    "heads",
    "held",
    "jobs",
    "operation_words",
    "operations",
    "passage_messages",
    "passages",
    "replies",
    "sessions",
    "turns",
    "vector_heads",
    "vectors",
)
"""In the order in which they refer to each other."""


def upgrade() -> None:
    """Make the tables, and say which format they have."""
    op.create_table(
        "scopes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.String(length=256), nullable=False),
        sa.Column("user", sa.String(length=256), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scopes")),
        sa.UniqueConstraint("tenant", "user", name=op.f("uq_scopes_tenant_user")),
    )
    op.create_table(
        "store_state",
        sa.Column("format", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("erasures", sa.Integer(), nullable=False),
        sa.Column("scrubbed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("format", name=op.f("pk_store_state")),
    )
    op.create_table(
        "batches",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("prompt_version", sa.Text(), nullable=True),
        sa.Column("tokens_in", sa.Integer(), nullable=False),
        sa.Column("tokens_out", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_batches_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "batch_id", name=op.f("pk_batches")),
        sa.UniqueConstraint("scope_id", "version", name=op.f("uq_batches_scope_id_version")),
    )
    op.create_table(
        "claims",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("claim_id", sa.String(length=24), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_claims_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "subject", "claim_id", name=op.f("pk_claims")),
    )
    op.create_table(
        "heads",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("heard_seq", sa.Integer(), nullable=False),
        sa.Column("indexed_version", sa.Integer(), nullable=False),
        sa.Column("indexed_seq", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("erasures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_heads_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_heads")),
    )
    op.create_table(
        "held",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("held_id", sa.String(length=24), nullable=False),
        sa.Column("window_id", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_held_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
        sa.UniqueConstraint("scope_id", "held_id", name=op.f("uq_held_scope_id_held_id")),
    )
    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("raw_reply", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_jobs_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    op.create_index("ix_jobs_due", "jobs", ["state", "run_after"], unique=False)
    op.create_index("ix_jobs_scope", "jobs", ["scope_id", "state"], unique=False)
    op.create_table(
        "operation_words",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_operation_words_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "seq", name=op.f("pk_operation_words")),
    )
    op.create_table(
        "operations",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=True),
        sa.Column("claim_id", sa.String(length=24), nullable=True),
        sa.Column("claim_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("commitment", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_operations_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "seq", name=op.f("pk_operations")),
    )
    op.create_index("ix_operations_claim", "operations", ["scope_id", "claim_id"], unique=False)
    op.create_index("ix_operations_version", "operations", ["scope_id", "version", "seq"], unique=False)
    op.create_table(
        "passage_messages",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_passage_messages_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "passage_id", "message_id", name=op.f("pk_passage_messages")),
    )
    op.create_index("ix_passage_messages_message", "passage_messages", ["scope_id", "message_id"], unique=False)
    op.create_table(
        "passages",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("passage_id", sa.Text(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_passages_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "passage_id", name=op.f("pk_passages")),
    )
    op.create_table(
        "replies",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("window_id", sa.String(length=64), nullable=False),
        sa.Column("listener", sa.Text(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_replies_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "window_id", "listener", name=op.f("pk_replies")),
    )
    op.create_table(
        "sessions",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("session", sa.String(length=256), nullable=False),
        sa.Column("first_seq", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turns", sa.Integer(), nullable=False),
        sa.Column("next_index", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_sessions_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "session", name=op.f("pk_sessions")),
    )
    op.create_table(
        "turns",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.String(length=256), nullable=False),
        sa.Column("session", sa.String(length=256), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("speaker", sa.String(length=256), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_turns_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "seq", name=op.f("pk_turns")),
        sa.UniqueConstraint("scope_id", "message_id", name=op.f("uq_turns_scope_id_message_id")),
    )
    op.create_index("ix_turns_session", "turns", ["scope_id", "session", "seq"], unique=False)
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
    state = sa.table("store_state", sa.column("format"), sa.column("erasures"), sa.column("scrubbed"))
    op.execute(sa.insert(state).values(format=1, erasures=0, scrubbed=0))


def downgrade() -> None:
    """Remove all tables."""
    for table in reversed(_TABLES):
        op.drop_table(table)
