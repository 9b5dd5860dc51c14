"""The tables of the SQL store, in types that SQLite and PostgreSQL share."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, String, Table, UniqueConstraint

from treering.schemas.value import MAX_IDENTIFIER_CHARS

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

metadata = MetaData(naming_convention=_NAMES)
"""Every table of the store; constraint names are fixed, so that migrations can name them."""

scopes = Table(
    "scopes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("tenant", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("user", String(MAX_IDENTIFIER_CHARS), nullable=False),
    UniqueConstraint("tenant", "user"),
)
"""Whose memory is here; all other tables refer to people by this id."""
