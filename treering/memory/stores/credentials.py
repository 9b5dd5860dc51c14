"""Keys of callers and the audit log in SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, insert, select, update

from treering.memory.stores.credential_rows import api_keys, audit
from treering.schemas.access import ApiKey, AuditEntry

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection


class SqlKeyRing:
    """Keys, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key, with the hash of its secret."""
        self._connection.execute(insert(api_keys), {**key.model_dump(), "hash": digest})

    def keys(self, *, tenant: str | None = None) -> list[ApiKey]:
        """All keys, oldest first; of one tenant, or of all."""
        query = select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
        if tenant is not None:
            query = query.where(api_keys.c.tenant == tenant)
        return [_key(row)[0] for row in self._connection.execute(query).mappings()]

    def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """The key of this id, and the hash of its secret; None if there is none."""
        row = self._connection.execute(select(api_keys).where(api_keys.c.id == key_id)).mappings().one_or_none()
        return None if row is None else _key(row)

    def change(self, key: ApiKey) -> None:
        """Keep when a key ends."""
        ends = {"expires_at": key.expires_at, "revoked_at": key.revoked_at}
        self._connection.execute(update(api_keys).where(api_keys.c.id == key.id).values(ends))


class SqlAuditLog:
    """What callers did, within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        """Keep an entry, under the next number."""
        self._connection.execute(insert(audit), entry.model_dump(exclude={"id"}))

    def prune(self, before: datetime, *, limit: int) -> int:
        """Remove the oldest entries, if they were written before a moment; how many."""
        oldest = select(audit.c.id).order_by(audit.c.id).limit(limit).scalar_subquery()
        return self._connection.execute(delete(audit).where(audit.c.id.in_(oldest), audit.c.at < before)).rowcount

    def read(
        self, tenant: str, *, before: int | None = None, person: str | None = None, limit: int = 100
    ) -> list[AuditEntry]:
        """Entries of a tenant, newest first."""
        query = select(audit).where(audit.c.tenant == tenant).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if person is not None:
            query = query.where(audit.c.person == person)
        return [AuditEntry.model_validate(dict(row)) for row in self._connection.execute(query).mappings()]


def _key(row: Mapping[Any, Any]) -> tuple[ApiKey, str]:
    fields = dict(row)
    digest: str = fields.pop("hash")
    return ApiKey.model_validate(fields), digest
