"""Everything that is one person's, as records: for this store, the person as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.digest import canonical
from treering.schemas.export import ExportedSubject, ExportedTrunk
from treering.schemas.trunk import Trunk
from treering.testing.reference.ledger import ReferenceTrunkStore, alias_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.schemas.dialogue import Scope
    from treering.schemas.export import ExportedHead, Section
    from treering.schemas.value import Value
    from treering.testing.reference.state import State

_KEYS: dict[Section, tuple[tuple[str, ...], ...]] = {
    "subjects": (("alias",),),
    "sessions": (("session",),),
    "turns": (("seq",), ("message_id",)),
    "former_texts": (("seq", "number"),),
    "batches": (("version",), ("id",)),
    "operations": (("seq",),),
    "held": (("id",),),
    "tombstones": (("mark",),),
}
"""Fields that name one record of a section; the first names it in a dict. Receipts have no name."""

_SORTED_BY: dict[Section, tuple[str, ...]] = {
    "trunks": ("name", "version"),
    "subjects": ("alias", "salt"),
    "sessions": ("first_seq",),
    "turns": ("seq",),
    "former_texts": ("seq", "number"),
    "batches": ("version",),
    "operations": ("seq",),
    "tombstones": ("mark",),
}


class ReferenceHistory:
    """The records of a scope that are not derived from others."""

    def __init__(self, state: State, *, trunk: Trunk) -> None:
        self._state = state
        self._trunk = trunk

    def is_empty(self, scope: Scope) -> bool:
        """Whether nothing at all is stored."""
        person = self._state.of(scope)
        occupied = (person.turns, person.sessions, person.batches, person.held, person.tombstones, person.receipts)
        return not any(occupied)

    def trunk(self, scope: Scope) -> ExportedTrunk:
        """The trunk that the ledger stands on; that of the store where none is recorded."""
        head = self._state.of(scope).head
        here = (self._trunk.name, self._trunk.version)
        name, version = (head.trunk_name or here[0], head.trunk_version or here[1])
        found = self._trunk if (name, version) == here else self._state.trunks.get((name, version))
        return ExportedTrunk(name=name, version=version, digest=found.digest if found else None)

    def tombstone_key(self, scope: Scope) -> bytes | None:
        """The key of the tombstones, if there are any."""
        return self._state.of(scope).tombstone_key

    def count(self, scope: Scope, section: Section) -> int:
        """How many records a section has."""
        return sum(1 for _ in self.records(scope, section))

    def records(self, scope: Scope, section: Section) -> Iterator[Value]:
        """The records of a section in their order."""
        found = self._former_trunks(scope) if section == "trunks" else getattr(self._state.of(scope), section)
        records = list(found.values()) if isinstance(found, dict) else list(found)
        names = _SORTED_BY.get(section, ())
        return iter(sorted(records, key=lambda record: _fields(record, names)) if names else records)

    def add(self, scope: Scope, section: Section, records: Sequence[Value]) -> None:
        """Store records of a section."""
        person = self._state.made(scope)
        for record in records:
            if section == "trunks" and isinstance(record, Trunk):
                self._state.trunks.setdefault((record.name, record.version), record)
                continue
            _check(section, record)
            held: dict[str, Value] | list[Value] = getattr(person, section)
            stored = list(held.values()) if isinstance(held, dict) else held
            for names in _KEYS.get(section, ()):
                if any(_fields(one, names) == _fields(record, names) for one in stored):
                    raise ValueError("the same thing stands there twice")
            if isinstance(held, dict):
                held[getattr(record, _KEYS[section][0][0])] = record
            else:
                held.append(record)

    def begin(self, scope: Scope, head: ExportedHead, tombstone_key: bytes | None) -> None:
        """Make the scope on the trunk of the store, and note how far it was heard; nothing is indexed."""
        person = self._state.made(scope)
        values: dict[str, object] = {"heard_seq": head.heard_seq}
        if head.version:
            ReferenceTrunkStore(self._state).put(self._trunk)
            values |= {"trunk_name": self._trunk.name, "trunk_version": self._trunk.version}
        person.head = person.head.model_copy(update=values)
        person.index_marks.clear()
        person.tombstone_key = tombstone_key

    def _former_trunks(self, scope: Scope) -> list[Trunk]:
        stands_on = self.trunk(scope)
        named = {(batch.trunk_name, batch.trunk_version) for batch in self._state.of(scope).batches}
        named.discard((stands_on.name, stands_on.version))
        return [trunk for name, trunk in self._state.trunks.items() if name in named]


def _fields(record: Value, names: tuple[str, ...]) -> tuple[object, ...]:
    return tuple(getattr(record, name) for name in names)


def _check(section: Section, record: Value) -> None:
    """Refuses what contradicts itself.

    Raises:
        ValueError: An alias does not belong to its name, or an operation does not say what it does.
    """
    if isinstance(record, ExportedSubject) and alias_of(record.name, bytes.fromhex(record.salt)) != record.alias:
        raise ValueError(f"the alias {record.alias} does not belong to its name")
    if section != "operations":
        return
    body = getattr(record, "body")  # noqa: B009 - of this section alone
    canonical(body)
    claim = body.get("claim")
    holder = claim if isinstance(claim, dict) else body
    named = [
        body.get("kind"),
        *(holder.get(name, "") or "" for name in ("subject", "path", "target" if claim is None else "id")),
    ]
    if not all(isinstance(value, str) for value in named):
        raise ValueError("an operation does not say what it does")
