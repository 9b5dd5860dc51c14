"""Makes what is derived from a ledger's entries anew: live claims, snapshots, and the place of the head."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import case, delete, insert, update

from treering.memory.operations import fold
from treering.memory.stores.entries import MAX_SEQ, read_entries
from treering.memory.stores.live_claims import row_of
from treering.memory.stores.snapshots import retaken
from treering.memory.stores.tables import claims, heads, index_marks
from treering.schemas.operations import Add, LedgerEntry, Update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import ColumnElement

    from treering.memory.stores.access import Access
    from treering.schemas.operations import Operation
    from treering.schemas.trunk import Trunk


def rebuild(access: Access, trunk: Trunk, last_turn: int) -> None:
    """Fold all entries, and write what they come to.

    Args:
        access: The scope.
        trunk: The trunk that it stands on.
        last_turn: The last turn that is stored; no mark may lie beyond it.

    Raises:
        OperationError: The entries do not fold.
    """
    brought: dict[tuple[str, str], int] = {}
    last: LedgerEntry | None = None

    def noted() -> Iterator[Operation]:
        nonlocal last
        for entry in retaken(access, read_entries(access, 0, MAX_SEQ)):
            last = entry
            if isinstance(entry.operation, Add | Update):
                brought[entry.operation.claim.subject, entry.operation.claim.id] = entry.seq
            yield entry.operation

    forest = fold(trunk, noted())
    rows = [
        row_of(access, brought[subject, claim.id], claim)
        for subject, tree in forest.items()
        for claim in tree.claims.values()
    ]
    access.connection.execute(delete(claims).where(claims.c.scope_id == access.scope_id))
    if rows:
        access.connection.execute(insert(claims), rows)
    version = last.version if last else 0
    head = update(heads).where(heads.c.scope_id == access.scope_id)
    access.connection.execute(
        head.values(
            version=version,
            seq=last.seq if last else 0,
            digest=last.digest if last else "",
            heard_seq=_at_most(heads.c.heard_seq, last_turn),
        )
    )
    marks = update(index_marks).where(index_marks.c.scope_id == access.scope_id)
    access.connection.execute(
        marks.values(seq=_at_most(index_marks.c.seq, last_turn), version=_at_most(index_marks.c.version, version))
    )


def _at_most(column: ColumnElement[int], end: int) -> ColumnElement[int]:
    return case((column > end, end), else_=column)
