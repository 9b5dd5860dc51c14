"""One running transaction: its connection, and what is to happen once it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from treering.memory.stores.scopes import scope_id
from treering.memory.stores.scrubbing import note_erasure
from treering.memory.stores.words import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from treering.memory.stores.scopes import ScopeIds
    from treering.memory.stores.words import Words
    from treering.schemas.dialogue import Scope


class Transaction:
    """What the stores of one unit of work share.

    Args:
        connection: Where it runs.
        committed_ids: Row ids that the process remembers.
        locks_scopes: Whether it writes beside other writers: then its first use of a scope keeps them out of that one.
    """

    def __init__(self, connection: Connection, committed_ids: ScopeIds, *, locks_scopes: bool = False) -> None:
        self.connection = connection
        self.locks_scopes = locks_scopes
        self._committed_ids = committed_ids
        self.has_erased = False
        self._scope_ids: dict[Scope, int] = {}
        self._after_commit: list[Callable[[], None]] = []

    @overload
    def scope_id(self, scope: Scope, *, create: Literal[True]) -> int: ...
    @overload
    def scope_id(self, scope: Scope, *, create: bool = False) -> int | None: ...
    def scope_id(self, scope: Scope, *, create: bool = False) -> int | None:
        """The row id of a scope: looked up once a process, or where scopes are locked, once a transaction."""
        known = self._scope_ids.get(scope) or (None if self.locks_scopes else self._committed_ids.get(scope))
        if known is None:
            known = scope_id(self.connection, scope, lock=self.locks_scopes, create=create)
            if known is not None:
                self._scope_ids[scope] = known
        return known

    def found(self, scope: Scope, scope_id: int) -> None:
        """A row id that came along with another question, which locked the scope where scopes are locked."""
        self._scope_ids[scope] = scope_id

    def words(self, scope_id: int | None) -> Words:
        """Seals and opens the words of a scope; of an unknown one there are none."""
        del scope_id
        return PLAIN

    def note_erasure(self) -> None:
        """Words went: their bytes are to be scrubbed after the commit, by whoever opens the store if this dies."""
        if not self.has_erased:
            self.has_erased = True
            note_erasure(self.connection)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run something once the transaction is committed."""
        self._after_commit.append(action)

    def committed(self) -> None:
        """Run what was to follow the commit."""
        for scope, known in self._scope_ids.items():
            self._committed_ids.put(scope, known)
        for action in self._after_commit:
            action()
