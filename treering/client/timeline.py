"""The SDK's part for time: the tree then and now, how it came about, and taking changes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_ids, as_moment, as_number, as_scope, as_subject, as_version
from treering.errors import InvalidInput
from treering.memory.tree import PersonaTree
from treering.schemas.claims import FORGOTTEN, SELF
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.schemas.operations import Commit, LedgerEntry
    from treering.schemas.timeline import Change, Reversal
    from treering.schemas.views import SubjectView, TreeView

LAST_VERSIONS = 20
"""Versions that are listed when nobody says how many."""


class Timeline(Face):
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
        """The persona tree: filled slots with their current claims. An unknown person has an empty one.

        Two times: `as_of` is when it was so in the person's life, `known_at` when it was known here. Words that were
        forgotten since are in no tree, not even in one of the past. What somebody asked to have forgotten in a
        conversation is there until that is confirmed, and named in `held_back`.

        Args:
            user: The person.
            subject: Whose tree: `self`, `agent:<name>` or `person:<name>`.
            as_of: The moment that the tree shows, with a time zone; by default `known_at`, or else now.
            known_at: Only what was committed by then counts; by default everything.
            version: Likewise, by the number of a version instead of a moment; `versions` lists them.
            tenant: The customer or application.

        Raises:
            InvalidInput: No such subject can be, a moment has no time zone, or both `known_at` and `version` are given.
            UnknownVersion: There is no such version.
        """
        from treering.schemas.views import SlotView, TreeView  # noqa: PLC0415 - not for those who only recall

        scope, subject = as_scope(user, tenant, "tree"), as_subject(subject)
        known = as_moment(known_at, "known_at")
        if known is not None and version is not None:
            raise InvalidInput("known_at and version", "both say until when; give one of them")
        now = self._engine.clock.now()
        moment = as_moment(as_of) or min(known or now, now)
        found, forest, held = self._engine.known(scope, version=as_version(version), known_at=known)
        tree = forest.get(subject) or PersonaTree(trunk=self._engine.trunk, subject=subject)
        slots = [
            (slot, tuple(claim for claim in tree.current(slot.path, as_of=moment) if claim.text != FORGOTTEN))
            for slot in tree.trunk.slots
        ]
        return TreeView(
            user=user,
            subject=subject,
            trunk=tree.trunk.name,
            trunk_version=tree.trunk.version,
            version=found,
            digest=tree.digest,
            as_of=moment,
            slots=tuple(
                SlotView(
                    path=slot.path,
                    description=slot.description,
                    cardinality=slot.cardinality,
                    sensitivity=slot.sensitivity,
                    claims=claims,
                )
                for slot, claims in slots
                if claims
            ),
            held_back={
                one.id: held.requests_about(one) for _, claims in slots for one in claims if one.id in held.claims
            },
        )

    def subjects(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[SubjectView]:
        """Everybody who has claims in a person's memory: the user first, then agents and people by name.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     [one.subject for one in memory.subjects("nobody")]
            []
        """
        from treering.schemas.views import SubjectView  # noqa: PLC0415 - not for those who only recall

        _, forest = self._engine.trees(as_scope(user, tenant, "subjects"), version=None, known_at=None)
        now = self._engine.clock.now()
        found = [SubjectView(subject=name, claims=len(tree.current(as_of=now))) for name, tree in forest.items()]
        return sorted((one for one in found if one.claims), key=lambda one: (one.subject != SELF, one.subject))

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
        """Every operation that was committed, oldest first; with `path`, how one slot or branch changed.

        Args:
            user: The person.
            path: Only this slot or branch.
            claims: Only what brought these claims, or was aimed at them, by their ids.
            first_version: Only what was committed by this version or a later one.
            last_version: Only what was committed by this version or an earlier one.
            after: Only what stands behind this place in the ledger: the `seq` of the last entry of the page before.
            limit: How many at most; none: all.
            tenant: The customer or application.

        Raises:
            UnknownPath: The trunk has no such slot or branch.
        """
        from treering.memory.history import Excerpt  # noqa: PLC0415 - not for those who only recall

        wanted = Excerpt(
            path=path,
            claims=None if claims is None else as_ids("claims", claims),
            first_version=None if first_version is None else as_number("first_version", first_version),
            last_version=None if last_version is None else as_number("last_version", last_version),
            after=as_number("after", after, least=0),
            limit=None if limit is None else as_number("limit", limit),
        )
        return self._engine.history(as_scope(user, tenant, "history"), wanted)

    def versions(
        self, user: str, limit: int = LAST_VERSIONS, *, before: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> list[Commit]:
        """The last commits, newest first: who made each version, when, and what it takes back.

        Args:
            user: The person.
            limit: How many at most.
            before: Only versions below this one: the last of the page before.
            tenant: The customer or application.
        """
        scope, below = as_scope(user, tenant, "versions"), None if before is None else as_number("before", before)
        return self._engine.versions(scope, as_number("limit", limit), before=below)

    def diff(self, user: str, v1: int, v2: int | None = None, *, tenant: str = DEFAULT_TENANT) -> Change:
        """What became current and what ceased to be between two versions, by default until now.

        Raises:
            UnknownVersion: There is no such version; 0 is the empty memory.
        """
        scope = as_scope(user, tenant, "diff")
        return self._engine.undoing.diff(scope, as_number("v1", v1, least=0), as_version(v2))

    def undo(
        self,
        user: str,
        n: int = 1,
        *,
        version: int | None = None,
        expected_version: int | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Reversal:
        """Take back the last `n` changes, or the one that made `version`; all or nothing.

        History is not rewritten: each change is taken back by a new version. Messages that were retracted or amended
        by a change get their text back with it; other messages stay as they are, and none is heard a second time.

        With `expected_version`, the version that you saw, nothing is done where somebody else committed since.

        Raises:
            VersionConflict: Somebody else committed since `expected_version`.
            NothingToUndo: There are fewer changes, or this one was taken back already.
            UnknownVersion: There is no such version.
            UndoConflict: A later change rests on the version.
            NotInvertible: Words were forgotten by the change, or since.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("cleo", "I live in Porto.")
            ...     memory.flush()
            ...     undone = memory.undo("cleo")
            ...     [claim.text for claim in undone.change.subjects[0].lost]
            ['lives in Porto']
        """
        scope, number = as_scope(user, tenant, "undo"), as_number("n", n)
        if version is not None and number != 1:
            raise InvalidInput("n and version", "do not go together; undo the last n changes, or one version")
        expected = as_version(expected_version)
        done = self._engine.undoing.undo(scope, number, version=as_version(version), expected_version=expected)
        self._work()
        return done

    def redo(
        self, user: str, n: int = 1, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Bring back what the last `n` undos took, as long as nothing else was changed since.

        Raises:
            NothingToUndo: There are fewer undos, or something else was changed since.
            VersionConflict: Somebody else committed since `expected_version`.
        """
        scope, expected = as_scope(user, tenant, "redo"), as_version(expected_version)
        done = self._engine.undoing.redo(scope, as_number("n", n), expected_version=expected)
        self._work()
        return done

    def rewind(
        self, user: str, version: int, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Make the tree what it was at a version, by one new version, which `undo` takes back.

        Raises:
            UnknownVersion: There is no such version; 0 is the empty memory.
            NotInvertible: Something that was known then was forgotten since.
            VersionConflict: Somebody else committed since `expected_version`.
        """
        scope, expected = as_scope(user, tenant, "rewind"), as_version(expected_version)
        to = as_number("version", version, least=0)
        done = self._engine.undoing.rewind(scope, to, expected_version=expected)
        self._work()
        return done


class AsyncTimeline(AsyncFace):
    """The same for event loops."""

    async def tree(
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
        return await in_thread(
            self.memory.tree, user, subject=subject, as_of=as_of, known_at=known_at, version=version, tenant=tenant
        )

    async def subjects(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[SubjectView]:
        """Everybody who has claims; see `Memory.subjects`."""
        return await in_thread(self.memory.subjects, user, tenant=tenant)

    async def history(
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
        return await in_thread(
            self.memory.history,
            user,
            path,
            claims=claims,
            first_version=first_version,
            last_version=last_version,
            after=after,
            limit=limit,
            tenant=tenant,
        )

    async def versions(
        self, user: str, limit: int = LAST_VERSIONS, *, before: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> list[Commit]:
        """The last commits; see `Memory.versions`."""
        return await in_thread(self.memory.versions, user, limit, before=before, tenant=tenant)

    async def diff(self, user: str, v1: int, v2: int | None = None, *, tenant: str = DEFAULT_TENANT) -> Change:
        """What differs between two versions; see `Memory.diff`."""
        return await in_thread(self.memory.diff, user, v1, v2, tenant=tenant)

    async def undo(
        self,
        user: str,
        n: int = 1,
        *,
        version: int | None = None,
        expected_version: int | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Reversal:
        """Take changes back; see `Memory.undo`."""
        return await in_thread(
            self.memory.undo, user, n, version=version, expected_version=expected_version, tenant=tenant
        )

    async def redo(
        self, user: str, n: int = 1, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Bring back what was undone; see `Memory.redo`."""
        return await in_thread(self.memory.redo, user, n, expected_version=expected_version, tenant=tenant)

    async def rewind(
        self, user: str, version: int, *, expected_version: int | None = None, tenant: str = DEFAULT_TENANT
    ) -> Reversal:
        """Go back to a version; see `Memory.rewind`."""
        return await in_thread(self.memory.rewind, user, version, expected_version=expected_version, tenant=tenant)
