"""What every part of a memory of a server stands on: a connection, and a key that names the tenant."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from treering.client.intake import as_scope
from treering.errors import InvalidInput, NotOverHttp
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from datetime import datetime

    from treering.client.remote.connection import Connection


class RemoteFace(ABC):
    """A part of `RemoteMemory`: one file a subject, put together by inheritance."""

    _connection: Connection

    @abstractmethod
    def _forget_here(self, user: str) -> None:
        """Drop what this process keeps of a person's conversations: something of theirs was forgotten."""


def person(user: str, tenant: str | None, where: str) -> str:
    """Whom a call is about.

    Raises:
        MissingScope: No user is named.
        InvalidInput: The user is no identifier, or a tenant is named.
    """
    check_tenant(tenant)
    return as_scope(user, DEFAULT_TENANT, where).user


def as_text(moment: datetime | None) -> str | None:
    """A moment as it stands in a request."""
    return None if moment is None else moment.isoformat()


def check_tenant(tenant: str | None) -> None:
    """Refuse a tenant: the server takes it from the key, and would not look at this one.

    Raises:
        InvalidInput: One is named, or all of them.
    """
    if tenant != DEFAULT_TENANT:
        raise InvalidInput("tenant", "is named by the key, and by no call over HTTP; connect with a key of that tenant")


def not_over_http(method: str, instead: str) -> NotOverHttp:
    """The error of a method that is only there where the store is."""
    return NotOverHttp(method, instead)
