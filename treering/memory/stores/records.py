"""How the rows of a person become records of an export, and rows again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from treering.memory.digest import canonical
from treering.memory.stores import tables
from treering.memory.stores.words import open_or_none, seal_or_none
from treering.schemas import export
from treering.schemas.listening import Verdict
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Column, Row, Table

    from treering.memory.stores.words import Words
    from treering.schemas.value import Value

_Columns = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One section: its table, the order of its rows, and the way from row to record and back."""

    table: Table
    order: tuple[Column[Any], ...]
    """Numbers alone: databases sort texts in ways of their own."""
    record: Callable[[Row[Any], Words], Value]
    columns: Callable[[Any, Words], _Columns]
    """The columns of a record, without the scope."""


def _subject(row: Row[Any], words: Words) -> Value:
    return export.ExportedSubject(alias=row.alias, salt=words.open_bytes(row.salt).hex(), name=words.open(row.name))


def _subject_columns(record: export.ExportedSubject, words: Words) -> _Columns:
    salt = words.seal_bytes(bytes.fromhex(record.salt))
    return {"alias": record.alias, "salt": salt, "name": words.seal(record.name)}


def _session(row: Row[Any], _: Words) -> Value:
    return export.ExportedSession.model_validate(_fields(row))


def _session_columns(record: export.ExportedSession, _: Words) -> _Columns:
    return dict(record)


def _turn(row: Row[Any], words: Words) -> Value:
    return export.ExportedTurn.model_validate(_fields(row) | _opened(row, words))


def _turn_columns(record: export.ExportedTurn, words: Words) -> _Columns:
    return dict(record) | _sealed(record, words)


def _former_text(row: Row[Any], words: Words) -> Value:
    return export.ExportedFormerText.model_validate(_fields(row) | _opened(row, words))


def _former_text_columns(record: export.ExportedFormerText, words: Words) -> _Columns:
    return dict(record) | _sealed(record, words)


def _opened(row: Row[Any], words: Words) -> _Columns:
    return {
        "content": words.open(row.content),
        "speaker": open_or_none(words, row.speaker),
        "metadata": json.loads(words.open(row.metadata)),
    }


def _sealed(record: export.ExportedTurn | export.ExportedFormerText, words: Words) -> _Columns:
    return {
        "content": words.seal(record.content),
        "speaker": seal_or_none(words, record.speaker),
        "metadata": words.seal(canonical(record.metadata)),
    }


def _batch(row: Row[Any], _: Words) -> Value:
    fields = _fields(row)
    return export.ExportedBatch.model_validate(fields | {"id": fields.pop("batch_id")})


def _batch_columns(record: export.ExportedBatch, _: Words) -> _Columns:
    columns = dict(record)
    return columns | {"batch_id": columns.pop("id")}


def _held(row: Row[Any], words: Words) -> Value:
    text = open_or_none(words, row.verdict)
    verdict = None if text is None else Verdict.model_validate_json(text)
    return export.ExportedHeld(id=row.held_id, window_id=row.window_id, verdict=verdict, recorded_at=row.recorded_at)


def _held_columns(record: export.ExportedHeld, words: Words) -> _Columns:
    verdict = None if record.verdict is None else words.seal(record.verdict.model_dump_json())
    return {
        "held_id": record.id,
        "window_id": record.window_id,
        "verdict": verdict,
        "recorded_at": record.recorded_at,
        "target": None if record.verdict is None else record.verdict.forgets,
    }


def _tombstone(row: Row[Any], _: Words) -> Value:
    return export.ExportedTombstone(mark=row.mark, kind=row.kind, at=row.at)


def _tombstone_columns(record: export.ExportedTombstone, _: Words) -> _Columns:
    return dict(record)


def _receipt(row: Row[Any], _: Words) -> Value:
    return export.ExportedReceipt(at=row.at, receipt=json.loads(row.receipt))


def _receipt_columns(record: export.ExportedReceipt, _: Words) -> _Columns:
    return {"at": record.at, "receipt": canonical(record.receipt)}


def _trunk(row: Row[Any], _: Words) -> Value:
    return Trunk.model_validate_json(row.trunk)


def _trunk_columns(record: Trunk, _: Words) -> _Columns:
    return {"name": record.name, "version": record.version, "trunk": record.model_dump_json()}


def operation_record(row: Row[Any], words: Words) -> export.ExportedOperation:
    """An entry of the ledger, from its row joined with that of its words."""
    return export.ExportedOperation(
        seq=row.seq,
        version=row.version,
        body=json.loads(row.body),
        commitment=row.commitment,
        digest=row.digest,
        claim_recorded_at=row.claim_recorded_at,
        salt=None if row.salt is None else words.open_bytes(row.salt).hex(),
        words=None if row.words is None else json.loads(words.open(row.words)),
    )


def _fields(row: Row[Any]) -> _Columns:
    columns = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    columns.pop("scope_id", None)
    return columns


SHELVES: Mapping[export.Section, Shelf] = {
    "trunks": Shelf(table=tables.trunks, order=(), record=_trunk, columns=_trunk_columns),
    "subjects": Shelf(table=tables.subjects, order=(), record=_subject, columns=_subject_columns),
    "sessions": Shelf(
        table=tables.sessions, order=(tables.sessions.c.first_seq,), record=_session, columns=_session_columns
    ),
    "turns": Shelf(table=tables.turns, order=(tables.turns.c.seq,), record=_turn, columns=_turn_columns),
    "former_texts": Shelf(
        table=tables.turn_versions,
        order=(tables.turn_versions.c.seq, tables.turn_versions.c.number),
        record=_former_text,
        columns=_former_text_columns,
    ),
    "batches": Shelf(table=tables.batches, order=(tables.batches.c.version,), record=_batch, columns=_batch_columns),
    "held": Shelf(table=tables.held, order=(tables.held.c.id,), record=_held, columns=_held_columns),
    "tombstones": Shelf(table=tables.tombstones, order=(), record=_tombstone, columns=_tombstone_columns),
    "receipts": Shelf(table=tables.receipts, order=(tables.receipts.c.id,), record=_receipt, columns=_receipt_columns),
}
"""Every section but the operations, which stand in two tables."""
