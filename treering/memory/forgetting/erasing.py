"""Carries out what a plan says, in one transaction, and proves it: nothing is half forgotten."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import ErasureIncomplete
from treering.memory.consolidation.planning import SUPPORT
from treering.memory.ports import Dropped, OutsideStore, Vanished
from treering.memory.tombstones import claim_mark, turn_mark
from treering.schemas.forgetting import ErasureReceipt, StoreProof
from treering.schemas.operations import Add, Batch, Delete, Head, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from treering.memory.forgetting.plan import Plan
    from treering.memory.forgetting.wishes import Known, Wish
    from treering.memory.ports import UnitOfWork, VectorIndex
    from treering.schemas.dialogue import Scope

QUERY_PART = "rows that say one of {texts} texts, or {words} words together; vectors of the same claims and turns"
VECTOR_SERVER = "vector server"
QUERY_ALL = "rows that hold any words, and any vector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be erased, and where."""

    scope: Scope
    wish: Wish
    known: Known
    plan: Plan
    now: datetime

    @property
    def vanished(self) -> Vanished:
        """What must not be found any more."""
        return Vanished(
            sought=self.plan.sought,
            claims=frozenset(self.plan.claims),
            messages=frozenset(self.plan.messages),
            is_everything=self.wish.is_everything,
        )

    @property
    def sessions(self) -> list[str] | None:
        """Conversations that lose words; None for all."""
        if self.wish.is_everything:
            return None
        gone = set(self.plan.messages)
        return sorted({turn.session for turn in self.known.turns if turn.message_id in gone})


