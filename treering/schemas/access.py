"""Who may call a server, and who did: keys, and the entries of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from treering.schemas.value import Identifier, Instant, Value

Right = Literal["read", "write", "admin"]
"""`read`: look at memories. `write`: change them too. `admin`: see and mend what concerns the whole tenant as well."""

RIGHTS: tuple[Right, ...] = ("read", "write", "admin")
"""From the least to the most; each includes those before it."""


class ApiKey(Value):
    """A key to one tenant, without its secret."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    """Names it: in lists, in the audit log, and in the key itself. It is no secret."""
    tenant: Identifier
    """Whose memories it opens."""
    right: Right
    """The most that may be done with it."""
    label: Annotated[str, Field(max_length=128)] = ""
    """What it is for, as whoever made it wrote."""
    created_at: Instant
    """When it was made."""
    expires_at: Instant | None = None
    """From when on it opens nothing; none: it does not expire."""
    revoked_at: Instant | None = None
    """Since when it opens nothing because somebody said so."""

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything.

        Example:
            >>> from datetime import UTC, datetime
            >>> made = datetime(2024, 3, 1, tzinfo=UTC)
            >>> key = ApiKey(id="0123456789ab", tenant="acme", right="read", created_at=made, expires_at=made)
            >>> key.is_good(made)
            False
        """
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class NewKey(Value):
    """A key that was just made."""

    key: ApiKey
    """What is stored of it, beside a hash."""
    secret: Annotated[str, Field(repr=False)]
    """What a caller shows: `tr_<id>_<secret>`. It is stored nowhere and cannot be shown again."""


class AuditEntry(Value):
    """One request about a memory."""

    id: Annotated[int, Field(ge=0)] = 0
    """Its number, in the order in which they were written; 0 before that."""
    at: Instant
    """When it was answered."""
    tenant: Identifier
    """Whose memories it was about."""
    credential: Annotated[str, Field(max_length=256)]
    """Which key, or which subject of a token, it came with."""
    action: Annotated[str, Field(max_length=256)]
    """The method and the route, e.g. `POST /v1/recall`, and of MCP what was called, e.g. `POST /mcp tools/call forget`;
    never a path, a query or an argument as it was given."""
    person: Annotated[str, Field(max_length=64)] | None = None
    """A keyed hash of the person's id, the one that logs have; none where it was about nobody in particular."""
    status: Annotated[int, Field(ge=0, le=999)]
    """The HTTP status that was answered; 0 where the answer never began."""
    request_id: Annotated[str, Field(max_length=64)]
    """The request, as the server's log has it."""
