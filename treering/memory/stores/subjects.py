"""The names of the people whom claims are about: a ledger holds aliases, and the names stand here alone."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from treering.memory.stores.tables import subjects
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.stores.transaction import Transaction

ALIAS_CHARS = 24
"""Length of the commitment in an alias, in hex digits: 96 bits, as for claims."""

_ALL = select(subjects.c.alias, subjects.c.name).where(subjects.c.scope_id == bindparam("scope_id"))
_ADD = insert(subjects)


class Subjects:
    """Aliases of the subjects of one scope, within one transaction.

    The alias of `person:Bo` is `person:~` and a salted hash of the name: the chain of digests binds the name, and when
    the name is erased, nobody can guess it from what is left. The user has no name here, and is no secret.
    """

    def __init__(self, transaction: Transaction, scope_id: int, *, salt: Callable[[], bytes]) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._scope_id = scope_id
        self._salt = salt
        self._names: dict[str, str] | None = None

    def name(self, alias: str) -> str:
        """The subject that an alias stands for; the alias itself where the name was erased."""
        return alias if alias == SELF else self._known().get(alias, alias)

    def alias(self, subject: str) -> str:
        """What stands for a subject in the tables, made at its first mention."""
        if subject == SELF:
            return SELF
        for alias, name in self._known().items():
            if name == subject:
                return alias
        return self._add(subject)

    def names(self) -> list[str]:
        """All that have one."""
        return sorted(self._known().values())

    def erase(self, names: frozenset[str]) -> int:
        """Erase names; whatever still refers to them shows the alias. Returns how many."""
        gone = [alias for alias, name in self._known().items() if name in names]
        for alias in gone:
            row = (subjects.c.scope_id == self._scope_id) & (subjects.c.alias == alias)
            self._connection.execute(delete(subjects).where(row))
        self._names = None
        if gone:
            self._transaction.note_erasure()
        return len(gone)

    def _known(self) -> dict[str, str]:
        if self._names is None:
            words = self._transaction.words(self._scope_id)
            rows = self._connection.execute(_ALL, {"scope_id": self._scope_id})
            self._names = {row.alias: words.open(row.name) for row in rows}
        return self._names

    def _add(self, subject: str) -> str:
        salt = self._salt()
        alias = alias_of(subject, salt)
        words = self._transaction.words(self._scope_id)
        sealed = {"salt": words.seal_bytes(salt), "name": words.seal(subject)}
        self._connection.execute(_ADD, {"scope_id": self._scope_id, "alias": alias, **sealed})
        self._known()[alias] = subject
        return alias


def alias_of(subject: str, salt: bytes) -> str:
    """The alias of a subject that is not the user: its kind, and a commitment to its name."""
    kind = subject.partition(":")[0]
    return f"{kind}:~{hashlib.sha256(salt + subject.encode()).hexdigest()[:ALIAS_CHARS]}"
