"""The SDK's part for looking around: whom the store knows, a page at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_number, as_scope, as_tenant, as_words
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = 100
"""People that are listed when nobody says how many."""

SEARCHED = 1_000
"""People that a search reads at once."""


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
        most, begin = as_number("limit", limit), None if after is None else as_scope(after, tenant, "after").user
        if not search:
            return self._engine.store.people(as_tenant(tenant), after=begin, limit=most)
        wanted = as_words("search", search).casefold()
        found = (user for user in self._everybody(as_tenant(tenant), begin) if wanted in user.casefold())
        return list(islice(found, most))

    def _everybody(self, tenant: str, after: str | None) -> Iterator[str]:
        """All people, read as far as they are wanted."""
        page = self._engine.store.people(tenant, after=after, limit=SEARCHED)
        while page:
            yield from page
            page = self._engine.store.people(tenant, after=page[-1], limit=SEARCHED) if len(page) == SEARCHED else []


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
