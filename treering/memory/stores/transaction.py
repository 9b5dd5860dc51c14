"""One running transaction: its connection, and what is to happen once it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from treering.errors import KeyUnavailable
from treering.memory.stores.scopes import scope_id
from treering.memory.stores.scrubbing import note_erasure
from treering.memory.stores.standing import read_standing
from treering.memory.stores.words import NO_MASTER_KEY, PLAIN, TOMBSTONE_KEY_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from treering.memory.stores.encryption.keys import Keys
    from treering.memory.stores.encryption.scope_words import ScopeWords
    from treering.memory.stores.scopes import ScopeIds
    from treering.memory.stores.standing import Standing
    from treering.memory.stores.words import Words
    from treering.schemas.dialogue import Scope


class Transaction:
    """What the stores of one unit of work share.

    Args:
        connection: Where it runs.
        committed_ids: Row ids that the process remembers.
        writes: Whether it may change anything; if not, what it read once is so until its end.
        locks_scopes: Whether it writes beside other writers: then its first use of a scope keeps them out of that one.
        keys: Seals words; none: they stay plain.
    """

    def __init__(
        self,
        connection: Connection,
        committed_ids: ScopeIds,
        *,
        writes: bool = True,
        locks_scopes: bool = False,
        keys: Keys | None = None,
    ) -> None:
        self.connection = connection
        self.writes = writes
        self.locks_scopes = locks_scopes
        self._committed_ids = committed_ids
        self.has_erased = False
        self._scope_ids: dict[Scope, int] = {}
        self._standings: dict[tuple[int, str], Standing] = {}
        self._after_commit: list[Callable[[], None]] = []
        self._keys = keys
        self._words: dict[int, ScopeWords] = {}

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

    def standing(self, scope_id: int, fingerprint: str) -> Standing:
        """Where a scope stands, with the rows of one embedder; read once in a transaction that changes nothing."""
        known = self._standings.get((scope_id, fingerprint))
        if known is None:
            known = read_standing(self.connection, scope_id, fingerprint)
            self.note_key(scope_id, known.key_version)
            if not self.writes:
                self._standings[scope_id, fingerprint] = known
        return known

    def words(self, scope_id: int | None) -> Words:
        """Seals and opens the words of a scope; of an unknown one there are none."""
        if self._keys is None or scope_id is None:
            return PLAIN
        return self._sealed_words(self._keys, scope_id)

    def note_key(self, scope_id: int, version: int) -> None:
        """Which key the head names, where it was read anyway: it need not be asked for then.

        Raises:
            KeyUnavailable: Words of this scope are sealed, and there are no keys.
        """
        if self._keys is not None:
            self._sealed_words(self._keys, scope_id).note(version)
        elif version:
            raise KeyUnavailable(NO_MASTER_KEY)

    def rekey(self, scope_id: int) -> bool:
        """Seal all words of a scope anew, and destroy the key that they were sealed with; False without encryption."""
        if self._keys is not None:
            self._sealed_words(self._keys, scope_id).rekey()
        return self._keys is not None

    def encrypt(self, scope_id: int) -> bool:
        """Seal all words of a scope; False where they are."""
        return self._keys is not None and self._sealed_words(self._keys, scope_id).encrypt()

    def decrypt(self, scope_id: int) -> bool:
        """Let all words of a scope be plain again; False where they are."""
        return self._keys is not None and self._sealed_words(self._keys, scope_id).decrypt()

    def wrap(self, scope: Scope, key: bytes) -> bytes:
        """The key of a scope's tombstones as it is stored."""
        return key if self._keys is None else self._keys.wrap_tombstone_key(scope, key)

    def unwrap(self, scope: Scope, stored: bytes) -> bytes:
        """The key of a scope's tombstones again."""
        if len(stored) == TOMBSTONE_KEY_BYTES:  # it was drawn before there was a master key
            return stored
        if self._keys is None:
            raise KeyUnavailable(NO_MASTER_KEY)
        return self._keys.unwrap_tombstone_key(scope, stored)

    def note_erasure(self) -> None:
        """Words went: their bytes are to be scrubbed after the commit, by whoever opens the store if this dies."""
        if not self.has_erased:
            self.has_erased = True
            note_erasure(self.connection)

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run something once the transaction is committed."""
        self._after_commit.append(action)

    def _sealed_words(self, keys: Keys, scope_id: int) -> ScopeWords:
        if scope_id not in self._words:
            self._words[scope_id] = keys.words_in(self, scope_id)
        return self._words[scope_id]

    def committed(self) -> None:
        """Run what was to follow the commit."""
        for scope, known in self._scope_ids.items():
            self._committed_ids.put(scope, known)
        for action in self._after_commit:
            action()
