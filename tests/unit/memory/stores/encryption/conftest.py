"""A sealed store in a file, its keyring in another, and ways to look at both."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring
from treering.memory.stores.encryption.keys import Keys
from treering.schemas.trunk import Trunk


class Lab:
    """Opens stores and keyrings as other processes would, and reads their tables behind their backs."""

    def __init__(self, path: Path, trunk: Trunk) -> None:
        self.path = path
        self.keyring_path = path.parent / "safe" / "keys.db"  # not in the folder of the store
        self.master = MasterKey(new_key())
        self._trunk = trunk
        self.opened: list[SqlStore] = []

    def new_keys(self, *, keyring: Path | None = None, master: MasterKey | None = None) -> Keys:
        """The keys of another process: nothing is at hand."""
        return Keys(Keyring(f"sqlite:///{keyring or self.keyring_path}"), master or self.master)

    def open(self, keys: Keys | None = None, path: Path | None = None) -> SqlStore:
        """The store as another process opens it."""
        store = SqlStore(f"sqlite:///{path or self.path}", self._trunk, busy_timeout_s=5, keys=keys or self.new_keys())
        self.opened.append(store)
        return store

    def open_plain(self) -> SqlStore:
        """The store as a process without a master key opens it."""
        self.opened.append(SqlStore(f"sqlite:///{self.path}", self._trunk, busy_timeout_s=5))
        return self.opened[-1]

    def versions(self) -> list[int]:
        """The versions of all keys in the keyring that were not destroyed."""
        rows = self.ask("SELECT version FROM keyring_keys WHERE wrapped IS NOT NULL ORDER BY version", keyring=True)
        return [version for (version,) in rows]

    def ask(self, statement: str, *, keyring: bool = False) -> list[tuple]:
        """What a statement finds or does."""
        with sqlite3.connect(self.keyring_path if keyring else self.path) as connection:
            found = connection.execute(statement).fetchall()
        connection.close()
        return found

    def copy(self) -> Path:
        """A backup of the store."""
        copied = self.path.with_name("copy.db")
        self.ask(f"VACUUM INTO '{copied}'")
        return copied

    def bytes(self) -> bytes:
        """Every byte of the store's files."""
        return b"".join(file.read_bytes() for file in self.path.parent.glob(f"{self.path.name}*"))


@pytest.fixture
def lab(path: Path, small_trunk: Trunk) -> Iterator[Lab]:
    lab = Lab(path, small_trunk)
    yield lab
    for store in lab.opened:
        store.close()


@pytest.fixture
def sealed(lab: Lab) -> SqlStore:
    """The store, with keys."""
    return lab.open()
