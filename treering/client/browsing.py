"""The SDK's part for looking around: whom the store knows, a page at a time."""

from __future__ import annotations

from itertools import islice

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_number, as_tenant, as_words
from treering.schemas.dialogue import DEFAULT_TENANT

PEOPLE = 100
"""People that are listed when nobody says how many."""


class Browsing(Face):
    """Lists for somebody who looks, and not for a prompt."""

    def people(
        self,
        *,
        search: str | None = None,
        after: str | None = None,
        limit: int = PEOPLE,
        tenant: str = DEFAULT_TENANT,
    ) -> list[str]:
        """Those of whom something is stored, sorted.

        Args:
            search: Only those in whose name this stands, whether in capitals or not; all without.
            after: Only those who come after this one: the last of the page before.
            limit: How many at most.
            tenant: The customer or application.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("flo", "I live in Porto.", tenant="acme")
            ...     memory.people(tenant="acme")
            ['flo']
        """
        most, wanted = as_number("limit", limit), as_words("search", search).casefold() if search else ""
        users = (scope.user for scope in self._engine.store.scopes(tenant=as_tenant(tenant)))
        found = (user for user in users if (after is None or user > after) and wanted in user.casefold())
        return list(islice(found, most))


class AsyncBrowsing(AsyncFace):
    """The same for event loops."""

    async def people(
        self,
        *,
        search: str | None = None,
        after: str | None = None,
        limit: int = PEOPLE,
        tenant: str = DEFAULT_TENANT,
    ) -> list[str]:
        """Those of whom something is stored; see `Memory.people`."""
        return await in_thread(self.memory.people, search=search, after=after, limit=limit, tenant=tenant)
