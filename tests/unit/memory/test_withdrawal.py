"""What is left of a tree without one message, against plain claims."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.operations import Forest, fold, plant
from treering.memory.withdrawal import Withdrawal, cited, resting_on, withdraw
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Turn
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update
from treering.schemas.trunk import Branch, Slot, Trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=99)


def turn(number: int, text: str | None = None) -> Turn:
    return Turn(
        message_id=f"m{number}",
        session="s",
        index=number,
        seq=number,
        role="user",
        content=f"words {number}" if text is None else text,
        at=NOON + timedelta(days=number),
    )


def words(*numbers: int) -> tuple[Evidence, ...]:
    return tuple(Evidence(message_id=f"m{number}", quote=f"words {number}", start=0) for number in numbers)


def claim(text: str, *numbers: int, path: str = "taste.food", **fields: object) -> Claim:
    first = turn(numbers[0])
    values = {
        "id": hashlib.sha256(text.encode()).hexdigest()[:24],
        "path": path,
        "text": text,
        "valid_from": first.at,
        "recorded_at": first.at,
        "order": first.seq,
        "evidence": words(*numbers),
    }
    return Claim.model_validate({**values, **fields})


def end(of: Claim, *numbers: int) -> Delete:
    return Delete(path=of.path, target=of.id, reason="ended", at=turn(numbers[0]).at, evidence=words(*numbers))


def again(of: Claim, *numbers: int) -> NoOp:
    return NoOp(why="known already", target=of.id, evidence=words(*numbers))


def without(trunk: Trunk, said: Turn, ledger: Sequence[Operation], turns: Sequence[Turn]) -> tuple[Withdrawal, Forest]:
    """Withdraw a turn from what a ledger folds to."""
    forest = fold(trunk, ledger)
    refs = resting_on(forest, said.message_id)
    known = {one.message_id: one for one in turns}
    wanted = cited(forest, refs, ledger)
    done = withdraw(forest, said, about=ledger, turns={ref: known[ref] for ref in wanted if ref in known}, now=LATER)
    return done, plant(trunk, done.operations, forest)


TURNS = [turn(number) for number in range(1, 8)]
SOUP = claim("likes soup", 1)
RICE = claim("likes rice", 2)


def lived(forest: Forest) -> dict[str, Claim]:
    return dict(forest["self"].claims) if "self" in forest else {}


def test_a_claim_that_rests_on_the_message_alone_goes(small_trunk: Trunk) -> None:
    done, after = without(small_trunk, turn(1), [Add(claim=SOUP), Add(claim=RICE)], TURNS)
    assert done.retracted == (SOUP,)
    assert done.operations == (Delete(path=SOUP.path, target=SOUP.id, reason="retracted", at=LATER),)
    assert lived(after) == {RICE.id: RICE}


def test_a_claim_with_more_evidence_stays_with_the_rest(small_trunk: Trunk) -> None:
    both = claim("likes soup", 2, 1)
    done, after = without(small_trunk, turn(1), [Add(claim=both)], TURNS)
    assert lived(after) == {both.id: both.model_copy(update={"evidence": words(2)})}
    assert (done.kept, done.retracted) == (tuple(lived(after).values()), ())


def test_words_that_said_it_once_more_take_the_place_of_the_first(small_trunk: Trunk) -> None:
    ledger: list[Operation] = [Add(claim=SOUP), again(SOUP, 3), again(RICE, 4), again(SOUP, 5), again(SOUP, 3)]
    _, after = without(small_trunk, turn(1), ledger, TURNS)
    [kept] = lived(after).values()
    assert (kept.id, kept.text, kept.evidence) == (SOUP.id, SOUP.text, words(3, 5))
    assert (kept.order, kept.valid_from) == (3, turn(3).at), "it is known since these words"


def test_a_date_that_was_said_stays_when_the_first_words_go(small_trunk: Trunk) -> None:
    dated = claim("likes soup", 1, valid_from=NOON - timedelta(days=900))
    _, after = without(small_trunk, turn(1), [Add(claim=dated), again(dated, 3)], TURNS)
    [kept] = lived(after).values()
    assert (kept.order, kept.valid_from) == (3, dated.valid_from)


def test_a_claim_never_begins_after_its_end(small_trunk: Trunk) -> None:
    ended = claim("likes soup", 1, valid_to=NOON + timedelta(days=2))
    _, after = without(small_trunk, turn(1), [Add(claim=ended), again(ended, 3)], TURNS)
    [kept] = lived(after).values()
    assert kept.valid_from == kept.valid_to == ended.valid_to


@pytest.mark.parametrize("now", ["", "other words 3"])
def test_words_that_stand_nowhere_any_more_support_nothing(small_trunk: Trunk, now: str) -> None:
    turns = [turn(3, now)]
    done, after = without(small_trunk, turn(1), [Add(claim=SOUP), again(SOUP, 3)], turns)
    assert (lived(after), done.retracted) == ({}, (SOUP,))


def test_what_the_message_ended_holds_again(small_trunk: Trunk) -> None:
    done, after = without(small_trunk, turn(2), [Add(claim=SOUP), end(SOUP, 2)], TURNS)
    assert lived(after) == {SOUP.id: SOUP}
    assert (done.retracted, done.kept) == ((), ())


def test_what_other_words_ended_too_stays_ended(small_trunk: Trunk) -> None:
    ledgers: list[list[Operation]] = [
        [Add(claim=SOUP), end(SOUP, 2, 3)],
        [Add(claim=SOUP), end(SOUP, 3)],
        [Add(claim=claim("likes soup", 1, valid_to=LATER))],
    ]
    for ledger in ledgers:
        assert without(small_trunk, turn(2), ledger, TURNS)[0] == Withdrawal()


def test_an_ending_is_found_also_when_the_claim_was_put_in_again_since(small_trunk: Trunk) -> None:
    ended = SOUP.model_copy(update={"valid_to": turn(2).at, "evidence": words(4), "order": 4})
    taken = Delete(path=SOUP.path, target=SOUP.id, reason="retracted", at=LATER)
    ledger: list[Operation] = [Add(claim=SOUP), end(SOUP, 2), taken, Add(claim=ended)]
    _, after = without(small_trunk, turn(2), ledger, TURNS)
    assert lived(after)[SOUP.id].valid_to is None


def test_what_the_message_superseded_is_current_again(small_trunk: Trunk) -> None:
    porto = claim("lives in Porto", 1, path="home.city")
    lisbon = claim("lives in Lisbon", 2, path="home.city", supersedes=(porto.id,))
    _, after = without(small_trunk, turn(2), [Add(claim=porto), Update(claim=lisbon)], TURNS)
    assert after["self"].current() == (porto,)


def test_what_was_superseded_by_what_was_superseded_stays_so(small_trunk: Trunk) -> None:
    stew = claim("likes stew", 2, supersedes=(SOUP.id,))
    curry = claim("likes curry", 3, supersedes=(stew.id,))
    ledger: list[Operation] = [Add(claim=SOUP), Update(claim=stew), Update(claim=curry)]
    done, after = without(small_trunk, turn(2), ledger, TURNS)
    assert [one.text for one in after["self"].current()] == ["likes curry"]
    assert lived(after)[curry.id].supersedes == (SOUP.id,)
    assert done.retracted == (stew,)
    assert done.kept == ()


def test_claims_about_others_go_too(small_trunk: Trunk) -> None:
    bo = claim("likes soup", 1, subject="person:Bo")
    done, after = without(small_trunk, turn(1), [Add(claim=bo)], TURNS)
    assert done.retracted == (bo,)
    assert not after["person:Bo"].claims


def test_a_claim_made_by_hand_that_cites_nothing_stays(small_trunk: Trunk) -> None:
    own = claim("likes soup", 1, origin="manual", evidence=())
    assert without(small_trunk, turn(1), [Add(claim=own)], TURNS)[0] == Withdrawal()


TRUNK = Trunk(
    name="one",
    version=1,
    description="For laws.",
    branches=(Branch(path="taste", description="Likes."),),
    slots=(Slot(path="taste.food", description="Food the person likes."),),
)
FOODS = ("soup", "rice", "stew")
STEPS = st.lists(st.tuples(st.sampled_from(("say", "end")), st.sampled_from(FOODS), st.integers(1, 7)), max_size=12)


def ledger_of(steps: Sequence[tuple[str, str, int]]) -> list[Operation]:
    """What a listener would make of these turns; saying again what holds is a `NO_OP`."""
    live: dict[str, Claim] = {}
    ledger: list[Operation] = []
    for what, food, number in steps:
        known = live.get(food)
        if what == "say" and known is None:
            live[food] = claim(f"likes {food}", number)
            ledger.append(Add(claim=live[food]))
        elif what == "say" and known is not None:
            ledger.append(again(known, number))
        elif known is not None and known.valid_to is None:
            ledger.append(end(known, number))
            live[food] = known.model_copy(update={"valid_to": max(turn(number).at, known.valid_from)})
    return ledger


@given(steps=STEPS, number=st.integers(1, 7))
def test_nothing_of_a_withdrawn_message_is_left_and_nothing_else_is_lost(
    steps: list[tuple[str, str, int]], number: int
) -> None:
    ledger = ledger_of(steps)
    said = {food: {n for what, one, n in steps if (what, one) == ("say", food)} for food in FOODS}
    ended = {one.target: one.evidence[0].message_id for one in ledger if isinstance(one, Delete)}
    _, after = without(TRUNK, turn(number), ledger, TURNS)
    left = lived(after)
    assert {one.text for one in left.values()} == {f"likes {food}" for food in FOODS if said[food] - {number}}
    assert {ref for ref, one in left.items() if one.valid_to} == {
        ref for ref, by in ended.items() if by != f"m{number}" and ref in left
    }
    for one in left.values():
        assert one.evidence
        assert f"m{number}" not in {piece.message_id for piece in one.evidence}


@given(steps=STEPS, number=st.integers(1, 7))
def test_withdrawing_twice_is_withdrawing_once(steps: list[tuple[str, str, int]], number: int) -> None:
    ledger = ledger_of(steps)
    done, _ = without(TRUNK, turn(number), ledger, TURNS)
    turns = [turn(number, "") if one.seq == number else one for one in TURNS]
    assert without(TRUNK, turn(number, ""), [*ledger, *done.operations], turns)[0] == Withdrawal()
