"""Keys of callers and the audit log, in lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from treering.schemas.access import ApiKey, AuditEntry
    from treering.testing.reference.state import State


class ReferenceKeyRing:
    """What the port means."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key, with the hash of its secret."""
        self._state.api_keys[key.id] = key, digest

    def keys(self, *, tenant: str | None = None) -> list[ApiKey]:
        """All keys, oldest first; of one tenant, or of all."""
        found = (key for key, _ in self._state.api_keys.values() if tenant in (None, key.tenant))
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def find(self, key_id: str) -> tuple[ApiKey, str] | None:
        """The key of this id, and the hash of its secret; None if there is none."""
        return self._state.api_keys.get(key_id)

    def change(self, key: ApiKey) -> None:
        """Keep when a key ends."""
        found = self.find(key.id)
        if found is not None:
            known, digest = found
            ends = {"expires_at": key.expires_at, "revoked_at": key.revoked_at}
            self._state.api_keys[key.id] = known.model_copy(update=ends), digest


class ReferenceAuditLog:
    """What the port means."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, entry: AuditEntry) -> None:
        """Keep an entry, under the next number."""
        last = self._state.audit[-1].id if self._state.audit else 0
        self._state.audit.append(entry.model_copy(update={"id": last + 1}))

    def prune(self, before: datetime, *, limit: int) -> int:
        """Remove the oldest entries, if they were written before a moment; how many."""
        oldest, rest = self._state.audit[:limit], self._state.audit[limit:]
        kept = [entry for entry in oldest if entry.at >= before]
        self._state.audit[:] = kept + rest
        return len(oldest) - len(kept)

    def read(
        self, tenant: str, *, before: int | None = None, person: str | None = None, limit: int = 100
    ) -> list[AuditEntry]:
        """Entries of a tenant, newest first."""
        found = [
            entry
            for entry in reversed(self._state.audit)
            if entry.tenant == tenant
            and (before is None or entry.id < before)
            and (person is None or entry.person == person)
        ]
        return found[:limit]
