"""Looking around in the memory of a server."""

from __future__ import annotations

from itertools import islice

from treering.client.browsing import PEOPLE
from treering.client.intake import as_number, as_words
from treering.client.remote.face import RemoteFace, check_tenant
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.pages import Page, cursor_at
from treering.schemas.value import Value


class _Person(Value):
    user: str


class RemoteBrowsing(RemoteFace):
    """Lists for somebody who looks, and not for a prompt."""

    def people(
        self,
        *,
        search: str | None = None,
        after: str | None = None,
        limit: int = PEOPLE,
        tenant: str = DEFAULT_TENANT,
    ) -> list[str]:
        """Those of whom something is stored, sorted; see `Memory.people`. It needs the right `admin`."""
        check_tenant(tenant)
        most, wanted = as_number("limit", limit), as_words("search", search) if search else None
        begin = None if after is None else cursor_at(after)
        found = self._connection.pages(Page[_Person], "/v1/people", after=begin, most=most, search=wanted)
        return [one.user for one in islice(found, most)]
