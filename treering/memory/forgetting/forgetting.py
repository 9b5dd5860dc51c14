"""Forgetting on request: what is meant, what goes with it, and that it stays away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from treering.errors import InvalidInput, UnknownClaim, UnknownMessage, UnknownPath, UnknownUser
from treering.memory.forgetting.erasing import Erasing, Order, query_of
from treering.memory.forgetting.plan import Plan, plan
from treering.memory.forgetting.wishes import Known, Wish
from treering.memory.ports import Spoken
from treering.memory.retrieval.sparse import words
from treering.memory.retrieval.vector import dots
from treering.memory.tombstones import claim_mark, turn_mark
from treering.memory.word_caches import clear_word_caches
from treering.schemas.claims import SELF
from treering.schemas.forgetting import ErasureReceipt, Preview
from treering.schemas.operations import Add, Delete, NoOp, Update

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from treering.memory.ports import Clock, Embedder, OutsideStore, Store, UnitOfWork, VectorIndex
    from treering.schemas.claims import Claim
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk

ABOUT_COSINE = 0.5
"""From which cosine on a claim is taken to say what `about` says in other words.

Of the bundled model: "peanut allergy" and "is allergic to peanuts" 0.80, "my allergies" and the same 0.51; "peanut
allergy" and "is allergic to cats" 0.45. Looser questions ("where I live", 0.30) find their claims by path, not here.
"""

_WAITING_STORES = ("quarantine", "model replies", "jobs")


class Forgetting:
    """Carries out requests to forget. Nothing waits for running jobs: their leases are taken away.

    Args:
        store: Where the truth is kept.
        index: The vector server, where one is used.
        embedder: Finds claims that say the same in other words.
        trunk: Its slots and branches can be named.
        clock: Says when.
        outside: What else keeps words of people.
    """

    def __init__(
        self,
        *,
        store: Store,
        index: VectorIndex | None,
        embedder: Embedder,
        trunk: Trunk,
        clock: Clock,
        outside: Sequence[OutsideStore] = (),
    ) -> None:
        self._store = store
        self._index = index
        self._embedder = embedder
        self._trunk = trunk
        self._clock = clock
        self._outside = outside

    def forget(self, scope: Scope, wish: Wish, *, dry_run: bool = False) -> ErasureReceipt:
        """Erase everything that says what the wish names, in one transaction; or with `dry_run`, say what would go.

        Raises:
            UnknownUser: Nothing is stored about this person.
            UnknownPath: The trunk has neither a slot nor a branch of this path.
            UnknownClaim, UnknownMessage: Nothing with this id was ever there.
            InvalidInput: `about` has no word that carries a subject.
            ErasureIncomplete: Something was left; nothing was erased.
        """
        if wish.path is not None:
            self._check_path(wish.path)
        if wish.about is not None:
            wish = replace(wish, near=self._near(scope, wish.about))
        with self._store.begin(write=not dry_run) as unit:
            if dry_run:
                return self._preview(unit, scope, wish)
            receipt = self.forget_within(unit, scope, wish)
        self.clear_caches()
        return receipt

    def forget_within(self, unit: UnitOfWork, scope: Scope, wish: Wish) -> ErasureReceipt:
        """The same, inside a transaction that is open already."""
        order = self._order(unit, scope, wish)
        if _is_nothing(order.plan) and not _words_left(unit, order):
            unit.word_stores.drop(scope, order.vanished)  # what was deleted before may still be in the file's gaps
            return self._nothing(unit, order)
        return Erasing(unit, self._index, self._outside).erase(order)

    def receipts(self, scope: Scope) -> list[ErasureReceipt]:
        """Proofs of what was forgotten, oldest first."""
        with self._store.begin(write=False) as unit:
            return unit.receipts.receipts(scope)

    def allow_again(self, scope: Scope, text: str | None) -> int:
        """Let what was forgotten be taken in again when it is said anew (None: all of it); how many marks went.

        Raises:
            UnknownUser: Nothing is stored about this person.
        """
        with self._store.begin() as unit:
            _check_known(unit, scope)
            if text is None:
                return unit.tombstones.lift(scope)
            key = unit.tombstones.key(scope)
            subjects = {SELF, *unit.ledger.names(scope)}
            marks = {claim_mark(key, who, slot.path, text) for who in subjects for slot in self._trunk.slots}
            return unit.tombstones.lift(scope, {turn_mark(key, text), *marks})

    def clear_caches(self) -> None:
        """What this process remembers beside the store: vectors of texts, stems of words, topics of statements."""
        clear_word_caches()

    def _order(self, unit: UnitOfWork, scope: Scope, wish: Wish) -> Order:
        _check_known(unit, scope)
        known = _read(unit, scope)
        _check_ids(unit, scope, wish, known)
        return Order(scope=scope, wish=wish, known=known, plan=plan(wish, known), now=self._clock.now())

    def _check_path(self, path: str) -> None:
        known = (*self._trunk.by_path, *self._trunk.branch_paths)
        if path not in known:
            raise UnknownPath(path, known)

    def _near(self, scope: Scope, about: str) -> frozenset[str]:
        """Live claims that say it in other words. Outside of any writing transaction: embedding takes its time."""
        if not words(about):
            raise InvalidInput("about", "has no word that carries a subject; say what is to be forgotten")
        with self._store.begin(write=False) as unit:
            live = list(_live(unit, scope).values())
        if not live:
            return frozenset()
        vectors = self._embedder.embed([about, *(claim.text for claim in live)])
        cosines = dots(vectors[1:], vectors[0])
        return frozenset(claim.id for claim, cosine in zip(live, cosines, strict=True) if cosine >= ABOUT_COSINE)

    def _nothing(self, unit: UnitOfWork, order: Order) -> ErasureReceipt:
        head = unit.ledger.head(order.scope)
        return ErasureReceipt(
            at=order.now,
            selected_by=order.wish.kinds,
            path=order.wish.path,
            query=query_of(order.vanished),
            digest_before=head.digest,
            digest_after=head.digest,
            final_at=order.now,
        )

    def _preview(self, unit: UnitOfWork, scope: Scope, wish: Wish) -> ErasureReceipt:
        order = self._order(unit, scope, wish)
        found, said = order.plan, {turn.message_id: turn.content for turn in order.known.turns}
        preview = Preview(
            claims=tuple(sorted({text for _, _, text in found.statements})),
            blanked=tuple(claim.text for claim in found.blanked),
            turns=tuple(said[ref] for ref in found.messages if said.get(ref)),
            names=tuple(sorted(found.names)),
        )
        counts = {
            "claims": found.claims,
            "blanked": tuple(claim.id for claim in found.blanked),
            "messages": found.messages,
            "entries": len(found.entries),
            "names": len(found.names),
            "held": sum(matches for store, matches in _words_left(unit, order).items() if store in _WAITING_STORES),
            "preview": preview,
        }
        return self._nothing(unit, order).model_copy(update=counts)


def _read(unit: UnitOfWork, scope: Scope) -> Known:
    turns = unit.turns.turns(scope)
    asked: dict[str, list[str]] = {}
    waiting: list[Spoken] = []
    for held in unit.quarantine.held(scope):
        operation = held.verdict.operation
        if isinstance(operation, Add | Update):
            waiting.append(_spoken(operation.claim))
        if isinstance(operation, NoOp | Delete) and operation.target is not None:
            asked.setdefault(operation.target, []).extend(piece.message_id for piece in operation.evidence)
    return Known(
        live=_live(unit, scope),
        spoken=list(unit.ledger.spoken(scope)),
        waiting=waiting,
        turns=turns,
        former=unit.turns.former(scope, [turn.message_id for turn in turns]),
        names=frozenset(unit.ledger.names(scope)),
        asked=asked,
    )


def _spoken(claim: Claim) -> Spoken:
    """A claim that waits, as if the ledger had it; its place there is none."""
    quotes = tuple((piece.message_id, piece.quote, piece.start) for piece in claim.evidence)
    return Spoken(
        seq=0,
        claim_id=claim.id,
        subject=claim.subject,
        path=claim.path,
        text=claim.text,
        condition=claim.condition,
        why=None,
        quotes=quotes,
    )


def _live(unit: UnitOfWork, scope: Scope) -> Mapping[str, Claim]:
    return {ref: claim for tree in unit.ledger.trees(scope).values() for ref, claim in tree.claims.items()}


def _check_known(unit: UnitOfWork, scope: Scope) -> None:
    head = unit.ledger.head(scope)
    if not (head.last_seq or head.version):
        raise UnknownUser(scope.user)


def _check_ids(unit: UnitOfWork, scope: Scope, wish: Wish, known: Known) -> None:
    """Refuse ids that were never there; those of what was forgotten before name nothing any more, and are fine."""
    for ref in sorted(wish.claims - known.ids):
        if not unit.ledger.entries_about(scope, [ref]):
            raise UnknownClaim(ref)
    there = {turn.message_id for turn in known.turns}
    for ref in sorted(wish.messages - there):
        raise UnknownMessage(ref)


def _words_left(unit: UnitOfWork, order: Order) -> dict[str, int]:
    """Rows that say it, by store: also of what is in no claim and no turn, as a model's reply or a failed job."""
    found = unit.word_stores.search(order.scope, order.vanished)
    return {store: one.matches for store, one in found.items() if one.matches}


def _is_nothing(found: Plan) -> bool:
    return not (found.claims or found.messages or found.entries or found.blanked or found.names)
