"""Claims that say the same become one with the words of all; one that goes on from another replaces it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from treering.memory.consolidation.case import Step
from treering.memory.consolidation.supports import standing
from treering.memory.consolidation.wording import gist_of, is_said_in, says_more, says_the_same
from treering.memory.tree import precedence
from treering.memory.withdrawal import exchange, rewired
from treering.schemas.operations import NoOp

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.memory.consolidation.case import Case, Pair
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.operations import Operation

SAME_COSINE = 0.5
"""Cosine from which two statements with the same telling words say the same. The words weigh more than the vectors,
which put "likes red wine" and "likes white wine" at 0.81, "is allergic to peanuts" and "has a peanut allergy" at 0.76.
"""

MORE_COSINE = 0.6
"""Cosine from which a statement and its continuation are one."""

MAX_EVIDENCE = 32
"""Quotes up to which repetitions add to a claim; further ones stand in the ledger alone."""

_WEIGHT = {"manual": 2, "stated": 1, "imported": 1, "inferred": 0}


def duplicates(case: Case) -> Iterator[Step]:
    """Each group of current claims that say the same, merged."""
    covered: dict[str, dict[str, float]] = defaultdict(dict)
    claims: dict[str, Claim] = {}
    for pair in filter(_may_merge, case.pairs):
        for most, other in ((pair.old, pair.new), (pair.new, pair.old)):
            if _covers(most, other, pair.cosine):
                covered[most.id][other.id] = pair.cosine
                claims |= {most.id: most, other.id: other}
    merged: set[str] = set()
    for stays in sorted(claims.values(), key=_says_most):
        goes = [claims[ref] for ref in covered[stays.id] if ref not in merged]
        if goes and stays.id not in merged:
            merged |= {stays.id, *(claim.id for claim in goes)}
            yield _merge(case, stays, sorted(goes, key=precedence), covered[stays.id])


def refinements(case: Case) -> Iterator[Step]:
    """Each claim that a later one goes on from, replaced by it.

    It is not merged: the later claim must not rest on words that say less, or the rest of it would outlive its own
    words when these are taken back or forgotten. Then the shorter claim holds again.
    """
    replaced: set[str] = set()
    for pair in filter(_may_merge, case.pairs):
        old, new = pair.old, pair.new
        weighs_enough = _WEIGHT[new.origin] >= _WEIGHT[old.origin]
        is_free = old.path == new.path and replaced.isdisjoint((old.id, new.id))
        if is_free and weighs_enough and pair.cosine >= MORE_COSINE and says_more(gist_of(new), gist_of(old)):
            replaced |= {old.id, new.id}
            why = f"refinement: says what {old.id} says, and goes on (cosine {pair.cosine:.2f})"
            fuller = new.model_copy(update={"supersedes": (*new.supersedes, old.id)})
            operations = exchange(new, fuller, case.now, why=why)
            yield Step(rule="refinement", why=why, claims=(old.id, new.id), operations=operations)


def repetitions(case: Case) -> Iterator[Step]:
    """Each claim that was heard once more, with the words that said so beside its own."""
    for ref in sorted(case.touched.repeated):
        claim = case.live.get(ref)
        if claim is None or not claim.evidence or len(claim.evidence) >= MAX_EVIDENCE:
            continue
        evidence = all_evidence(case, [claim])[:MAX_EVIDENCE]
        if evidence != claim.evidence:
            why = f"repetition: {ref} was said {len(evidence)} times by now, as heard"
            fuller = claim.model_copy(update={"evidence": evidence})
            operations = exchange(claim, fuller, case.now, why=why)
            yield Step(rule="repetition", why=why, claims=(ref,), operations=operations)


def all_evidence(case: Case, claims: Sequence[Claim], *, whole: bool = True) -> tuple[Evidence, ...]:
    """The words that these claims rest on, and those that say it once more and still stand, in order of time.

    Args:
        case: Where the words are.
        claims: Claims that say the same.
        whole: Whether only repetitions count that have all the words that carry the claim.
    """
    gists = {claim.id: gist_of(claim) for claim in claims}
    own = {piece: claim.order for claim in claims for piece in claim.evidence}
    cited = {piece.message_id for piece in own}
    again = [
        piece
        for entry in case.entries_of([claim.id for claim in claims])
        if isinstance(entry.operation, NoOp)
        for piece in entry.operation.evidence
        if piece.message_id not in cited and (not whole or is_said_in(gists[entry.operation.target or ""], piece.quote))
    ]
    turns = case.turns_of([piece.message_id for piece in (*own, *again)])
    pieces = own | {piece: turns[piece.message_id].seq for piece in standing(again, turns)}

    def when(piece: Evidence) -> tuple[int, int, str]:
        turn = turns.get(piece.message_id)
        return (turn.seq if turn is not None else pieces[piece], piece.start, piece.quote)

    return tuple(sorted(pieces, key=when))


def _may_merge(pair: Pair) -> bool:
    """Whether both rest on words, or neither does, and what happened happened on one day.

    A claim that was imported or noted by hand stands by itself: with the words of another it would fall with them.
    """
    old, new = pair.old, pair.new
    if bool(old.evidence) != bool(new.evidence):
        return False
    return not gist_of(old).is_past or old.valid_from.date() == new.valid_from.date()


def _covers(stays: Claim, goes: Claim, cosine: float) -> bool:
    weighs_enough = _WEIGHT[stays.origin] >= _WEIGHT[goes.origin]
    return weighs_enough and cosine >= SAME_COSINE and says_the_same(gist_of(stays), gist_of(goes))


def _says_most(claim: Claim) -> tuple[object, ...]:
    """Sort key: confirmed before said before concluded, then the longest first, then the oldest."""
    return (-_WEIGHT[claim.origin], -len(gist_of(claim).words), precedence(claim))


def _merge(case: Case, stays: Claim, goes: Sequence[Claim], cosines: Mapping[str, float]) -> Step:
    gone = {claim.id: claim for claim in goes}
    names = ", ".join(f"{claim.id} (cosine {cosines[claim.id]:.2f})" for claim in goes)
    why = f"duplicate: {stays.id} says the same as {names}, in the same telling words"
    whole = _whole(case, stays, goes, gone)
    operations: list[Operation] = []
    for claim in goes:
        operations += exchange(claim, None, case.now, why=why)
    operations += exchange(stays, whole, case.now, why=why)
    operations += _rewired(case, {stays.id, *gone}, gone, why)
    return Step(rule="duplicate", why=why, claims=(stays.id, *gone), operations=tuple(operations))


def _whole(case: Case, stays: Claim, goes: Sequence[Claim], gone: Mapping[str, Claim]) -> Claim:
    replaced = dict.fromkeys(ref for claim in (stays, *goes) for ref in claim.supersedes)
    joined = {
        "evidence": all_evidence(case, [stays, *goes]),
        "supersedes": tuple(ref for ref in replaced if ref not in gone and ref != stays.id),
        "confidence": max(claim.confidence for claim in (stays, *goes)),
        "condition": stays.condition or next((claim.condition for claim in goes if claim.condition), None),
    }
    return _dated(case, stays.model_copy(update=joined), min((stays, *goes), key=precedence))


def _dated(case: Case, whole: Claim, oldest: Claim) -> Claim:
    """Since the earliest of them, but where the claim would then be older than one that it replaces."""
    slot = case.trunk.by_path.get(whole.path)
    earlier = whole.model_copy(update={"valid_from": oldest.valid_from, "order": oldest.order})
    replaced = [case.live[ref] for ref in whole.supersedes if ref in case.live]
    is_newest = all(precedence(claim) < precedence(earlier) for claim in replaced)
    return earlier if is_newest and slot is not None and slot.cardinality == "many" else whole


def _rewired(case: Case, done: set[str], gone: Mapping[str, Claim], why: str) -> Iterator[Operation]:
    """Claims that replaced one which goes; they are in its slot."""
    slots = sorted({(claim.subject, claim.path) for claim in gone.values()})
    for claim in (claim for subject, path in slots for claim in case.forest[subject].by_path[path]):
        if claim.id not in done and not gone.keys().isdisjoint(claim.supersedes):
            yield from exchange(claim, rewired(claim, gone), case.now, why=why)
