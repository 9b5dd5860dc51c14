"""The keyring: wrapped data keys in a database of their own, where destroying one leaves no byte of it."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import (
    Column,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    inspect,
    make_url,
    select,
    update,
)

from treering.errors import KeyUnavailable, StoreReadOnly, StoreTooNew, StoreUnavailable, StoreUnreadable
from treering.memory.digest import canonical
from treering.memory.stores.backend import backend_of, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection, Engine

    from treering.schemas.dialogue import Scope

KEYRING_FORMAT = 1
"""Number of this layout; a keyring with a higher one was made by a newer Treering."""

BUSY_TIMEOUT_S = 15.0
"""How long a change waits for others, in seconds."""

metadata = MetaData()

keyring_state = Table("keyring_state", metadata, Column("format", Integer, primary_key=True, autoincrement=False))

keyring_keys = Table(
    "keyring_keys",
    metadata,
    Column("store", String(32), primary_key=True),
    Column("scope", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary),
)
"""Data keys, wrapped by the master key. One without `wrapped` was destroyed, and keeps its number from coming again."""

_OF_OWNER = (keyring_keys.c.store == bindparam("of_store"), keyring_keys.c.scope == bindparam("of_scope"))
_FIND = select(keyring_keys.c.version, keyring_keys.c.wrapped).where(
    *_OF_OWNER, keyring_keys.c.version <= bindparam("through")
)
_LAST = select(func.coalesce(func.max(keyring_keys.c.version), 0)).where(*_OF_OWNER)
_ADD = insert(keyring_keys)
_DROP_BELOW = delete(keyring_keys).where(*_OF_OWNER, keyring_keys.c.version < bindparam("below"))
_EMPTY = update(keyring_keys).where(*_OF_OWNER).values(wrapped=None)
_CHANGE = (
    update(keyring_keys)
    .where(*_OF_OWNER, keyring_keys.c.version == bindparam("of_version"))
    .values(wrapped=bindparam("wrapped"))
)


class Owner(NamedTuple):
    """Whose keys: a scope of a store. The keyring knows people by a hash, so it does not list who is remembered."""

    store: str
    scope: str

    @classmethod
    def of(cls, store: str, scope: Scope) -> Owner:
        """A scope of the store that goes by this name."""
        return cls(store, sha256(canonical([store, scope.tenant, scope.user]).encode()).hexdigest())


class Found(NamedTuple):
    """What the keyring holds of one owner up to a version."""

    wrapped: bytes | None
    has_older: bool
    """Whether keys are left that should have been destroyed."""


class KeyRow(NamedTuple):
    """One key in the keyring."""

    owner: Owner
    version: int
    wrapped: bytes


class Keyring:
    """Wrapped keys. Making one touches nothing; the first use makes the file, or the tables.

    No connection is kept: a key is looked for once for each person that a process meets, and so nothing crosses a fork.

    Args:
        url: Database URL, SQLite or PostgreSQL; not that of the store, or a backup of the store would hold its keys.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._backend = backend_of(url, busy_timeout_s=BUSY_TIMEOUT_S)
        self._is_made = False
        self._lock = threading.Lock()

    @property
    def where(self) -> str:
        """The keyring, as an error message names it."""
        return self._backend.where

    def find(self, owner: Owner, version: int) -> Found:
        """A key; None in it where there is none, or it was destroyed."""
        with self._transaction(write=False) as (_, connection):
            rows = connection.execute(_FIND, {**_of(owner), "through": version}).all()
        held = {row.version: row.wrapped for row in rows if row.wrapped is not None}
        return Found(wrapped=held.pop(version, None), has_older=bool(held))

    def add(self, owner: Owner, *, above: int, wrap: Callable[[int], bytes]) -> int:
        """Store a new key, and have it on the disk when this returns.

        Args:
            owner: Whose.
            above: A version that was used; the new one is higher than it and than all that the keyring knows.
            wrap: Makes the wrapped key for the version.

        Returns:
            The version.
        """
        with self._transaction(write=True) as (_, connection):
            last: int = connection.execute(_LAST, _of(owner)).scalar_one()
            version = max(last, above) + 1
            row = {"store": owner.store, "scope": owner.scope, "version": version, "wrapped": wrap(version)}
            connection.execute(_ADD, row)
        return version

    def destroy(self, owner: Owner, *, below: int) -> None:
        """Destroy the keys before a version; nothing of them is left in the bytes of an SQLite keyring."""
        with self._transaction(write=True) as (engine, connection):
            connection.execute(_DROP_BELOW, {**_of(owner), "below": below})
            connection.commit()
            self._backend.scrub(engine, metadata.tables)

    def destroy_all(self, owner: Owner) -> None:
        """Destroy every key of an owner; their numbers stay used."""
        with self._transaction(write=True) as (engine, connection):
            connection.execute(_EMPTY, _of(owner))
            connection.commit()
            self._backend.scrub(engine, metadata.tables)

    def keys(self, store: str) -> list[KeyRow]:
        """All keys of a store that were not destroyed, in order."""
        query = select(keyring_keys).where(keyring_keys.c.store == store, keyring_keys.c.wrapped.is_not(None))
        with self._transaction(write=False) as (_, connection):
            rows = connection.execute(query.order_by(keyring_keys.c.scope, keyring_keys.c.version)).all()
        return [KeyRow(Owner(row.store, row.scope), row.version, row.wrapped) for row in rows]

    def replace(self, rows: Sequence[KeyRow]) -> None:
        """Store keys that were wrapped anew, in one transaction."""
        changes = [{**_of(row.owner), "of_version": row.version, "wrapped": row.wrapped} for row in rows]
        with self._transaction(write=True) as (_, connection):
            connection.execute(_CHANGE, changes)

    def scrub(self) -> None:
        """Leave no byte of what was replaced."""
        with self._transaction(write=False) as (engine, connection):
            connection.commit()
            self._backend.scrub(engine, metadata.tables)

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[tuple[Engine, Connection]]:
        """A transaction, committed when the block ends; one at a time in a process.

        Raises:
            KeyUnavailable: The keyring cannot be reached.
            StoreBusy, StoreFull, StoreUnreadable, StoreTooNew: As for a store.
        """
        with self._lock, _told_as_keyring(self.where), translated(self._backend):
            self._keep_to_its_owner()
            engine = self._backend.connect()
            try:
                if not self._is_made:
                    self._make(engine)
                    self._is_made = True
                with engine.connect() as connection:
                    self._backend.begin(connection, write=write)
                    yield engine, connection
                    connection.commit()
            finally:
                engine.dispose()

    def _keep_to_its_owner(self) -> None:
        """Make a new file readable by its owner alone; SQLite gives the files beside it the same rights."""
        if self._is_made or not self._backend.is_embedded:
            return
        path = Path(make_url(self._url).database or "")
        if not path.exists():
            try:
                path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(mode=0o600)
            except OSError as error:
                raise StoreReadOnly(self.where) from error

    def _make(self, engine: Engine) -> None:
        with engine.connect() as connection:
            self._backend.begin(connection, write=False)
            if self._has_tables(connection):
                return
        with engine.connect() as connection:
            self._backend.begin_alone(connection)
            if not self._has_tables(connection):
                metadata.create_all(connection)
                connection.execute(insert(keyring_state).values(format=KEYRING_FORMAT))
            connection.commit()

    def _has_tables(self, connection: Connection) -> bool:
        present = inspect(connection)
        if present.has_table("store_state"):
            raise KeyUnavailable(f"TREERING_KEYS_URL names a store ({self.where}); keys must stand in another database")
        if not present.has_table(keyring_state.name):
            return False
        found = connection.execute(select(keyring_state.c.format)).scalar()
        if found is None:
            raise StoreUnreadable(self.where, "it does not say which format of keyring it has")
        if found > KEYRING_FORMAT:
            raise StoreTooNew(self.where, found, KEYRING_FORMAT)
        return True


@contextmanager
def _told_as_keyring(where: str) -> Iterator[None]:
    """An unreachable keyring is told apart from an unreachable store."""
    try:
        yield
    except StoreUnavailable as error:
        why = f"their keyring {where} cannot be reached ({error.why}); check TREERING_KEYS_URL and its server"
        raise KeyUnavailable(why) from error


def _of(owner: Owner) -> dict[str, str]:
    return {"of_store": owner.store, "of_scope": owner.scope}