class Erasing:
    """Erases within a transaction that is open.

    Args:
        unit: The transaction, a writing one.
        index: The vector server, where one is used.
        outside: What else keeps words.
    """

    def __init__(self, unit: UnitOfWork, index: VectorIndex | None, outside: Sequence[OutsideStore]) -> None:
        self._unit = unit
        self._index = index
        self._outside = outside

    def erase(self, order: Order) -> ErasureReceipt:
        """Erase, and look whether anything is left.

        Raises:
            ErasureIncomplete: Something is left; the caller's transaction must not be committed.
        """
        unit, scope, plan = self._unit, order.scope, order.plan
        before = unit.ledger.head(scope)
        lease_until = unit.jobs.revoke(scope, order.now)
        after = self._commit(order, before)
        marks = self._mark(order)
        gone = self._everything(order, after) if order.wish.is_everything else self._part(order, before, after)
        proofs = (*self._proofs(order, gone.rows), *self._outside_proofs(order))
        unit.rekey(scope)  # with the old key go the words in backups
        receipt = ErasureReceipt(
            at=order.now,
            selected_by=order.wish.kinds,
            path=order.wish.path,
            claims=plan.claims,
            blanked=tuple(claim.id for claim in plan.blanked),
            messages=plan.messages,
            entries=gone.rows["ledger"],
            passages=gone.rows["passages"],
            vectors=gone.rows["vectors"],
            held=gone.rows["quarantine"] + gone.rows["model replies"] + gone.rows["jobs"],
            names=gone.rows["names"],
            tombstones=marks,
            stores=proofs,
            query=query_of(order.vanished),
            digest_before=before.digest,
            digest_after=after.digest,
            final_at=max(order.now, lease_until or order.now) if self._index is not None else order.now,
        )
        receipt = unit.receipts.add(scope, receipt)
        if receipt.final_at > order.now:  # whoever held a lease may still store a vector, and die before it looks again
            unit.jobs.enqueue(scope, "index", receipt.final_at, payload={"erased": receipt.id or 0})
        return receipt

    def _commit(self, order: Order, before: Head) -> Head:
        batch = Batch(
            id=f"forget:{_name_of(order.plan)}:{before.version + 1}",
            operations=tuple(_operations(order)),
            recorded_at=order.now,
            author="manual",
            heard_through=before.last_seq if order.wish.is_everything else None,
        )
        return self._unit.ledger.commit(order.scope, batch, expected_version=before.version)

    def _part(self, order: Order, before: Head, after: Head) -> Dropped:
        unit, scope, plan = self._unit, order.scope, order.plan
        turns = unit.turns.erase(scope, plan.messages)
        entries = unit.ledger.erase_entries(scope, plan.entries)
        passages = unit.passages.remove_of(scope, plan.messages)
        held = unit.quarantine.erase(scope, plan.messages)
        dropped = unit.word_stores.drop(scope, order.vanished)
        names = unit.ledger.erase_names(scope, plan.names)
        summaries = [f"summary:{name}" for name in (*passages, *dropped.passages)]
        ids = [*sorted(_entries_of(plan)), *summaries]
        (self._index or unit.vectors).remove(scope, ids)
        if summaries:
            unit.jobs.enqueue(scope, "summarise", order.now)
        if any(claim.origin == "inferred" for claim in plan.blanked):  # what is left may be too little for it
            unit.jobs.enqueue(scope, "consolidate", order.now, payload={"only": SUPPORT})
        unit.mentions.remove(scope, plan.messages)
        if before.indexed_version == before.version:  # the vectors follow at once, so no job has to look
            unit.ledger.mark_indexed(scope, version=after.version, seq=before.indexed_seq)
        rows = {
            **dropped.rows,
            "turns": turns,
            "ledger": entries,
            "claims": sum(1 for ref in plan.claims if ref in order.known.live) + len(plan.blanked),
            "passages": len(passages) + dropped.rows["passages"],
            "quarantine": held + dropped.rows["quarantine"],
            "names": names,
            "vectors": len(ids),
        }
        return Dropped(rows=rows)

    def _everything(self, order: Order, after: Head) -> Dropped:
        unit, scope = self._unit, order.scope
        if self._index is not None:
            self._index.clear(scope)
        unit.vectors.clear(scope)
        unit.mentions.clear(scope)
        vectors = len(order.plan.claims) + len(order.plan.messages)
        rows = unit.word_stores.erase_all(scope)
        unit.ledger.mark_indexed(scope, version=after.version, seq=after.last_seq)
        return Dropped(rows={**rows, "claims": len(order.known.live), "vectors": vectors})

    def _mark(self, order: Order) -> int:
        plan, tombstones = order.plan, self._unit.tombstones
        if not plan.statements and not plan.contents:
            return 0
        key = tombstones.key(order.scope)
        turns = {turn_mark(key, content) for content in plan.contents}
        claims = {claim_mark(key, *statement) for statement in plan.statements}
        return tombstones.put(order.scope, "turn", turns, order.now) + tombstones.put(
            order.scope, "claim", claims, order.now
        )

    def _proofs(self, order: Order, erased: Mapping[str, int]) -> tuple[StoreProof, ...]:
        found = self._unit.word_stores.search(order.scope, order.vanished)
        left = {name: one.matches for name, one in found.items() if one.matches}
        if left:
            raise ErasureIncomplete(left)
        return tuple(StoreProof(store=name, rows=one.rows, erased=erased.get(name, 0)) for name, one in found.items())

    def _outside_proofs(self, order: Order) -> Iterator[StoreProof]:
        """Of what the transaction does not cover; last, when it is certain that the rest can be committed."""
        if self._index is not None:
            ids = self._index.ids(order.scope)
            if left := ids if order.wish.is_everything else ids & _entries_of(order.plan):
                raise ErasureIncomplete({VECTOR_SERVER: len(left)})
            yield StoreProof(store=VECTOR_SERVER, rows=len(ids), erased=len(_entries_of(order.plan)))
        for store in self._outside:
            gone = store.erase(order.scope, order.sessions)
            yield StoreProof(store=store.name, rows=gone, erased=gone)


def _entries_of(plan: Plan) -> set[str]:
    """Entries of an index."""
    return {f"claim:{ref}" for ref in plan.claims} | {f"turn:{ref}" for ref in plan.messages}


def query_of(vanished: Vanished) -> str:
    """How the stores are searched again, without what is searched for."""
    if vanished.is_everything:
        return QUERY_ALL
    sought = vanished.sought
    return QUERY_PART.format(texts=len(sought.texts), words=len(sought.stems))


def _operations(order: Order) -> list[Operation]:
    known, now = order.known, order.now
    gone = [known.live[ref] for ref in order.plan.claims if ref in known.live]
    operations: list[Operation] = [
        Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="forgotten", at=now) for claim in gone
    ]
    for claim in order.plan.blanked:
        back = Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=now)
        operations += [back, Add(claim=claim)]
    return operations


def _name_of(plan: Plan) -> str:
    ids = [*plan.claims, "", *(claim.id for claim in plan.blanked)]
    return hashlib.sha256(" ".join(ids).encode()).hexdigest()[:16]
