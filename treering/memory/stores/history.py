"""Everything that is one person's, as records: read out of the tables, and put into empty ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError

from treering.memory.digest import canonical
from treering.memory.stores.records import SHELVES, operation_record
from treering.memory.stores.subjects import alias_of
from treering.memory.stores.tables import (
    batches,
    heads,
    held,
    index_marks,
    operation_words,
    operations,
    receipts,
    sessions,
    tombstone_keys,
    tombstones,
    trunks,
    turns,
)
from treering.memory.stores.trunks import SqlTrunkStore
from treering.memory.stores.upsert import insert_missing
from treering.schemas.export import ExportedHead, ExportedOperation, ExportedSubject, ExportedTrunk, Section
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic import JsonValue
    from sqlalchemy import ColumnElement, Executable, Table

    from treering.memory.stores.transaction import Transaction
    from treering.memory.stores.words import Words
    from treering.schemas.dialogue import Scope
    from treering.schemas.value import Value

PAGE_ROWS = 1_000
"""Rows that are in memory at once."""

_OCCUPIED = (turns, sessions, batches, held, tombstones, receipts)
"""Tables of which any row means that something is stored about a person."""

_OPERATIONS = (
    select(operations, operation_words.c.salt, operation_words.c.words)
    .outerjoin(
        operation_words,
        (operation_words.c.scope_id == operations.c.scope_id) & (operation_words.c.seq == operations.c.seq),
    )
    .order_by(operations.c.seq)
)


class SqlHistory:
    """The rows of a scope that are not derived from others."""

    def __init__(self, transaction: Transaction, *, trunk: Trunk) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._trunk = trunk

    def is_empty(self, scope: Scope) -> bool:
        """Whether nothing at all is stored."""
        scope_id = self._transaction.scope_id(scope)
        return scope_id is None or not any(self._has_rows(table, scope_id) for table in _OCCUPIED)

    def trunk(self, scope: Scope) -> ExportedTrunk:
        """The trunk that the ledger stands on; that of the store where none is recorded."""
        head = select(heads.c.trunk_name, heads.c.trunk_version).where(self._of(heads, scope))
        row = self._connection.execute(head).first()
        here = (self._trunk.name, self._trunk.version)
        stored = here if row is None or row.trunk_name is None else (row.trunk_name, row.trunk_version)
        if stored == here:
            return ExportedTrunk(name=here[0], version=here[1], digest=self._trunk.digest)
        known = select(trunks.c.trunk).where(trunks.c.name == stored[0], trunks.c.version == stored[1])
        text = self._connection.execute(known).scalar()
        digest = None if text is None else Trunk.model_validate_json(text).digest
        return ExportedTrunk(name=stored[0], version=stored[1], digest=digest)

    def tombstone_key(self, scope: Scope) -> bytes | None:
        """The key of the tombstones, if there are any."""
        query = select(tombstone_keys.c.key).where(self._of(tombstone_keys, scope))
        stored = self._connection.execute(query).scalar()
        return None if stored is None else self._transaction.unwrap(scope, stored)

    def count(self, scope: Scope, section: Section) -> int:
        """How many records a section has."""
        rows = self._rows(scope, section).order_by(None).subquery()
        return int(self._connection.execute(select(func.count()).select_from(rows)).scalar_one())

    def records(self, scope: Scope, section: Section) -> Iterator[Value]:
        """The records of a section in their order."""
        words = self._transaction.words(self._transaction.scope_id(scope))
        record = operation_record if section == "operations" else SHELVES[section].record
        # Rows come in pages while this runs, because a long history does not fit into memory.
        query = self._rows(scope, section).execution_options(yield_per=PAGE_ROWS)
        found = (record(row, words) for row in self._connection.execute(query))
        if section == "operations" or SHELVES[section].order:
            yield from found
        else:
            yield from sorted(found, key=_name)

    def add(self, scope: Scope, section: Section, records: Sequence[Value]) -> None:
        """Store records of a section.

        Raises:
            ValueError: One of them is there already, contradicts itself, or cannot be stored.
        """
        scope_id = self._transaction.scope_id(scope, create=True)
        words = self._transaction.words(scope_id)
        if section == "operations":
            facts, spoken = _operation_rows(records)
            self._insert(insert(operations), [row | {"scope_id": scope_id} for row in facts])
            self._insert(insert(operation_words), [_sealed(row, words) | {"scope_id": scope_id} for row in spoken])
            return
        shelf = SHELVES[section]
        rows = [shelf.columns(record, words) for record in records]
        if section == "trunks":
            self._insert(insert_missing(self._connection, trunks), rows)
            return
        if section == "subjects":
            _check_aliases(records)
        self._insert(insert(shelf.table), [row | {"scope_id": scope_id} for row in rows])

    def begin(self, scope: Scope, head: ExportedHead, tombstone_key: bytes | None) -> None:
        """Make the scope on the trunk of the store, and note how far it was heard; nothing is indexed."""
        scope_id = self._transaction.scope_id(scope, create=True)
        values: dict[str, object] = {"heard_seq": head.heard_seq}
        if head.version:
            SqlTrunkStore(self._connection).put(self._trunk)
            values |= {"trunk_name": self._trunk.name, "trunk_version": self._trunk.version}
        self._connection.execute(update(heads).where(heads.c.scope_id == scope_id).values(values))
        self._connection.execute(delete(index_marks).where(index_marks.c.scope_id == scope_id))
        if tombstone_key is not None:
            key = self._transaction.wrap(scope, tombstone_key)
            self._insert(insert(tombstone_keys), [{"scope_id": scope_id, "key": key}])

    def _rows(self, scope: Scope, section: Section) -> Select[Any]:
        if section == "operations":
            return _OPERATIONS.where(self._of(operations, scope))
        shelf = SHELVES[section]
        mine = self._former_trunks(scope) if section == "trunks" else self._of(shelf.table, scope)
        return select(shelf.table).where(mine).order_by(*shelf.order)

    def _former_trunks(self, scope: Scope) -> ColumnElement[bool]:
        stands_on = self.trunk(scope)
        used = select(batches.c.trunk_name, batches.c.trunk_version).where(
            self._of(batches, scope), batches.c.trunk_name.is_not(None)
        )
        named = {(name, version) for name, version in self._connection.execute(used.distinct())}
        named.discard((stands_on.name, stands_on.version))
        return or_(False, *(and_(trunks.c.name == name, trunks.c.version == version) for name, version in named))

    def _has_rows(self, table: Table, scope_id: int) -> bool:
        query = select(table.c.scope_id).where(table.c.scope_id == scope_id).limit(1)
        return self._connection.execute(query).first() is not None

    def _of(self, table: Table, scope: Scope) -> ColumnElement[bool]:
        scope_id = self._transaction.scope_id(scope)
        return table.c.scope_id == (0 if scope_id is None else scope_id)

    def _insert(self, statement: Executable, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        try:
            self._connection.execute(statement, rows)
        except IntegrityError:
            raise ValueError("the same thing stands there twice") from None
        except DataError:
            raise ValueError("a number or text is larger than a store can hold") from None


def _name(record: Value) -> tuple[object, ...]:
    """What records without a number are sorted by: the first two fields name them."""
    return tuple(value for _, value in record)[:2]


def _check_aliases(records: Sequence[Value]) -> None:
    for record in records:
        if isinstance(record, ExportedSubject) and alias_of(record.name, bytes.fromhex(record.salt)) != record.alias:
            raise ValueError(f"the alias {record.alias} does not belong to its name")


def _sealed(row: dict[str, Any], words: Words) -> dict[str, Any]:
    return {**row, "salt": words.seal_bytes(row["salt"]), "words": words.seal(row["words"])}


def _operation_rows(records: Sequence[Value]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Rows for the two tables of the ledger; the words are not sealed yet."""
    facts: list[dict[str, Any]] = []
    spoken: list[dict[str, Any]] = []
    for record in records:
        if not isinstance(record, ExportedOperation):
            raise TypeError(type(record).__name__)
        body = canonical(record.body)
        words = None if record.words is None else canonical(record.words)
        if not isinstance(record.body.get("kind"), str):
            raise ValueError("an operation does not say what it does")  # noqa: TRY004 - of a document, not of a caller
        claim = record.body.get("claim")
        holder = claim if isinstance(claim, dict) else record.body
        facts.append(
            {
                "seq": record.seq,
                "version": record.version,
                "kind": record.body["kind"],
                "subject": _text_in(holder, "subject"),
                "path": _text_in(holder, "path"),
                "claim_id": _text_in(holder, "target" if claim is None else "id"),
                "claim_recorded_at": record.claim_recorded_at,
                "body": body,
                "commitment": record.commitment,
                "digest": record.digest,
            }
        )
        if words is not None and record.salt is not None:
            spoken.append({"seq": record.seq, "salt": bytes.fromhex(record.salt), "words": words})
    return facts, spoken


def _text_in(holder: dict[str, JsonValue], name: str) -> str | None:
    """A field that is indexed. Whether the whole is an operation shows when the ledger is folded."""
    value = holder.get(name)
    if value is None or isinstance(value, str):
        return value
    raise ValueError(f"the {name} of an operation is no text")
