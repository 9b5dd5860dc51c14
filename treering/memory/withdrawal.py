"""What a tree is without one message: which claims go with it, which stay on other words, which hold again. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.memory.operations import claim_of
from treering.schemas.operations import Add, Delete, NoOp, Operation

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What withdrawing a message amounts to."""

    operations: tuple[Operation, ...] = ()
    """To be committed, in order."""
    retracted: tuple[Claim, ...] = ()
    """Claims that rested on the message alone."""
    kept: tuple[Claim, ...] = ()
    """Claims that stay on other words, as they are with these."""


def resting_on(forest: Forest, message_id: str) -> list[str]:
    """Ids of the live claims that have a message among their evidence."""
    return [ref for ref, claim in _live(forest).items() if _cites(claim.evidence, message_id)]


def ended(forest: Forest) -> list[str]:
    """Ids of the live claims that hold no longer: any message may have ended them."""
    return [ref for ref, claim in _live(forest).items() if claim.valid_to is not None]


def cited(forest: Forest, claim_ids: Iterable[str], operations: Iterable[Operation]) -> list[str]:
    """Ids of the messages that support these claims, by their evidence or by words that were heard once more."""
    live = _live(forest)
    pieces = [piece for ref in claim_ids for piece in live[ref].evidence]
    pieces += [piece for operation in operations if isinstance(operation, NoOp) for piece in operation.evidence]
    return list(dict.fromkeys(piece.message_id for piece in pieces))


def withdraw(
    forest: Forest, turn: Turn, *, about: Sequence[Operation], turns: Mapping[str, Turn], now: datetime
) -> Withdrawal:
    """The operations that make the forest what it would be had the turn not said what it says.

    Args:
        forest: The present trees.
        turn: The turn, as it is.
        about: Committed operations, oldest first: all on the claims `resting_on` the turn, and the endings of those
            that `ended`.
        turns: The `cited` turns, as they are; words that stand in none of them support nothing.
        now: When it is withdrawn.
    """
    of_claim: dict[str, list[Operation]] = defaultdict(list)
    for operation in about:
        of_claim[claim_of(operation) or ""].append(operation)
    live = _live(forest)
    concerned = dict.fromkeys([*resting_on(forest, turn.message_id), *ended(forest)])
    left = {ref: _without(live[ref], turn, of_claim[ref], turns) for ref in concerned}
    gone = {ref: live[ref] for ref, claim in left.items() if claim is None}
    rests = {
        ref: None if (rest := left.get(ref, claim)) is None else rewired(rest, gone) for ref, claim in live.items()
    }
    changed = [(claim, rests[ref]) for ref, claim in live.items() if rests[ref] != claim]
    return Withdrawal(
        operations=tuple(operation for claim, rest in changed for operation in exchange(claim, rest, now)),
        retracted=tuple(gone.values()),
        kept=tuple(rest for claim, rest in changed if rest is not None and rest.evidence != claim.evidence),
    )


def exchange(claim: Claim, rest: Claim | None, now: datetime, *, why: str | None = None) -> tuple[Operation, ...]:
    """Operations that put `rest`, the same claim with something else in it, in a claim's place; None takes it out."""
    taken = Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=now, why=why)
    return (taken,) if rest is None else (taken, Add(claim=rest, why=why))


def rewired(claim: Claim, gone: Mapping[str, Claim]) -> Claim:
    """A claim that replaced one which goes replaces what that one had replaced: the chain closes over the gap."""
    if gone.keys().isdisjoint(claim.supersedes):
        return claim
    waiting = list(claim.supersedes)
    seen: dict[str, None] = {}
    while waiting:
        ref = waiting.pop(0)
        if ref not in seen:
            seen[ref] = None
            waiting = [*(gone[ref].supersedes if ref in gone else ()), *waiting]
    return claim.model_copy(update={"supersedes": tuple(ref for ref in seen if ref not in gone)})


def _live(forest: Forest) -> dict[str, Claim]:
    return {ref: claim for tree in forest.values() for ref, claim in tree.claims.items()}


def _without(claim: Claim, turn: Turn, about: Sequence[Operation], turns: Mapping[str, Turn]) -> Claim | None:
    """The claim as it is without the turn; None if nothing else supports it."""
    rest = claim
    if _ending_rests_on(turn, claim, about):
        rest = rest.model_copy(update={"valid_to": None})
    if not _cites(claim.evidence, turn.message_id):
        return rest
    evidence = _others(claim.evidence, turn.message_id) or _repeated(about, turn.message_id, turns)
    if not evidence:
        return None
    return rest.model_copy(update={"evidence": evidence, **_dates(rest, turn, turns.get(evidence[0].message_id))})


def _ending_rests_on(turn: Turn, claim: Claim, about: Sequence[Operation]) -> bool:
    endings = [
        operation
        for operation in about
        if isinstance(operation, Delete)
        and operation.reason == "ended"
        and max(operation.at, claim.valid_from) == claim.valid_to
    ]
    return bool(endings) and {piece.message_id for piece in endings[-1].evidence} == {turn.message_id}


def _repeated(about: Sequence[Operation], message_id: str, turns: Mapping[str, Turn]) -> tuple[Evidence, ...]:
    """Words that said the same once more, and still stand where they were heard."""
    pieces = [piece for operation in about if isinstance(operation, NoOp) for piece in operation.evidence]
    others = _others(dict.fromkeys(pieces), message_id)
    return tuple(piece for piece in others if piece.message_id in turns and _stands(piece, turns[piece.message_id]))


def _stands(piece: Evidence, turn: Turn) -> bool:
    return turn.content[piece.start : piece.start + len(piece.quote)] == piece.quote


def _dates(claim: Claim, withdrawn: Turn, first: Turn | None) -> dict[str, object]:
    """Place and date, where the claim had them from the turn that goes: then it has them from the first that stays."""
    dates: dict[str, object] = {}
    if first is not None and claim.order == withdrawn.seq:
        dates["order"] = first.seq
        if claim.valid_from == withdrawn.at:
            dates["valid_from"] = first.at if claim.valid_to is None else min(first.at, claim.valid_to)
    return dates


def _others(evidence: Iterable[Evidence], message_id: str) -> tuple[Evidence, ...]:
    return tuple(piece for piece in evidence if piece.message_id != message_id)


def _cites(evidence: Iterable[Evidence], message_id: str) -> bool:
    return any(piece.message_id == message_id for piece in evidence)
