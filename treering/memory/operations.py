"""Operations on persona trees: apply, invert, fold, diff. Pure and total: a tree comes back, or a typed error."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from treering.errors import (
    ClaimAlreadyEnded,
    DuplicateClaim,
    NotASlot,
    NotInvertible,
    OperationError,
    SlotMismatch,
    UnknownClaim,
    UnknownSlot,
)
from treering.memory.tree import PersonaTree
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    from treering.schemas.claims import Claim
    from treering.schemas.trunk import Trunk

Forest = Mapping[str, PersonaTree]
"""The trees of a scope, by subject."""


def claim_of(operation: Operation) -> str | None:
    """The id of the claim that an operation carries or is aimed at."""
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.id
        case Delete(target=target) | NoOp(target=target):
            return target


def subject_of(operation: Operation) -> str | None:
    """Whose tree an operation is for; None for `NO_OP`, which is for none."""
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.subject
        case Delete(subject=subject):
            return subject
        case NoOp():
            return None


def apply(tree: PersonaTree, operation: Operation) -> PersonaTree:
    """The tree after one operation.

    Raises:
        UnknownSlot, NotASlot: The path is not a slot of the trunk.
        DuplicateClaim: The claim is there already.
        UnknownClaim: A target is not a live claim.
        ClaimAlreadyEnded: The target of an ending has ended before.
        SlotMismatch: A target belongs to another slot, or the operation to another subject.
    """
    return apply_all(tree, (operation,))


def apply_all(tree: PersonaTree, operations: Iterable[Operation]) -> PersonaTree:
    """The tree after all operations in order; the first that does not fit raises and none counts.

    Cost: one copy of the live claims, then O(1) an operation.
    """
    claims = dict(tree.claims)
    for operation in operations:
        _apply_in_place(tree.trunk, tree.subject, claims, operation)
    return replace(tree, claims=MappingProxyType(claims))


def plant(trunk: Trunk, operations: Iterable[Operation], forest: Forest | None = None) -> dict[str, PersonaTree]:
    """The forest after operations for any subjects; trees spring up as they are needed."""
    return _grow(trunk, operations, forest or {}, partial(_apply_in_place, trunk))


def fold(trunk: Trunk, operations: Iterable[Operation]) -> dict[str, PersonaTree]:
    """The trees that a whole ledger makes, by subject.

    Paths are not looked up: a ledger may be older than the trunk, and its paths those of a former one.

    Raises:
        OperationError: An operation does not fit what came before it; no store commits such a ledger.
    """
    return _grow(trunk, operations, {}, partial(_apply_in_place, None))


def replay(trunk: Trunk, operations: Iterable[Operation], forest: Forest | None = None) -> dict[str, PersonaTree]:
    """The forest after operations that were committed: they fitted then, so nothing is checked again.

    It takes any part of a ledger that holds all operations on the claims it is asked about. Over a whole ledger it
    agrees with `fold`.
    """
    return _grow(trunk, operations, forest or {}, _replay_in_place)


def without_bare(forest: Forest) -> dict[str, PersonaTree]:
    """The trees that hold a claim: a subject whose last claim went is as unknown as one never heard of."""
    return {subject: tree for subject, tree in forest.items() if tree.claims}


def invert(tree: PersonaTree, operation: Operation) -> tuple[Operation, ...]:
    """Operations that undo `operation`, given the tree just before it.

    Applied after it, they give the same tree back. `ADD` and `UPDATE` are undone by retracting the claim: what it
    had superseded comes back by itself.

    Raises:
        NotInvertible: The operation forgets.
        OperationError: The operation does not fit the tree.
    """
    apply(tree, operation)
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return (_retract(claim, operation),)
        case Delete(reason="forgotten", target=target):
            raise NotInvertible(target)
        case Delete(reason="retracted", target=target):
            return (Add(claim=tree.claims[target]),)
        case Delete(target=target):
            former = tree.claims[target]
            return (_retract(former, operation), Add(claim=former))
        case NoOp():
            return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeDiff:
    """What is current in one tree and not in another, each in trunk order."""

    gained: tuple[Claim, ...] = ()
    lost: tuple[Claim, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gained or self.lost)


def diff(old: PersonaTree, new: PersonaTree) -> TreeDiff:
    """What became current and what ceased to be, between two trees of one subject."""
    before, after = old.current(), new.current()
    kept_before, kept_after = {c.id for c in before}, {c.id for c in after}
    return TreeDiff(
        gained=tuple(c for c in after if c.id not in kept_before),
        lost=tuple(c for c in before if c.id not in kept_after),
    )


def render(tree: PersonaTree) -> str:
    """The current claims as an indented outline, branches in trunk order; empty for an empty tree."""
    lines: list[str] = []
    open_branches: list[str] = []
    for claim in tree.current():
        parts = claim.path.split(".")
        shared = _common_length(parts, open_branches)
        lines += [f"{'  ' * depth}{parts[depth]}" for depth in range(shared, len(parts))]
        open_branches = parts
        lines.append(f"{'  ' * len(parts)}- {' '.join(claim.text.split())} ({claim.valid_from:%Y-%m-%d})")
    return "\n".join(lines)


def _common_length(left: list[str], right: list[str]) -> int:
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length


def _retract(claim: Claim, because: Operation) -> Delete:
    at = because.at if isinstance(because, Delete) else claim.recorded_at
    return Delete(subject=claim.subject, path=claim.path, target=claim.id, reason="retracted", at=at)


def _grow(
    trunk: Trunk,
    operations: Iterable[Operation],
    forest: Forest,
    step: Callable[[str, dict[str, Claim], Operation], None],
) -> dict[str, PersonaTree]:
    growing: dict[str, dict[str, Claim]] = {}
    for operation in operations:
        subject = subject_of(operation)
        if subject is None:
            continue
        if subject not in growing:
            growing[subject] = dict(forest[subject].claims) if subject in forest else {}
        step(subject, growing[subject], operation)
    grown = {
        subject: PersonaTree(trunk=trunk, subject=subject, claims=MappingProxyType(claims))
        for subject, claims in growing.items()
    }
    return {**forest, **grown}


def _replay_in_place(_: str, claims: dict[str, Claim], operation: Operation) -> None:
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            claims[claim.id] = claim
        case Delete(target=target, reason="ended") if target in claims:
            claims[target] = _ended(claims[target], operation)
        case Delete(target=target):
            claims.pop(target, None)
        case NoOp():
            return


def _apply_in_place(trunk: Trunk | None, subject: str, claims: dict[str, Claim], operation: Operation) -> None:
    """One operation, checked; without a trunk its path may be any."""
    match operation:
        case NoOp():
            return
        case Add(claim=claim):
            _check_new(trunk, subject, claims, claim)
            claims[claim.id] = claim
        case Update(claim=claim):
            _check_new(trunk, subject, claims, claim)
            if not claim.supersedes:
                raise OperationError(f"UPDATE in {claim.path} names no claim that it replaces; use ADD")
            for target in claim.supersedes:
                _live(claims, target, claim.path)
            claims[claim.id] = claim
        case Delete():
            _check_subject(subject, operation.subject, operation.target)
            known = claims.get(operation.target)
            if known is None or known.path != operation.path:  # what lives in a slot may go, also from a former one
                _check_slot(trunk, operation.path)
            claim = _live(claims, operation.target, operation.path)
            if operation.reason == "ended":
                claims[claim.id] = _ended(claim, operation)
            else:
                del claims[claim.id]


def _check_new(trunk: Trunk | None, subject: str, claims: Mapping[str, Claim], claim: Claim) -> None:
    _check_subject(subject, claim.subject, claim.id)
    _check_slot(trunk, claim.path)
    if claim.id in claims:
        raise DuplicateClaim(claim.id)


def _check_subject(expected: str, actual: str, claim_id: str) -> None:
    if actual != expected:
        raise SlotMismatch(claim_id, expected, actual)


def _check_slot(trunk: Trunk | None, path: str) -> None:
    if trunk is None or path in trunk.by_path:
        return
    if path in trunk.branch_paths:
        raise NotASlot(path)
    raise UnknownSlot(path, tuple(trunk.by_path))


def _live(claims: Mapping[str, Claim], claim_id: str, path: str) -> Claim:
    claim = claims.get(claim_id)
    if claim is None:
        raise UnknownClaim(claim_id)
    if claim.path != path:
        raise SlotMismatch(claim_id, path, claim.path)
    return claim


def _ended(claim: Claim, operation: Delete) -> Claim:
    if claim.valid_to is not None:
        raise ClaimAlreadyEnded(claim.id)
    return claim.model_copy(update={"valid_to": max(operation.at, claim.valid_from)})
