"""Keys and the audit log: the log can be read over HTTP, and no request makes a key."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from treering.client.intake import as_number
from treering.client.keys import GRACE
from treering.client.remote.face import RemoteFace, check_tenant, not_over_http, person
from treering.schemas.access import AuditEntry
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.pages import Page, cursor_at

if TYPE_CHECKING:
    from datetime import timedelta

    from treering.schemas.access import ApiKey, NewKey, Right

_INSTEAD = "run `treering keys` where the store is"


class RemoteKeys(RemoteFace):
    """Keys of callers are made where the store is."""

    def create_key(
        self,
        right: Right = "write",
        *,
        label: str = "",
        expires_in: timedelta | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> NewKey:
        """Not over HTTP: where the store is, there is `treering keys create`."""
        raise not_over_http("create_key", _INSTEAD)

    def api_keys(self, *, tenant: str | None = DEFAULT_TENANT) -> list[ApiKey]:
        """Not over HTTP: where the store is, there is `treering keys list`."""
        raise not_over_http("api_keys", _INSTEAD)

    def revoke_key(self, key_id: str, *, tenant: str = DEFAULT_TENANT) -> bool:
        """Not over HTTP: where the store is, there is `treering keys revoke`."""
        raise not_over_http("revoke_key", _INSTEAD)

    def rotate_key(self, key_id: str, *, grace: timedelta = GRACE, tenant: str = DEFAULT_TENANT) -> NewKey:
        """Not over HTTP: where the store is, there is `treering keys rotate`."""
        raise not_over_http("rotate_key", _INSTEAD)

    def check_key(self, presented: str) -> ApiKey | None:
        """Not over HTTP: the server does this with each request."""
        raise not_over_http("check_key", "the server does it with each request")

    def add_audit(self, *entries: AuditEntry) -> None:
        """Not over HTTP: the server does this with each request."""
        raise not_over_http("add_audit", "the server does it with each request")

    def audit(
        self,
        user: str | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
        tenant: str = DEFAULT_TENANT,
    ) -> list[AuditEntry]:
        """What callers of the tenant did, newest first; see `Memory.audit`. It needs the right `admin`."""
        check_tenant(tenant)
        named, most = None if user is None else person(user, tenant, "audit"), as_number("limit", limit)
        begin = None if before is None else cursor_at(as_number("before", before))
        found = self._connection.pages(Page[AuditEntry], "/v1/audit", after=begin, most=most, user=named)
        return list(islice(found, most))
