"""Ledger entries as rows: facts and digest in one table, words and their salt in another."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, insert, select

from treering.memory.digest import chain, commitment, reunite, separate
from treering.memory.operations import claim_of, subject_of
from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import batches, operation_words, operations
from treering.memory.stores.upsert import numbers
from treering.memory.stores.words import open_or_none
from treering.schemas.operations import Add, Delete, Head, LedgerEntry, Operation, OperationKind, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter

    from treering.memory.stores.access import Access
    from treering.memory.stores.subjects import Subjects
    from treering.memory.stores.words import Words
    from treering.schemas.claims import Claim

PAGE_ENTRIES = 1_000
"""Entries read with one statement: bounds memory, and lets the reader write in between."""

MAX_SEQ = 2**31 - 1
"""Past every entry: what an integer column counts to."""

_ADD_FACTS = insert(operations)
_ADD_WORDS = insert(operation_words)
_SAME_ENTRY = (operation_words.c.scope_id == operations.c.scope_id) & (operation_words.c.seq == operations.c.seq)
_OF_SCOPE = operations.c.scope_id == bindparam("scope_id")
_FIRST_SEQ = (
    select(operations.c.seq)
    .where(_OF_SCOPE, operations.c.version > bindparam("version"))
    .order_by(operations.c.version, operations.c.seq)
    .limit(1)
)
# Words are looked up entry by entry, and batches by themselves: a join would be planned by PostgreSQL for as many rows
# as its statistics know of, and those lag behind a scope that just grew.
_WORDS = select(operation_words.c.words).where(_SAME_ENTRY).correlate(operations).scalar_subquery().label("words")
_ENTRIES = select(operations, _WORDS).where(_OF_SCOPE)
_PAGE = (
    _ENTRIES.where(operations.c.seq >= bindparam("first"), operations.c.seq < bindparam("end"))
    .order_by(operations.c.seq)
    .limit(PAGE_ENTRIES)
)
_BEHIND = _ENTRIES.where(operations.c.seq > bindparam("seq")).order_by(operations.c.seq).limit(bindparam("most"))
_BATCHES = select(batches).where(
    batches.c.scope_id == bindparam("scope_id"), batches.c.version.in_(bindparam("versions", expanding=True))
)
_CHAIN = (
    select(operations.c.seq, operations.c.body, operations.c.commitment, operations.c.digest)
    .add_columns(operation_words.c.salt, operation_words.c.words)
    .outerjoin(operation_words, _SAME_ENTRY)
    .where(_OF_SCOPE)
    .order_by(operations.c.seq)
)


def store_entries(access: Access, head: Head, added: Sequence[Operation], salt: Callable[[], bytes]) -> str:
    """Append operations after `head` as its next version; returns the digest of the last."""
    facts: list[dict[str, object]] = []
    words: list[dict[str, object]] = []
    digest = head.digest
    for seq, operation in enumerate(added, start=head.seq + 1):
        body, spoken = separate(operation, access.subjects.alias)
        grain = salt()
        committed = commitment(grain, spoken)
        digest = chain(digest, body, committed)
        facts.append(
            {
                **_columns(operation, access.subjects),
                "scope_id": access.scope_id,
                "seq": seq,
                "version": head.version + 1,
                "body": body,
                "commitment": committed,
                "digest": digest,
            }
        )
        sealed = {"salt": access.words.seal_bytes(grain), "words": access.words.seal(spoken)}
        words.append({"scope_id": access.scope_id, "seq": seq, **sealed})
    access.connection.execute(_ADD_FACTS, facts)
    access.connection.execute(_ADD_WORDS, words)
    return digest


def read_entries(access: Access, after_version: int, through_version: int) -> Iterator[LedgerEntry]:
    """Committed operations with `after_version < version <= through_version`, oldest first."""
    first = _first_seq(access, after_version)
    end = _first_seq(access, through_version) or MAX_SEQ
    while first is not None:
        page = access.connection.execute(_PAGE, {"scope_id": access.scope_id, "first": first, "end": end}).all()
        yield from _entries(access, page)
        first = page[-1].seq + 1 if len(page) == PAGE_ENTRIES else None


def entries_about(access: Access, claim_ids: Sequence[str], *, kind: OperationKind | None = None) -> list[LedgerEntry]:
    """Operations (of one kind) that carry one of these claims or are aimed at it, oldest first."""
    wanted = _ENTRIES if kind is None else _ENTRIES.where(operations.c.kind == kind)
    # Sorted here: asked for them in order, SQLite would walk through the whole ledger in that order.
    rows = [
        row
        for some in chunks(claim_ids)
        for row in access.connection.execute(
            wanted.where(operations.c.claim_id.in_(some)), {"scope_id": access.scope_id}
        )
    ]
    return list(_entries(access, sorted(rows, key=lambda row: int(row.seq))))


def entries_after(
    access: Access, seq: int, *, paths: Sequence[str] | None, limit: int | None = None
) -> list[LedgerEntry]:
    """Operations behind a place (on claims of these slots), oldest first and no more than `limit`."""
    found: list[LedgerEntry] = []
    while seq < MAX_SEQ and (limit is None or len(found) < limit):
        most = PAGE_ENTRIES if limit is None else min(PAGE_ENTRIES, limit - len(found))
        page = _page(access, seq, paths, most)
        found += _entries(access, page)
        seq = page[-1].seq if len(page) == most else MAX_SEQ
    return found


def claims_of(access: Access, seqs: Sequence[int]) -> dict[int, Claim]:
    """The claims that entries brought, by place; in order."""
    wanted = {"scope_id": access.scope_id, "seqs": json.dumps(list(seqs))}
    found: dict[int, Claim] = {}
    for row in sorted(access.connection.execute(_brought(access.connection.dialect.name), wanted)):
        operation = reunite(row.body, open_or_none(access.words, row.words), row.recorded_at, access.subjects.name)
        if isinstance(operation, Add | Update):
            found[row.seq] = operation.claim
    return found


def erase_words(connection: Connection, scope_id: int, claim_ids: Sequence[str], *, through_seq: int) -> int:
    """Remove the words of entries through a place that carry one of these claims or are aimed at it; how many."""
    erased = 0
    for some in chunks(claim_ids):
        seqs = select(operations.c.seq).where(
            operations.c.scope_id == scope_id, operations.c.claim_id.in_(some), operations.c.seq <= through_seq
        )
        gone = delete(operation_words).where(operation_words.c.scope_id == scope_id, operation_words.c.seq.in_(seqs))
        erased += connection.execute(gone).rowcount
    return erased


def first_broken(access: Access) -> int | None:
    """The first entry whose digest, place or words do not fit the chain; None for a sound ledger."""
    digest = ""
    for expected, row in enumerate(access.connection.execute(_CHAIN, {"scope_id": access.scope_id}), start=1):
        digest = chain(digest, row.body, row.commitment)
        if row.seq != expected or row.digest != digest or _has_other_words(row, access.words):
            return expected
    return None


def _has_other_words(row: Row[Any], words: Words) -> bool:
    """Whether words stand there that the ledger did not commit to; erased ones are none."""
    return row.words is not None and commitment(words.open_bytes(row.salt), words.open(row.words)) != row.commitment


def _columns(operation: Operation, subjects: Subjects) -> dict[str, object]:
    claim = operation.claim if isinstance(operation, Add | Update) else None
    holder = operation if isinstance(operation, Delete) else claim
    subject = subject_of(operation)
    return {
        "kind": operation.kind,
        "subject": subjects.alias(subject) if subject else None,
        "path": holder.path if holder else None,
        "claim_id": claim_of(operation),
        "claim_recorded_at": claim.recorded_at if claim else None,
    }


def _first_seq(access: Access, version: int) -> int | None:
    """The first entry after a version; found in the index, however long the ledger is."""
    found = access.connection.execute(_FIRST_SEQ, {"scope_id": access.scope_id, "version": version}).scalar()
    return int(found) if found is not None else None


def _page(access: Access, seq: int, paths: Sequence[str] | None, most: int) -> list[Row[Any]]:
    """The first entries behind a place, in order."""
    asked = {"scope_id": access.scope_id, "seq": seq, "most": most}
    if paths is None:
        return list(access.connection.execute(_BEHIND, asked))
    rows = [
        row
        for some in chunks(paths)
        for row in access.connection.execute(_BEHIND.where(operations.c.path.in_(some)), asked)
    ]
    return sorted(rows, key=lambda row: int(row.seq))[:most]


@cache
def _brought(dialect: str) -> Select[tuple[int, str, datetime | None, str | None]]:
    """Entries by a list of their places: each by its primary key, whatever the planner believes of the scope."""
    seq = numbers(dialect, "seqs")
    of_scope: BindParameter[int] = bindparam("scope_id")
    facts = operations.c.scope_id == of_scope, operations.c.seq == seq
    words = operation_words.c.scope_id == of_scope, operation_words.c.seq == seq
    return select(
        seq.label("seq"),
        select(operations.c.body).where(*facts).scalar_subquery().label("body"),
        select(operations.c.claim_recorded_at).where(*facts).scalar_subquery().label("recorded_at"),
        select(operation_words.c.words).where(*words).scalar_subquery().label("words"),
    )


def _entries(access: Access, rows: Sequence[Row[Any]]) -> Iterator[LedgerEntry]:
    """Entries of rows, with the batches that they belong to."""
    of_version: dict[int, Row[Any]] = {}
    for some in chunks(list(dict.fromkeys(row.version for row in rows))):
        these = {"scope_id": access.scope_id, "versions": list(some)}
        of_version |= {one.version: one for one in access.connection.execute(_BATCHES, these)}
    for row in rows:
        batch = of_version[row.version]
        words = open_or_none(access.words, row.words)
        yield LedgerEntry(
            seq=row.seq,
            version=row.version,
            batch_id=batch.batch_id,
            author=batch.author,
            recorded_at=batch.recorded_at,
            reverts=batch.reverts,
            operation=reunite(row.body, words, row.claim_recorded_at, access.subjects.name),
            digest=row.digest,
        )
