"""Laws of the pure core, against a plain-dict model that was written apart from it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from treering.memory.operations import apply, apply_all, diff, fold, invert, plant, replay, without_bare
from treering.memory.tree import PersonaTree
from treering.schemas.claims import Claim, Evidence
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Branch, Slot, Trunk

TRUNK = Trunk(
    name="law",
    version=1,
    description="For laws.",
    branches=(Branch(path="b", description="A branch."),),
    slots=(
        Slot(path="one", description="One-valued.", cardinality="one"),
        Slot(path="b.many", description="Many-valued."),
    ),
)
OTHER = Trunk(
    name="law", version=2, description="After it changed.", branches=(), slots=(Slot(path="other", description="New."),)
)
START = datetime(2024, 1, 1, tzinfo=UTC)
IDS = [f"{number:024x}" for number in range(6)]
PATHS = ["one", "b.many", "b", "nowhere"]
SUBJECTS = ["self", "person:Ana"]

moments = st.integers(0, 20).map(lambda days: START + timedelta(days=days))


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    valid_from = draw(moments)
    return Claim(
        id=draw(st.sampled_from(IDS)),
        subject=draw(st.sampled_from(SUBJECTS)),
        path=draw(st.sampled_from(PATHS)),
        text=draw(st.sampled_from(["loves tea", "hates tea", "lives in Porto"])),
        valid_from=valid_from,
        valid_to=draw(st.none() | st.just(valid_from + timedelta(days=3))),
        recorded_at=draw(moments),
        order=draw(st.integers(0, 3)),
        evidence=(Evidence(message_id="m", quote="q", start=draw(st.integers(0, 2))),),
        supersedes=tuple(draw(st.lists(st.sampled_from(IDS), max_size=2, unique=True))),
    )


deletes = st.builds(
    Delete,
    subject=st.sampled_from(SUBJECTS),
    path=st.sampled_from(PATHS),
    target=st.sampled_from(IDS),
    reason=st.sampled_from(["ended", "retracted", "forgotten"]),
    at=moments,
)
operations = st.one_of(
    claims().map(lambda claim: Add(claim=claim)),
    claims().map(lambda claim: Update(claim=claim)),
    deletes,
    st.builds(NoOp, why=st.just("known already")),
)


def model_apply(claims: dict[str, Claim], operation: Operation, subject: str) -> dict[str, Claim]:
    """What an operation means, said with plain dicts."""
    if isinstance(operation, NoOp):
        return claims
    about = operation if isinstance(operation, Delete) else operation.claim
    if about.subject != subject:
        raise SlotMismatch("", "", "")
    if about.path == "b":
        raise NotASlot("b")
    if about.path == "nowhere":
        raise UnknownSlot("nowhere")
    if isinstance(operation, Delete):
        old = _target(claims, operation.target, operation.path)
        rest = {key: claim for key, claim in claims.items() if key != old.id}
        if operation.reason != "ended":
            return rest
        if old.valid_to is not None:
            raise ClaimAlreadyEnded(old.id)
        return {**rest, old.id: old.model_copy(update={"valid_to": max(old.valid_from, operation.at)})}
    if operation.claim.id in claims:
        raise DuplicateClaim(operation.claim.id)
    if isinstance(operation, Update):
        if not operation.claim.supersedes:
            raise OperationError
        for target in operation.claim.supersedes:
            _target(claims, target, operation.claim.path)
    return {**claims, operation.claim.id: operation.claim}


def _target(claims: dict[str, Claim], claim_id: str, path: str) -> Claim:
    if claim_id not in claims:
        raise UnknownClaim(claim_id)
    if claims[claim_id].path != path:
        raise SlotMismatch("", "", "")
    return claims[claim_id]


@given(st.lists(operations, max_size=25))
def test_apply_agrees_with_a_plain_dict_also_in_its_errors(script: list[Operation]) -> None:
    tree, claims = PersonaTree(trunk=TRUNK), {}
    for operation in script:
        try:
            expected: dict[str, Claim] | type[Exception] = model_apply(claims, operation, "self")
        except OperationError as error:
            expected = type(error)
        if isinstance(expected, dict):
            tree, claims = apply(tree, operation), expected
            assert dict(tree.claims) == claims
        else:
            with pytest.raises(expected):
                apply(tree, operation)
            assert dict(tree.claims) == claims, "a refused operation changes nothing"


def grown(script: list[Operation]) -> tuple[PersonaTree, list[Operation]]:
    """The tree of those operations of a script that fit, and these."""
    tree, fitting = PersonaTree(trunk=TRUNK), []
    for operation in script:
        try:
            tree = apply(tree, operation)
        except OperationError:
            continue
        fitting.append(operation)
    return tree, fitting


@given(st.lists(operations, max_size=15), operations)
def test_invert_undoes_whatever_fits_but_forgetting(script: list[Operation], last: Operation) -> None:
    before, _ = grown(script)
    try:
        after = apply(before, last)
    except OperationError as error:
        with pytest.raises(type(error)):
            invert(before, last)
        return
    if isinstance(last, Delete) and last.reason == "forgotten":
        with pytest.raises(NotInvertible):
            invert(before, last)
        return
    undone = apply_all(after, invert(before, last))
    assert undone == before
    assert undone.digest == before.digest
    assert undone.current() == before.current()


@given(st.lists(operations, max_size=20))
def test_folding_the_ledger_gives_the_head_however_it_is_cut(script: list[Operation]) -> None:
    tree, fitting = grown(script)
    folded = fold(TRUNK, fitting)
    assert folded.get("self", PersonaTree(trunk=TRUNK)) == tree
    middle = len(fitting) // 2
    assert plant(TRUNK, fitting[middle:], fold(TRUNK, fitting[:middle])) == folded


@given(st.lists(operations, max_size=20))
def test_replaying_history_agrees_with_folding_it_whatever_trunk_it_stood_on(script: list[Operation]) -> None:
    _, fitting = grown(script)
    for trunk in (TRUNK, OTHER):
        folded, middle = fold(trunk, fitting), len(fitting) // 2
        assert replay(trunk, fitting) == folded
        assert replay(trunk, fitting[middle:], fold(trunk, fitting[:middle])) == folded
        assert {key: tree.claims for key, tree in folded.items()} == {
            key: tree.claims for key, tree in fold(TRUNK, fitting).items()
        }


@given(st.lists(operations, max_size=15))
def test_claims_in_slots_that_the_trunk_has_no_more_can_go_and_nothing_can_come(script: list[Operation]) -> None:
    tree, _ = grown(script)
    forest = {"self": PersonaTree(trunk=OTHER, claims=tree.claims)}
    gone = [Delete(path=c.path, target=c.id, reason="retracted", at=START) for c in tree.claims.values()]
    assert not without_bare(plant(OTHER, gone, forest))
    for claim in tree.claims.values():
        with pytest.raises(UnknownSlot):
            plant(OTHER, [Add(claim=claim.model_copy(update={"id": "f" * 24}))], forest)


@given(st.lists(operations, max_size=20))
def test_diff_says_exactly_what_became_current_and_what_ceased_to_be(script: list[Operation]) -> None:
    new, fitting = grown(script)
    old = apply_all(PersonaTree(trunk=TRUNK), fitting[: len(fitting) // 2])
    change = diff(old, new)
    ids = {claim.id for claim in old.current()} - {c.id for c in change.lost} | {c.id for c in change.gained}
    assert ids == {claim.id for claim in new.current()}
    assert bool(change) == ({c.id for c in old.current()} != {c.id for c in new.current()})


@given(st.lists(operations, max_size=20), moments)
def test_current_claims_hold_at_the_moment_and_one_valued_slots_hold_one(
    script: list[Operation], as_of: datetime
) -> None:
    tree, _ = grown(script)
    for moment in (as_of, None):
        current = tree.current(as_of=moment)
        assert sum(1 for claim in current if claim.path == "one") <= 1
        assert all(claim.id in tree.claims for claim in current)
        for claim in current:
            assert moment is None or claim.valid_from <= moment
            assert claim.valid_to is None or (moment is not None and moment < claim.valid_to)


@given(st.permutations(range(4)))
def test_the_digest_depends_on_what_was_learned_not_on_when_or_in_which_order(order: list[int]) -> None:
    made = [
        Claim(
            id=IDS[number],
            path="b.many",
            text=f"fact {number}",
            valid_from=START,
            recorded_at=START + timedelta(days=place),
            origin="manual",
        )
        for place, number in enumerate(order)
    ]
    straight = apply_all(PersonaTree(trunk=TRUNK), [Add(claim=c) for c in made])
    again = apply_all(
        PersonaTree(trunk=TRUNK), [Add(claim=c.model_copy(update={"recorded_at": START})) for c in reversed(made)]
    )
    assert straight.digest == again.digest
    assert straight.digest != apply(straight, Delete(path="b.many", target=IDS[0], reason="ended", at=START)).digest
