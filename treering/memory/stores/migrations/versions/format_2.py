"""Store format 2: snapshots, retraction, forgetting with tombstones and receipts, keys, names apart, trunk versions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = (
    "trunks",
    "receipts",
    "snapshots",
    "subjects",
    "tombstone_keys",
    "tombstones",
    "turn_versions",
)
"""What is new."""

_COLUMNS = {
    "batches": ("reverts", "trunk_name", "trunk_version"),
    "heads": ("key_version", "trunk_name", "trunk_version"),
    "store_state": ("sealed_as",),
}
"""What is new in old tables."""


def upgrade() -> None:
    """Add tables and columns, and note the names of subjects where they are looked for now."""
    _make_tables()
    _widen_tables()
    _note_subjects()
    _say_format(2)


def downgrade() -> None:
    """Take them away, with what only they can hold."""
    for table in reversed(_TABLES):
        op.drop_table(table)
    op.drop_index("ix_batches_recorded_at", "batches")
    # A column at a time cannot be dropped or changed on SQLite: there, a batch makes the table anew.
    with op.batch_alter_table("turns") as turns:
        turns.alter_column("speaker", existing_type=sa.Text(), type_=sa.String(256))
    for table, columns in _COLUMNS.items():
        with op.batch_alter_table(table) as changed:
            for column in columns:
                changed.drop_column(column)
    _say_format(1)


def _make_tables() -> None:
    op.create_table(
        "trunks",
        sa.Column("name", sa.String(length=256), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", "version", name=op.f("pk_trunks")),
    )
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_receipts_scope_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipts")),
    )
    op.create_index("ix_receipts_scope", "receipts", ["scope_id", "id"], unique=False)
    op.create_table(
        "snapshots",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_snapshots_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "version", name=op.f("pk_snapshots")),
    )
    op.create_table(
        "subjects",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("alias", sa.String(length=128), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_subjects_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "alias", name=op.f("pk_subjects")),
    )
    op.create_table(
        "tombstone_keys",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_tombstone_keys_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", name=op.f("pk_tombstone_keys")),
    )
    op.create_table(
        "tombstones",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_tombstones_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "mark", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "turn_versions",
        sa.Column("scope_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("metadata", sa.Text(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["scope_id"], ["scopes.id"], name=op.f("fk_turn_versions_scope_id")),
        sa.PrimaryKeyConstraint("scope_id", "seq", "number", name=op.f("pk_turn_versions")),
    )
    op.create_index("ix_turn_versions_version", "turn_versions", ["scope_id", "version"], unique=False)


def _widen_tables() -> None:
    op.add_column("batches", sa.Column("reverts", sa.Integer(), nullable=True))
    op.add_column("batches", sa.Column("trunk_name", sa.String(length=256), nullable=True))
    op.add_column("batches", sa.Column("trunk_version", sa.Integer(), nullable=True))
    op.create_index("ix_batches_recorded_at", "batches", ["scope_id", "recorded_at", "version"], unique=False)
    op.add_column("heads", sa.Column("key_version", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("heads", sa.Column("trunk_name", sa.String(length=256), nullable=True))
    op.add_column("heads", sa.Column("trunk_version", sa.Integer(), nullable=True))
    op.add_column("store_state", sa.Column("sealed_as", sa.String(length=32), nullable=False, server_default=""))
    # Sealed words are longer than plain ones.
    with op.batch_alter_table("turns") as turns:
        turns.alter_column("speaker", existing_type=sa.String(256), type_=sa.Text())


def _note_subjects() -> None:
    """A name of format 1 stands for itself: digests bind the entries that hold it, so they cannot be given an alias."""
    named = [
        sa.select(table.c.scope_id, table.c.subject).where(table.c.subject != "self")
        for table in (sa.table(name, sa.column("scope_id"), sa.column("subject")) for name in ("operations", "claims"))
    ]
    known = sa.union(*named).subquery()
    subjects = sa.table("subjects", sa.column("scope_id"), sa.column("alias"), sa.column("salt"), sa.column("name"))
    rows = sa.select(known.c.scope_id, known.c.subject, sa.literal(b"", sa.LargeBinary()), known.c.subject)
    op.execute(sa.insert(subjects).from_select(["scope_id", "alias", "salt", "name"], rows))


def _say_format(number: int) -> None:
    op.execute(sa.update(sa.table("store_state", sa.column("format"))).values(format=number))
