"""Ports to the keys of a server's callers, and to the log of what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from treering.schemas.access import ApiKey, AuditEntry


class KeyRing(Protocol):
    """Keys by which callers show who they are. Of their secrets there are only hashes."""

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key, with the hash of its secret."""
        ...

    def keys(self, *, tenant: str | None = None) -> list[ApiKey]:
        """All keys, oldest first, also those that open nothing any more; of one tenant, or of all."""
        ...

    def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """The key of this id, and the hash of its secret; None if there is none."""
        ...

    def change(self, key: ApiKey) -> None:
        """Keep when a key ends: its `expires_at` and `revoked_at`. Nothing else of a key ever changes."""
        ...


class AuditLog(Protocol):
    """What callers did: append only, without words and without ids of people."""

    def add(self, entry: AuditEntry) -> None:
        """Keep an entry, under the next number."""
        ...

    def prune(self, before: datetime, *, limit: int) -> int:
        """Remove what was written before a moment, of all tenants: the oldest entries, so many at most; how many."""
        ...

    def read(
        self, tenant: str, *, before: int | None = None, person: str | None = None, limit: int = 100
    ) -> list[AuditEntry]:
        """Entries of a tenant, newest first.

        Args:
            tenant: Whose.
            before: Only entries with a lower number.
            person: Only entries with this hash.
            limit: Most entries.
        """
        ...
