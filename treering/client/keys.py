"""The part of the SDK that looks after the keys of a server's callers, and the log of what they did."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, get_args

from pydantic import ValidationError

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_number, as_scope, as_tenant, explain
from treering.errors import InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.telemetry.logs import hashed

if TYPE_CHECKING:
    from datetime import datetime

    from treering.memory.ports import UnitOfWork
    from treering.schemas.access import ApiKey, AuditEntry, NewKey, Right
    from treering.settings import Settings

ID_BYTES = 6
"""Length of the public part of a key."""

SECRET_BYTES = 32
"""Length of the secret part: 256 random bits, which nobody tries out, so that one SHA-256 hides them well enough."""

GRACE = timedelta(hours=24)
"""For how long the old key goes on after a rotation: until every process has the new one."""

PRUNED = 200
"""Old entries of the audit log that go with one write: a few milliseconds, and many more than a write brings."""

_KEY_ID = re.compile(r"[0-9a-f]{12}", re.ASCII)

_KEY = re.compile(r"tr_([0-9a-f]{12})_([0-9a-f]{64})", re.ASCII)

_NO_KEY_DIGEST = "0" * 64
"""What is compared where there is no such key, so that the time says nothing."""


class Keys(Face):
    """Keys of callers, by tenant. Whoever holds a `Memory` can make them; no request can."""

    settings: Settings

    def create_key(
        self,
        right: Right = "write",
        *,
        label: str = "",
        expires_in: timedelta | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> NewKey:
        """Make a key by which a caller of `treering serve` shows who it is. Its secret is told here and never again.

        Args:
            right: The most that may be done with it: `read`, `write` or `admin`.
            label: What it is for.
            expires_in: For how long it is good; None: until it is revoked.
            tenant: Whose memories it opens.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     made = memory.create_key("read", label="dashboard", tenant="acme")
            ...     memory.revoke_key(made.key.id, tenant="acme")
            True
            >>> made.secret.startswith(f"tr_{made.key.id}_")
            True
        """
        now = self._engine.clock.now()
        made, digest = _new_key(as_tenant(tenant), right, label, now, _end(now, expires_in, "expires_in"))
        with self._engine.store.begin() as unit:
            unit.api_keys.add(made.key, digest)
        return made

    def api_keys(self, *, tenant: str | None = DEFAULT_TENANT) -> list[ApiKey]:
        """All keys of a tenant (None: of all), oldest first, also those that open nothing any more. No secrets."""
        with self._engine.store.begin(write=False) as unit:
            return unit.api_keys.keys(tenant=None if tenant is None else as_tenant(tenant))

    def revoke_key(self, key_id: str, *, tenant: str = DEFAULT_TENANT) -> bool:
        """Have a key open nothing any more; False if the tenant has no such key, or it was revoked before.

        Servers that run notice within the seconds that docs/auth.md says.
        """
        with self._engine.store.begin() as unit:
            key = _own(unit, key_id, tenant)
            if key is None or key.revoked_at is not None:
                return False
            unit.api_keys.change(key.model_copy(update={"revoked_at": self._engine.clock.now()}))
            return True

    def rotate_key(self, key_id: str, *, grace: timedelta = GRACE, tenant: str = DEFAULT_TENANT) -> NewKey:
        """Make a key in place of another: the same tenant, right and label, and as long a life.

        Args:
            key_id: The old key.
            grace: For how long the old one goes on, if it does not end before.
            tenant: Whose it is.

        Raises:
            InvalidInput: The tenant has no such key, or it opens nothing any more.
        """
        now = self._engine.clock.now()
        with self._engine.store.begin() as unit:
            old = _own(unit, key_id, tenant)
            if old is None or not old.is_good(now):
                raise InvalidInput("key", "names none that is good; `treering keys list` shows them")
            life = None if old.expires_at is None else old.expires_at - old.created_at
            made, digest = _new_key(old.tenant, old.right, old.label, now, _end(now, life, "expires_in"))
            until = _end(now, grace, "grace", least=timedelta(0))
            unit.api_keys.add(made.key, digest)
            ends = [moment for moment in (until, old.expires_at) if moment is not None]
            unit.api_keys.change(old.model_copy(update={"expires_at": min(ends)}))
        return made

    def check_key(self, presented: str) -> ApiKey | None:
        """The key that somebody shows, if it is one of the store and good now; None otherwise, whatever the reason.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.check_key("tr_0123456789ab_guess") is None
            True
        """
        match = _KEY.fullmatch(presented)
        if match is None:
            return None
        with self._engine.store.begin(write=False) as unit:
            found = unit.api_keys.find(match[1])
        key, digest = found or (None, _NO_KEY_DIGEST)
        is_same = hmac.compare_digest(_digest(match[2]), digest)
        return key if key is not None and is_same and key.is_good(self._engine.clock.now()) else None

    def add_audit(self, *entries: AuditEntry) -> None:
        """Keep entries of the audit log, all or none; `treering serve` does so for each request about a memory.

        With `TREERING_AUDIT_DAYS`, some of those that are older go with each call.
        """
        days = self.settings.audit_days
        with self._engine.store.begin() as unit:
            for entry in entries:
                unit.audit.add(entry)
            if days is not None:
                unit.audit.prune(self._engine.clock.now() - timedelta(days=days), limit=PRUNED)

    def audit(
        self,
        user: str | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
        tenant: str = DEFAULT_TENANT,
    ) -> list[AuditEntry]:
        """What callers of a tenant did, newest first.

        Args:
            user: Only what was about this person, found by the keyed hash of their id.
            before: Only entries with a lower number, for the next page.
            limit: Most entries.
            tenant: The customer or application.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.audit(tenant="nobody")
            []
        """
        as_tenant(tenant)
        person = None if user is None else hashed(tenant, as_scope(user, tenant, "audit").user)
        below = None if before is None else as_number("before", before)
        with self._engine.store.begin(write=False) as unit:
            return unit.audit.read(tenant, before=below, person=person, limit=as_number("limit", limit))


def _new_key(tenant: str, right: Right, label: str, now: datetime, end: datetime | None) -> tuple[NewKey, str]:
    from treering.schemas.access import ApiKey, NewKey, Right  # noqa: PLC0415 - few processes make keys

    if right not in get_args(Right):
        raise InvalidInput("right", f"must be one of {', '.join(get_args(Right))}")
    key_id, secret = secrets.token_hex(ID_BYTES), secrets.token_hex(SECRET_BYTES)
    if not label.isprintable():
        raise InvalidInput("label", "contains control characters or line breaks")
    try:
        key = ApiKey(id=key_id, tenant=tenant, right=right, label=label, created_at=now, expires_at=end)
    except ValidationError as error:
        raise InvalidInput("key", explain(error)) from error
    return NewKey(key=key, secret=f"tr_{key_id}_{secret}"), _digest(secret)


def _own(unit: UnitOfWork, key_id: str, tenant: str) -> ApiKey | None:
    """A key as the tenant sees it: that of another one is not there."""
    found = unit.api_keys.find(key_id) if _KEY_ID.fullmatch(key_id) else None
    return found[0] if found is not None and found[0].tenant == tenant else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _end(
    now: datetime, life: timedelta | None, what: str, *, least: timedelta = timedelta(seconds=1)
) -> datetime | None:
    if life is None:
        return None
    if life < least:
        raise InvalidInput(what, "is no time in the future")
    try:
        return now + life
    except OverflowError as error:
        raise InvalidInput(what, "goes beyond the year 9999") from error


class AsyncKeys(AsyncFace):
    """The same for event loops."""

    async def create_key(
        self,
        right: Right = "write",
        *,
        label: str = "",
        expires_in: timedelta | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> NewKey:
        """Make a key; see `Memory.create_key`."""
        return await in_thread(self.memory.create_key, right, label=label, expires_in=expires_in, tenant=tenant)

    async def api_keys(self, *, tenant: str | None = DEFAULT_TENANT) -> list[ApiKey]:
        """All keys of a tenant; see `Memory.api_keys`."""
        return await in_thread(self.memory.api_keys, tenant=tenant)

    async def revoke_key(self, key_id: str, *, tenant: str = DEFAULT_TENANT) -> bool:
        """Have a key open nothing any more; see `Memory.revoke_key`."""
        return await in_thread(self.memory.revoke_key, key_id, tenant=tenant)

    async def rotate_key(self, key_id: str, *, grace: timedelta = GRACE, tenant: str = DEFAULT_TENANT) -> NewKey:
        """Make a key in place of another; see `Memory.rotate_key`."""
        return await in_thread(self.memory.rotate_key, key_id, grace=grace, tenant=tenant)

    async def check_key(self, presented: str) -> ApiKey | None:
        """The key that somebody shows; see `Memory.check_key`."""
        return await in_thread(self.memory.check_key, presented)

    async def add_audit(self, *entries: AuditEntry) -> None:
        """Keep entries of the audit log; see `Memory.add_audit`."""
        await in_thread(self.memory.add_audit, *entries)

    async def audit(
        self,
        user: str | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
        tenant: str = DEFAULT_TENANT,
    ) -> list[AuditEntry]:
        """What callers of a tenant did; see `Memory.audit`."""
        return await in_thread(self.memory.audit, user, before=before, limit=limit, tenant=tenant)
