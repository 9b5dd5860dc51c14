"""Erases claims on request: their words, the turns they rest on, and everything derived from both."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from treering.errors import UnknownClaim
from treering.schemas.forgetting import Erasure
from treering.schemas.operations import Batch, Delete, NoOp

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from treering.memory.ports import Clock, Store, UnitOfWork, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope


class Forgetting:
    """Carries out confirmed requests to forget. Nothing waits for running jobs: they find the words gone."""

    def __init__(self, *, store: Store, index: VectorIndex | None, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._clock = clock

    def forget(self, scope: Scope, claim_ids: Sequence[str], *, requests: Collection[str] = ()) -> Erasure:
        """Erase claims and what they rest on, in one transaction.

        Args:
            scope: Whose.
            claim_ids: Live claims.
            requests: Messages that asked for it; they name what is to be gone, so they are erased too.

        Raises:
            UnknownClaim: A claim is not live; nothing was erased.
        """
        now = self._clock.now()
        with self._store.begin() as unit:
            claims = _live(unit, scope, claim_ids)
            messages = sorted({*requests, *_sources(unit, scope, claims)})
            before = unit.ledger.head(scope)
            after = unit.ledger.commit(scope, _deletion(claims, now), expected_version=before.version)
            entries = unit.ledger.erase(scope, [claim.id for claim in claims])
            unit.turns.erase(scope, messages)
            passages = unit.passages.remove_of(scope, messages)
            held = unit.quarantine.erase(scope, messages)
            ids = [*(f"claim:{claim.id}" for claim in claims), *(f"turn:{message}" for message in messages), *passages]
            (self._index or unit.vectors).remove(scope, ids)
        return Erasure(
            claims=tuple(claim.id for claim in claims),
            messages=tuple(messages),
            entries=entries,
            passages=len(passages),
            vectors=len(ids),
            held=held,
            at=now,
            digest_before=before.digest,
            digest_after=after.digest,
        )


def _live(unit: UnitOfWork, scope: Scope, claim_ids: Sequence[str]) -> list[Claim]:
    live = {ref: claim for tree in unit.ledger.trees(scope).values() for ref, claim in tree.claims.items()}
    for claim_id in claim_ids:
        if claim_id not in live:
            raise UnknownClaim(claim_id)
    return [live[claim_id] for claim_id in dict.fromkeys(claim_ids)]


def _sources(unit: UnitOfWork, scope: Scope, claims: Sequence[Claim]) -> set[str]:
    """Messages that say what the claims say: their evidence, and words that were heard once more."""
    ids = {claim.id for claim in claims}
    found = {evidence.message_id for claim in claims for evidence in claim.evidence}
    for entry in unit.ledger.entries(scope):
        if isinstance(entry.operation, NoOp) and entry.operation.target in ids:
            found |= {evidence.message_id for evidence in entry.operation.evidence}
    return found


def _deletion(claims: Sequence[Claim], now: datetime) -> Batch:
    name = hashlib.sha256("".join(sorted(claim.id for claim in claims)).encode()).hexdigest()[:16]
    return Batch(
        id=f"forget:{name}:{now.isoformat()}",
        operations=tuple(
            Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="forgotten", at=now)
            for claim in claims
        ),
        recorded_at=now,
        author="manual",
    )
