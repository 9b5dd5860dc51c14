"""What concerns the keys of everybody: sealing and unsealing a whole store, a new master key, and a look at it all."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from treering.memory.stores.encryption.keyring import KeyRow, Owner
from treering.memory.stores.encryption.keys import place_of_tombstone_key
from treering.memory.stores.tables import heads, scopes, store_state, tombstone_keys
from treering.memory.stores.words import TOMBSTONE_KEY_BYTES
from treering.schemas.dialogue import Scope
from treering.schemas.keys import KeysStanding, Rewrapped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from treering.memory.stores.encryption.ciphers import MasterKey
    from treering.memory.stores.encryption.keys import Keys
    from treering.memory.stores.store import SqlStore
    from treering.memory.stores.transaction import Transaction

    Report = Callable[[int, int], None]

REWRAP_KEYS = 500
"""Keys that are wrapped anew in one transaction: what a death in between leaves to do again."""

_SEALED_AS = select(store_state.c.sealed_as)
_VERSIONS = select(scopes.c.tenant, scopes.c.user, heads.c.key_version).join(heads, heads.c.scope_id == scopes.c.id)
_TOMBSTONE_KEYS = select(scopes.c.id, scopes.c.tenant, scopes.c.user, tombstone_keys.c.key).join(
    tombstone_keys, tombstone_keys.c.scope_id == scopes.c.id
)
_SET_TOMBSTONE_KEY = (
    update(tombstone_keys).where(tombstone_keys.c.scope_id == bindparam("of_scope")).values(key=bindparam("key"))
)


def encrypt_all(store: SqlStore, report: Report) -> int:
    """Seal everybody's words, one person a transaction; whoever is sealed is left as they are.

    Args:
        store: With keys.
        report: Called after each person with how many are done, of how many.

    Returns:
        How many people were sealed.
    """
    return _each(store, lambda transaction, scope_id: transaction.encrypt(scope_id), report)


def decrypt_all(store: SqlStore, report: Report) -> int:
    """Let everybody's words be plain again, and destroy their keys; as `encrypt_all`.

    While a program runs with the master key, it seals whomever it writes about: stop it first.
    """
    return _each(store, lambda transaction, scope_id: transaction.decrypt(scope_id), report)


def rewrap_all(store: SqlStore, keys: Keys, new: MasterKey) -> Rewrapped:
    """Wrap all keys with a new master key; the words stay as they are. What is done already is left as it is.

    Raises:
        KeyUnavailable: A key is under neither of the two master keys; nothing was changed.
    """
    with store.transaction(write=False) as transaction:
        name = transaction.connection.execute(_SEALED_AS).scalar_one()
    rows = keys.keyring.keys(name)
    moved = [_rewrapped(row, keys.master, new) for row in rows if not new.has_wrapped(row.wrapped)]
    with store.transaction() as transaction:
        marks, known = _rewrap_tombstone_keys(transaction, keys.master, new)
    for start in range(0, len(moved), REWRAP_KEYS):
        keys.keyring.replace(moved[start : start + REWRAP_KEYS])
    keys.keyring.scrub()
    return Rewrapped(rewrapped=len(moved) + marks, already=len(rows) - len(moved) + known)


def keys_standing(store: SqlStore, keys: Keys) -> KeysStanding:
    """Whose words are sealed, and whether every key is where it should be. Nothing is changed."""
    with store.transaction(write=False) as transaction:
        name = transaction.connection.execute(_SEALED_AS).scalar_one()
        people = transaction.connection.execute(_VERSIONS).all()
    held: Mapping[Owner, dict[int, bytes]] = defaultdict(dict)
    for row in keys.keyring.keys(name):
        held[row.owner][row.version] = row.wrapped
    needed = {Owner.of(name, Scope(tenant=tenant, user=user)): version for tenant, user, version in people if version}
    found = {owner: held[owner].get(version) for owner, version in needed.items()}
    return KeysStanding(
        keyring=keys.keyring.where,
        sealed=len(needed),
        plain=len(people) - len(needed),
        missing=sum(wrapped is None for wrapped in found.values()),
        other_master=sum(wrapped is not None and not keys.master.has_wrapped(wrapped) for wrapped in found.values()),
        left_over=sum(version != needed.get(owner) for owner, versions in held.items() for version in versions),
    )


def _each(store: SqlStore, change: Callable[[Transaction, int], bool], report: Report) -> int:
    everybody = store.scopes()
    changed = 0
    for done, scope in enumerate(everybody, start=1):
        with store.transaction(scrub=False) as transaction:
            scope_id = transaction.scope_id(scope)
            changed += scope_id is not None and change(transaction, scope_id)
        report(done, len(everybody))
    with store.transaction():
        pass  # which scrubs, once for all
    return changed


def _rewrapped(row: KeyRow, old: MasterKey, new: MasterKey) -> KeyRow:
    place = (*row.owner, row.version)
    return row._replace(wrapped=new.wrap(old.unwrap(row.wrapped, *place), *place))


def _rewrap_tombstone_keys(transaction: Transaction, old: MasterKey, new: MasterKey) -> tuple[int, int]:
    """How many were wrapped anew, and how many had been."""
    rows = [row for row in transaction.connection.execute(_TOMBSTONE_KEYS) if len(row.key) != TOMBSTONE_KEY_BYTES]
    moved = []
    for scope_id, tenant, user, stored in rows:
        if not new.has_wrapped(stored):
            place = place_of_tombstone_key(Scope(tenant=tenant, user=user))
            moved.append({"of_scope": scope_id, "key": new.wrap(old.unwrap(stored, *place), *place)})
    if moved:
        transaction.connection.execute(_SET_TOMBSTONE_KEY, moved)
        transaction.note_erasure()
    return len(moved), len(rows) - len(moved)
