"""The words that are left in a ledger, read without making operations of them, and erased entry by entry."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from treering.memory.ports.erasure import Spoken
from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import operation_words, operations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from treering.memory.stores.access import Access

PAGE_ENTRIES = 5_000
"""Entries read with one statement."""

_PAGE = (
    select(operations.c.seq, operations.c.claim_id, operations.c.subject, operations.c.path, operations.c.body)
    .add_columns(operation_words.c.words)
    .join(
        operation_words,
        (operation_words.c.scope_id == operations.c.scope_id) & (operation_words.c.seq == operations.c.seq),
    )
    .where(operations.c.scope_id == bindparam("scope_id"), operations.c.seq > bindparam("after"))
    .order_by(operations.c.seq)
    .limit(PAGE_ENTRIES)
)


def spoken(access: Access) -> Iterator[Spoken]:
    """Entries whose words are still there, oldest first. 100,000 of them take about a second."""
    after = 0
    while page := access.connection.execute(_PAGE, {"scope_id": access.scope_id, "after": after}).all():
        for row in page:
            words = json.loads(access.words.open(row.words))
            body = json.loads(row.body)
            cited = body.get("claim", body)["evidence"]
            yield Spoken(
                seq=row.seq,
                claim_id=row.claim_id,
                subject=None if row.subject is None else access.subjects.name(row.subject),
                path=row.path,
                text=words.get("text"),
                condition=words.get("condition"),
                why=words.get("why"),
                quotes=tuple(
                    (piece["message_id"], quote, piece["start"])
                    for piece, quote in zip(cited, words["quotes"], strict=True)
                ),
            )
        after = page[-1].seq


def erase_entries(access: Access, seqs: Sequence[int]) -> int:
    """Remove the words of these entries; returns how many had any."""
    erased = 0
    for some in chunks(seqs):
        these = (operation_words.c.scope_id == access.scope_id) & operation_words.c.seq.in_(some)
        erased += access.connection.execute(delete(operation_words).where(these)).rowcount
    return erased
