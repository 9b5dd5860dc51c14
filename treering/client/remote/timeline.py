"""The tree of a server then and now, how it came about, and taking changes back."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from treering.client.intake import as_ids, as_moment, as_number, as_subject, as_version
from treering.client.remote.face import RemoteFace, as_text, person
from treering.client.timeline import LAST_VERSIONS
from treering.errors import InvalidInput
from treering.schemas.claims import SELF
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.operations import Commit, LedgerEntry
from treering.schemas.pages import MAX_PAGE, Page, cursor_at
from treering.schemas.timeline import Change, Reversal
from treering.schemas.views import SubjectView, TreeView

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


class RemoteTimeline(RemoteFace):
    """Reading the past, and taking changes back."""

    def tree(
        self,
        user: str,
        *,
        subject: str = SELF,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        version: int | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> TreeView:
        """The persona tree; see `Memory.tree`."""
        named, of = person(user, tenant, "tree"), as_subject(subject)
        moment, known = as_moment(as_of), as_moment(known_at, "known_at")
        return self._connection.get(
            TreeView,
            "/v1/tree",
            user=named,
            subject=of,
            as_of=as_text(moment),
            known_at=as_text(known),
            version=as_version(version),
        )

    def subjects(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[SubjectView]:
        """Everybody who has claims; see `Memory.subjects`."""
        return list(self._connection.pages(Page[SubjectView], "/v1/subjects", user=person(user, tenant, "subjects")))

    def history(
        self,
        user: str,
        path: str | None = None,
        *,
        claims: Sequence[str] | None = None,
        first_version: int | None = None,
        last_version: int | None = None,
        after: int = 0,
        limit: int | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> list[LedgerEntry]:
        """Every committed operation; see `Memory.history`."""
        named, place = person(user, tenant, "history"), as_number("after", after, least=0)
        most = None if limit is None else as_number("limit", limit)
        ids = None if claims is None else as_ids("claims", claims)
        if ids == []:  # in a query, none of them is all of them
            return []
        found = self._connection.pages(
            Page[LedgerEntry],
            "/v1/history",
            after=cursor_at(place) if place else None,
            most=most or MAX_PAGE,
            user=named,
            path=path,
            claim=ids,
            first_version=as_version(first_version),
            last_version=as_version(last_version),
        )
        return list(islice(found, most))

    def versions(
        self, user: str, limit: int = LAST_VERSIONS, *, before: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> list[Commit]:
        """The last commits; see `Memory.versions`."""
        named, most = person(user, tenant, "versions"), as_number("limit", limit)
        begin = None if before is None else cursor_at(as_number("before", before))
        found = self._connection.pages(Page[Commit], "/v1/versions", after=begin, most=most, user=named)
        return list(islice(found, most))

    def diff(self, user: str, v1: int, v2: int | None = None, *, tenant: str = DEFAULT_TENANT) -> Change:
        """What differs between two versions; see `Memory.diff`."""
        named, first = person(user, tenant, "diff"), as_number("v1", v1, least=0)
        return self._connection.get(Change, "/v1/diff", user=named, v1=first, v2=as_version(v2))

    def undo(
        self,
        user: str,
        n: int = 1,
        *,
        version: int | None = None,
        expected_version: int | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Reversal:
        """Take changes back; see `Memory.undo`. Sent again after a failure only with `expected_version`."""
        named, number = person(user, tenant, "undo"), as_number("n", n)
        if version is not None and number != 1:
            raise InvalidInput("n and version", "do not go together; undo the last n changes, or one version")
        return self._reverse(named, "undo", {"n": number, "version": as_version(version)}, expected_version)

    def redo(
        self, user: str, n: int = 1, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Bring back what was undone; see `Memory.redo`."""
        return self._reverse(person(user, tenant, "redo"), "redo", {"n": as_number("n", n)}, expected_version)

    def rewind(
        self, user: str, version: int, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Go back to a version; see `Memory.rewind`."""
        body = {"version": as_number("version", version, least=0)}
        return self._reverse(person(user, tenant, "rewind"), "rewind", body, expected_version)

    def _reverse(self, user: str, verb: str, body: Mapping[str, int | None], expected: int | None) -> Reversal:
        on = {} if as_version(expected) is None else {"If-Match": f'"{expected}"'}
        return self._connection.post(Reversal, f"/v1/{verb}", body, headers=on, is_repeatable=bool(on), user=user)
