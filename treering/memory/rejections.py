"""Marks of what a person rejected: the same statement is not learned again while the rejection stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.judgement import was_rejected
from treering.memory.operations import claim_of
from treering.memory.tombstones import claim_mark
from treering.schemas.operations import Add, Delete

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import UnitOfWork
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.operations import Operation


def mark(unit: UnitOfWork, scope: Scope, claims: Iterable[Claim], now: datetime) -> None:
    """Set the marks of claims that were rejected: forgetting leaves the same ones, and `allow_again` lifts both."""
    key = unit.tombstones.key(scope)
    unit.tombstones.put(scope, "claim", [_mark(key, claim) for claim in claims], now)


def follow(
    unit: UnitOfWork, scope: Scope, before: Forest, operations: Sequence[Operation], *, version: int, now: datetime
) -> None:
    """Let the marks follow what undo, redo or rewind did: what came back may be said, what was rejected again may not.

    Args:
        unit: An open transaction.
        scope: Whose.
        before: The trees before the operations.
        operations: What was committed.
        version: The version whose state they bring back.
        now: When.
    """
    live = {ref: claim for tree in before.values() for ref, claim in tree.claims.items()}
    added = {one.claim.id: one.claim for one in operations if isinstance(one, Add)}
    come = [claim for ref, claim in added.items() if ref not in live]
    if come and unit.tombstones.of_claims(scope).marks:
        key = unit.tombstones.key(scope)
        unit.tombstones.lift(scope, {_mark(key, claim) for claim in come})
    gone = [one.target for one in operations if isinstance(one, Delete) and one.target not in added]
    about = unit.ledger.entries_about(scope, gone) if gone else []
    rejected = [
        live[ref]
        for ref in gone
        if was_rejected([entry for entry in about if claim_of(entry.operation) == ref], version)
    ]
    if rejected:
        mark(unit, scope, rejected, now)


def _mark(key: bytes, claim: Claim) -> str:
    return claim_mark(key, claim.subject, claim.path, claim.text)
