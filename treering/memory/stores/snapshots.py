"""Snapshots of which claims were live, so that reading the past costs the same however long the ledger is."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from treering.memory.operations import replay, without_bare
from treering.memory.stores.entries import claims_of, read_entries
from treering.memory.stores.tables import claims, snapshots
from treering.schemas.operations import Add, Delete, Update

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from treering.memory.operations import Forest
    from treering.memory.stores.access import Access
    from treering.memory.tree import PersonaTree
    from treering.schemas.claims import Claim
    from treering.schemas.operations import Head, LedgerEntry
    from treering.schemas.trunk import Trunk

SNAPSHOT_EVERY = 256
"""Operations between two snapshots. Half a snapshot's distance is folded at each reading of the past, some 5 ms; with
500 live claims a snapshot takes 7 KB, against some 250 KB of the operations that it spares."""

_ADD = insert(snapshots)
_CLEAR = delete(snapshots).where(snapshots.c.scope_id == bindparam("of_scope"))
_SEQS = select(claims.c.subject, claims.c.claim_id, claims.c.seq).where(claims.c.scope_id == bindparam("scope_id"))
_NEAREST = (
    select(snapshots.c.version, snapshots.c.claims)
    .where(snapshots.c.scope_id == bindparam("scope_id"), snapshots.c.version <= bindparam("version"))
    .order_by(snapshots.c.version.desc())
    .limit(1)
)

_Live = dict[tuple[str, str], tuple[int, datetime | None, datetime]]
"""Live claims by subject and id: the entry that brought each, its end, and its beginning."""

_Brought = dict[int, datetime | None]
"""The entry that brought each live claim, with the end of the claim; none: it has none."""


def forest_at(access: Access, trunk: Trunk, version: int) -> dict[str, PersonaTree]:
    """The trees at a version of the past: the nearest snapshot before it, and on top the entries since.

    Cost: O(live claims + `SNAPSHOT_EVERY`) entries by primary key. A ledger that was written before there were
    snapshots is folded from its start, until a new one is written or the ledger is rebuilt.
    """
    nearest = access.connection.execute(_NEAREST, {"scope_id": access.scope_id, "version": version}).one_or_none()
    since, forest = (nearest.version, _planted(access, trunk, nearest.claims)) if nearest else (0, {})
    operations = (entry.operation for entry in read_entries(access, since, version))
    return without_bare(replay(trunk, operations, forest))


def is_due(before: Head, after: Head) -> bool:
    """Whether a commit crossed a mark at which a snapshot is taken. Asked of the numbers alone, so it costs nothing."""
    return before.seq // SNAPSHOT_EVERY < after.seq // SNAPSHOT_EVERY


def take(access: Access, head: Head, forest: Forest) -> None:
    """Write the snapshot of the present, in the transaction that committed it, once its live claims are written."""
    brought: _Brought = {}
    names = {access.subjects.alias(subject): subject for subject in forest}
    for row in access.connection.execute(_SEQS, {"scope_id": access.scope_id}):
        brought[row.seq] = forest[names[row.subject]].claims[row.claim_id].valid_to
    access.connection.execute(_ADD, _row(access, head.version, head.seq, brought))


def retaken(access: Access, entries: Iterable[LedgerEntry]) -> Iterator[LedgerEntry]:
    """Pass a whole ledger on, oldest entry first, and write its snapshots anew along the way."""
    access.connection.execute(_CLEAR, {"of_scope": access.scope_id})
    live: _Live = {}
    due = SNAPSHOT_EVERY
    last: LedgerEntry | None = None
    for entry in entries:
        if last is not None and last.version < entry.version and last.seq >= due:
            access.connection.execute(_ADD, _row(access, last.version, last.seq, _brought(live)))
            due = (last.seq // SNAPSHOT_EVERY + 1) * SNAPSHOT_EVERY
        yield entry  # first: whoever folds the entries refuses one that does not fit, and then nothing follows
        _follow(live, entry)
        last = entry
    if last is not None and last.seq >= due:
        access.connection.execute(_ADD, _row(access, last.version, last.seq, _brought(live)))


def wrong(access: Access, entries: Iterable[LedgerEntry]) -> list[int]:
    """The versions whose snapshot is not what a whole ledger, oldest entry first, says of them."""
    query = select(snapshots.c.version, snapshots.c.seq, snapshots.c.claims)
    stored = access.connection.execute(query.where(snapshots.c.scope_id == access.scope_id))
    left = {row.version: (row.seq, row.claims) for row in stored}
    found: list[int] = []
    live: _Live = {}
    last: LedgerEntry | None = None

    def compare(at: LedgerEntry) -> None:
        taken = left.pop(at.version, None)
        if taken is not None and taken != (at.seq, _row(access, at.version, at.seq, _brought(live))["claims"]):
            found.append(at.version)

    for entry in entries:
        if last is not None and last.version < entry.version:
            compare(last)
        _follow(live, entry)
        last = entry
    if last is not None:
        compare(last)
    return sorted([*found, *left])


def _follow(live: _Live, entry: LedgerEntry) -> None:
    match entry.operation:
        case Add(claim=claim) | Update(claim=claim):
            live[claim.subject, claim.id] = (entry.seq, claim.valid_to, claim.valid_from)
        case Delete(subject=subject, target=target, reason="ended", at=at):
            seq, _, begun = live[subject, target]
            live[subject, target] = (seq, max(at, begun), begun)
        case Delete(subject=subject, target=target):
            del live[subject, target]


def _brought(live: _Live) -> _Brought:
    return {seq: end for seq, end, _ in live.values()}


def _row(access: Access, version: int, seq: int, brought: _Brought) -> Mapping[str, object]:
    pairs = [[at, end.isoformat() if end else None] for at, end in sorted(brought.items())]
    content = json.dumps(pairs, separators=(",", ":"))
    return {"scope_id": access.scope_id, "version": version, "seq": seq, "claims": content}


def _planted(access: Access, trunk: Trunk, content: str) -> dict[str, PersonaTree]:
    ends: _Brought = {seq: datetime.fromisoformat(end) if end else None for seq, end in json.loads(content)}
    found = claims_of(access, list(ends))
    return replay(trunk, (Add(claim=_ended(claim, ends[seq])) for seq, claim in found.items()))


def _ended(claim: Claim, end: datetime | None) -> Claim:
    """The claim with the end that it got after its entry; an end before its beginning is at its beginning."""
    return claim if end is None else claim.model_copy(update={"valid_to": max(end, claim.valid_from)})
