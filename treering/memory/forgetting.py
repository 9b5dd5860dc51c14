"""Erases claims on request: their words, the turns they rest on, and everything derived from both."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, UnknownClaim
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
            InvalidInput: No claim is named.
            UnknownClaim: A claim is not live; nothing was erased.
        """
        if not claim_ids:
            raise InvalidInput("claims", "are none; name at least one by its id")
        with self._store.begin() as unit:
            return self.forget_within(unit, scope, claim_ids, requests=requests)

    def forget_within(
        self, unit: UnitOfWork, scope: Scope, claim_ids: Sequence[str], *, requests: Collection[str] = ()
    ) -> Erasure:
        """The same, inside a transaction that is open already."""
        now = self._clock.now()
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
        if before.indexed_version == before.version:  # the vectors follow at once, so no job has to look
            unit.ledger.mark_indexed(scope, version=after.version, seq=before.indexed_seq)
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
    """Messages that say what the claims say.

    Their evidence, words that were heard once more or that ended them, and wishes to have them forgotten that nobody
    confirmed yet.
    """
    ids = {claim.id for claim in claims}
    operations = [
        *(entry.operation for entry in unit.ledger.entries_about(scope, sorted(ids))),
        *(held.verdict.operation for held in unit.quarantine.held(scope)),
    ]
    found = {evidence.message_id for claim in claims for evidence in claim.evidence}
    for operation in operations:
        if isinstance(operation, NoOp | Delete) and operation.target in ids:
            found |= {evidence.message_id for evidence in operation.evidence}
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
