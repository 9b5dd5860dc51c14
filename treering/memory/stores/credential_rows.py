"""The tables of a server's callers: their keys, and what they did."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table

from treering.memory.stores.columns import Moment
from treering.memory.stores.tables import metadata
from treering.schemas.value import MAX_IDENTIFIER_CHARS

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(12), primary_key=True),
    Column("tenant", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("right", String(16), nullable=False),
    Column("label", String(128), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Column("revoked_at", Moment),
    Index("ix_api_keys_tenant", "tenant", "created_at"),
)
"""Keys of a server's callers. A secret is 256 random bits, so a plain SHA-256 of it tells nothing: a slow hash helps
only what people choose."""

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("tenant", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("credential", String(MAX_IDENTIFIER_CHARS), nullable=False),
    Column("action", String(256), nullable=False),
    Column("person", String(64)),
    Column("status", Integer, nullable=False),
    Column("request_id", String(64), nullable=False),
    Index("ix_audit_tenant", "tenant", "id"),
)
"""What callers did; people are keyed hashes, so that forgetting somebody leaves no id here."""
