"""The words of one person within one transaction: which key seals them, and changing it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, select, update

from treering.memory.stores.encryption.ciphers import NO_KEY, Key
from treering.memory.stores.encryption.resealing import reseal
from treering.memory.stores.tables import heads, scopes, store_state, tombstone_keys
from treering.memory.stores.words import TOMBSTONE_KEY_BYTES
from treering.schemas.dialogue import Scope

if TYPE_CHECKING:
    from treering.memory.stores.encryption.keys import Keys
    from treering.memory.stores.transaction import Transaction

_VERSION = select(heads.c.key_version).where(heads.c.scope_id == bindparam("scope_id"))
_PERSON = (
    select(heads.c.key_version, scopes.c.tenant, scopes.c.user)
    .add_columns(select(store_state.c.sealed_as).scalar_subquery())
    .join(scopes, scopes.c.id == heads.c.scope_id)
    .where(heads.c.scope_id == bindparam("scope_id"))
)
_SEALED_AS = select(store_state.c.sealed_as)
_NAME_STORE = update(store_state).where(store_state.c.sealed_as == "").values(sealed_as=bindparam("name"))
_SET_VERSION = (
    update(heads).where(heads.c.scope_id == bindparam("of_scope")).values(key_version=bindparam("key_version"))
)
_TOMBSTONE_KEY = select(tombstone_keys.c.key).where(tombstone_keys.c.scope_id == bindparam("scope_id"))
_SET_TOMBSTONE_KEY = (
    update(tombstone_keys).where(tombstone_keys.c.scope_id == bindparam("of_scope")).values(key=bindparam("key"))
)


class _Person(NamedTuple):
    version: int
    scope: Scope
    store: str


class ScopeWords:
    """An adapter of `Words` that finds the key when the first word comes by, and may change it in the middle.

    Which key is current stands in the head. Where the head is read anyway, it is noted, and nothing is asked for.
    Somebody whose words are still plain is given a key with the first word that is written: all that is stored is
    sealed then, so there is never a mixture.
    """

    def __init__(self, transaction: Transaction, keys: Keys, scope_id: int) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._keys = keys
        self._scope_id = scope_id
        self._key: Key | None = None

    def seal(self, text: str) -> str:
        """The text as it is stored."""
        return self._sealing().words.seal(text)

    def open(self, stored: str) -> str:
        """The text again."""
        return self._opening().words.open(stored)

    def seal_bytes(self, data: bytes) -> bytes:
        """The bytes as they are stored."""
        return self._sealing().words.seal_bytes(data)

    def open_bytes(self, stored: bytes) -> bytes:
        """The bytes again."""
        return self._opening().words.open_bytes(stored)

    def note(self, version: int) -> None:
        """What the head says, where it was read anyway: spares the question, and lets go of a key before it."""
        if self._key is None:
            self._key = self._keys.kept(self._scope_id, version)

    def rekey(self) -> None:
        """Seal everything anew under a new key; the keys before it are destroyed after the commit."""
        person = self._person()
        store = person.store or self._name_store()
        self._change(person._replace(store=store), self._keys.make(store, person.scope, above=person.version))

    def encrypt(self) -> bool:
        """Seal everything; False where it is sealed already."""
        is_plain = not self._person().version
        if is_plain:
            self.rekey()
        return is_plain

    def decrypt(self) -> bool:
        """Let everything be plain, and destroy the keys after the commit; False where it is plain already."""
        person = self._person()
        if person.version:
            self._change(person, NO_KEY)
        return bool(person.version)

    def _opening(self) -> Key:
        if self._key is None:
            version = self._connection.execute(_VERSION, {"scope_id": self._scope_id}).scalar_one()
            self._key = self._keys.kept(self._scope_id, version) or self._load()
        return self._key

    def _sealing(self) -> Key:
        if not self._opening().version:
            self.rekey()
        return self._opening()

    def _load(self) -> Key:
        person = self._person()
        key = self._keys.load(person.store, person.scope, person.version)
        self._keys.keep(self._scope_id, key)
        return key

    def _change(self, person: _Person, new: Key) -> None:
        old = self._opening()
        rows = reseal(self._connection, self._scope_id, old.words, new.words)
        self._move_tombstone_key(person.scope, is_sealed=bool(new.version))
        self._connection.execute(_SET_VERSION, {"of_scope": self._scope_id, "key_version": new.version})
        if rows and not old.version:
            self._transaction.note_erasure()  # plain words stand in unused bytes now
        self._key = new
        self._transaction.after_commit(lambda: self._settle(person, old, new))

    def _settle(self, person: _Person, old: Key, new: Key) -> None:
        """After the commit."""
        if new.version:
            self._keys.keep(self._scope_id, new)
        else:
            self._keys.let_go(self._scope_id)
        if (old.version or new.version > 1) and not self._keys.destroy(
            person.store, person.scope, below=new.version or None
        ):
            self._keys.let_go(self._scope_id)  # so that it is loaded anew, and destroying is tried again

    def _person(self) -> _Person:
        version, tenant, user, store = self._connection.execute(_PERSON, {"scope_id": self._scope_id}).one()
        return _Person(version, Scope(tenant=tenant, user=user), store)

    def _name_store(self) -> str:
        """Give the store its name in the keyring: whoever comes first gives it."""
        self._connection.execute(_NAME_STORE, {"name": secrets.token_hex(16)})
        return str(self._connection.execute(_SEALED_AS).scalar_one())

    def _move_tombstone_key(self, scope: Scope, *, is_sealed: bool) -> None:
        """The key of tombstones outlives the data keys, so it is not under them: the master key wraps it."""
        stored = self._connection.execute(_TOMBSTONE_KEY, {"scope_id": self._scope_id}).scalar()
        if stored is None or is_sealed == (len(stored) != TOMBSTONE_KEY_BYTES):
            return
        moved = (
            self._keys.wrap_tombstone_key(scope, stored)
            if is_sealed
            else self._keys.unwrap_tombstone_key(scope, stored)
        )
        self._connection.execute(_SET_TOMBSTONE_KEY, {"of_scope": self._scope_id, "key": moved})
