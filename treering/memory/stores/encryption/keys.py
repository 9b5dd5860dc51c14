"""The keys of a process: made, looked up in the keyring, and kept for as long as they are current."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from treering.errors import KeyUnavailable, TreeringError
from treering.memory.stores.encryption.ciphers import NO_KEY, Key, SealedWords, new_key
from treering.memory.stores.encryption.keyring import Owner
from treering.memory.stores.encryption.scope_words import ScopeWords

if TYPE_CHECKING:
    from treering.memory.stores.encryption.ciphers import MasterKey
    from treering.memory.stores.encryption.keyring import Keyring
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope

KEPT_KEYS = 4_096
"""People whose key a process keeps at hand, about 1 KB each; the key of somebody else costs a look into the keyring."""

_log = logging.getLogger("treering.stores")


class Keys:
    """Gives each person's words their key. Safe in threads.

    Args:
        keyring: Where wrapped keys stand.
        master: Wraps them.
        keep: People whose present key is kept at hand.
    """

    def __init__(self, keyring: Keyring, master: MasterKey, *, keep: int = KEPT_KEYS) -> None:
        self.keyring = keyring
        self.master = master
        self._keep = keep
        self._kept: OrderedDict[int, Key] = OrderedDict()
        self._lock = threading.Lock()

    def words_in(self, transaction: Transaction, scope_id: int) -> ScopeWords:
        """The words of a person within a transaction."""
        return ScopeWords(transaction, self, scope_id)

    def kept(self, scope_id: int, version: int) -> Key | None:
        """The key of this version, if it is at hand. One of a version before it is let go of: it was destroyed."""
        if not version:
            return NO_KEY
        with self._lock:
            key = self._kept.get(scope_id)
            if key is not None and key.version < version:
                del self._kept[scope_id]
            return key if key is not None and key.version == version else None

    def keep(self, scope_id: int, key: Key) -> None:
        """Have a committed key at hand, unless a later one is."""
        with self._lock:
            known = self._kept.get(scope_id)
            if known is None or known.version < key.version:
                self._kept[scope_id] = key
            self._kept.move_to_end(scope_id)
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)

    def let_go(self, scope_id: int) -> None:
        """Have no key of a person at hand."""
        with self._lock:
            self._kept.pop(scope_id, None)

    def load(self, store: str, scope: Scope, version: int) -> Key:
        """The key from the keyring. Older ones, which a death kept from being destroyed, are destroyed now.

        Raises:
            KeyUnavailable: It is not there, or another master key wrapped it.
        """
        owner = Owner.of(store, scope)
        found = self.keyring.find(owner, version)
        if found.wrapped is None:
            raise KeyUnavailable(
                f"{self.keyring.where} has no key {version} of {scope.tenant}/{scope.user}; TREERING_KEYS_URL may name "
                "the wrong keyring, or this is a store from before an erasure, which destroyed the key; if something "
                "is being erased at this moment, try again"
            )
        key = Key(version, SealedWords(self.master.unwrap(found.wrapped, *owner, version), scope, version=version))
        if found.has_older:
            self.destroy(store, scope, below=version)
        return key

    def make(self, store: str, scope: Scope, *, above: int) -> Key:
        """A new key, in the keyring and on its disk when this returns; its version is higher than all before."""
        owner = Owner.of(store, scope)
        fresh = new_key()
        version = self.keyring.add(owner, above=above, wrap=lambda version: self.master.wrap(fresh, *owner, version))
        return Key(version, SealedWords(fresh, scope, version=version))

    def destroy(self, store: str, scope: Scope, *, below: int | None) -> bool:
        """Destroy the keys before a version (None: all), after the commit that made them useless.

        What was committed stays done if this fails: they are destroyed when the key is next loaded, and until then
        they are told as left over.
        """
        owner = Owner.of(store, scope)
        try:
            if below is None:
                self.keyring.destroy_all(owner)
            else:
                self.keyring.destroy(owner, below=below)
        except TreeringError as error:
            _log.warning("a key that was replaced is still to be destroyed: %s", error)
            return False
        return True

    def wrap_tombstone_key(self, scope: Scope, key: bytes) -> bytes:
        """The key of a scope's tombstones as it is stored: under the master key, for it outlives the data keys."""
        return self.master.wrap(key, *place_of_tombstone_key(scope))

    def unwrap_tombstone_key(self, scope: Scope, stored: bytes) -> bytes:
        """The key of a scope's tombstones again."""
        return self.master.unwrap(stored, *place_of_tombstone_key(scope))


def place_of_tombstone_key(scope: Scope) -> tuple[str, ...]:
    """What the wrapped key of a scope's tombstones is bound to."""
    return ("tombstones", scope.tenant, scope.user)
