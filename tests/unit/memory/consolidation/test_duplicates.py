"""Claims that say the same become one."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from treering.memory.consolidation.duplicates import MAX_EVIDENCE, SAME_COSINE, duplicates, refinements, repetitions
from treering.memory.consolidation.planning import plan
from treering.schemas.operations import Add, Delete

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.unit.memory.consolidation.conftest import Life
    from treering.memory.consolidation.case import Case
    from treering.schemas.claims import Claim


def current(case: Case) -> list[Claim]:
    return [claim for tree in case.forest.values() for claim in tree.current()]


def merged(life: Life) -> list[Claim]:
    case = life.case()
    return current(case.after(list(duplicates(case))))


def test_the_oldest_of_equals_stays_with_the_words_of_all_and_since_the_first(life: Life) -> None:
    first = life.claim("loves sushi")
    second = life.claim("really enjoys sushi")
    third = life.claim("is a big fan of sushi", "taste.music")  # a slot under the same branch
    [left] = merged(life)
    assert (left.id, left.text, left.valid_from, left.order) == (first.id, "loves sushi", first.valid_from, 1)
    assert left.evidence == (*first.evidence, *second.evidence, *third.evidence)


def test_one_that_goes_on_from_another_replaces_it_and_rests_on_its_own_words_alone(life: Life) -> None:
    less = life.claim("loves sushi")
    more = life.claim("loves sushi with soy sauce")
    life.claim("loves sushi with soy sauce in winter")  # what holds in winter is another claim
    case = life.case()
    [step] = refinements(case)
    after = case.after([step])
    assert [claim.text for claim in current(after)] == [
        "loves sushi with soy sauce",
        "loves sushi with soy sauce in winter",
    ]
    assert (after.live[more.id].supersedes, after.live[more.id].evidence) == ((less.id,), more.evidence)
    assert after.live[less.id] == less, "it holds again when the other goes"


def test_one_that_says_less_later_replaces_nothing(life: Life) -> None:
    life.claim("loves sushi with soy sauce")
    life.claim("loves sushi")
    assert list(refinements(life.case())) == []


def test_words_that_were_heard_once_more_count_where_they_still_stand(life: Life) -> None:
    claim = life.claim("loves sushi")
    again = life.again(claim, "Sushi is great, I love it!")
    gone = life.again(claim, "I said I love sushi.")
    life.again(claim, "Yes, as always.")  # says nothing by itself
    life.turns[gone.message_id] = life.turns[gone.message_id].model_copy(update={"content": ""})
    case = life.case()
    [left] = current(case.after(list(repetitions(case))))
    assert left.evidence == (*claim.evidence, again)
    assert (left.id, left.valid_from, left.order) == (claim.id, claim.valid_from, claim.order)


def test_repetitions_do_not_grow_a_claim_without_end(life: Life) -> None:
    claim = life.claim("loves sushi")
    for number in range(MAX_EVIDENCE + 5):
        life.again(claim, f"I love sushi, for the time number {number}")
    case = life.case()
    [step] = repetitions(case)
    [left] = current(case.after([step]))
    assert len(left.evidence) == MAX_EVIDENCE
    life.commit(step.operations, "consolidation/1")
    assert list(repetitions(life.case())) == []


def test_a_loser_takes_its_repetitions_along(life: Life) -> None:
    first = life.claim("loves sushi")
    second = life.claim("really enjoys sushi", "taste.music")
    again = life.again(second, "As I said, sushi!")
    [left] = merged(life)
    assert left.evidence == (*first.evidence, *second.evidence, again)


def test_different_things_never_merge(life: Life) -> None:
    for text in ("loves jazz", "loves rock", "hates pop", "has two cats", "has three cats", "loves jazz on Fridays"):
        life.claim(text)
    assert len(merged(life)) == 6


def test_what_is_far_apart_in_meaning_never_merges(life: Life) -> None:
    life.claim("loves sushi")
    life.claim("really enjoys sushi")
    assert list(duplicates(life.case(cosine=SAME_COSINE - 0.01))) == []
    assert list(duplicates(life.case(cosine=SAME_COSINE + 0.01))) != []


def test_what_happened_twice_is_two_things_and_what_happened_once_is_one(life: Life) -> None:
    life.claim("went to Rome", "self.events", day=3)
    life.claim("went to Rome", "self.events", day=30)
    assert len(merged(life)) == 2
    life.claim("went to Rome", "self.events", day=30)
    assert len(merged(life)) == 2


def test_what_was_confirmed_is_never_merged_into_anything_else(life: Life) -> None:
    confirmed = life.claim("loves sushi", origin="manual")
    life.claim("loves sushi and ramen")
    life.claim("really enjoys sushi")
    left = {claim.id: claim for claim in merged(life)}
    assert len(left) == 2
    assert (left[confirmed.id].origin, len(left[confirmed.id].evidence)) == ("manual", 2)


def test_a_claim_that_rests_on_no_words_is_left_alone(life: Life) -> None:
    words = life.claim("loves sushi")
    noted = life.claim("really enjoys sushi", origin="manual").model_copy(update={"evidence": ()})
    life.operations[-1] = ("feedback", Add(claim=noted))
    assert {claim.id for claim in merged(life)} == {words.id, noted.id}


def test_what_replaced_one_that_goes_replaces_what_that_had_replaced(life: Life) -> None:
    oldest = life.claim("eats anything")
    goes = life.claim("loves sushi", supersedes=[oldest], day=40)
    other = life.claim("cooks at home", supersedes=[goes], day=10)  # older than what it names: it hides nothing
    stays = life.claim("loves sushi", "taste.music", day=5)
    case = life.case()
    [step] = duplicates(case)
    after = case.after([step])
    assert after.live[other.id].supersedes == (oldest.id,)
    assert after.live[stays.id].supersedes == (oldest.id,)
    assert goes.id not in after.live


def test_a_merged_claim_is_never_older_than_what_it_replaced(life: Life) -> None:
    life.claim("loves sushi", "taste.music", day=1)
    no = life.claim("hates sushi", day=20)
    yes = life.claim("is fond of sushi again", day=30, supersedes=[no])
    left = {claim.id: claim for claim in merged(life)}
    assert no.id not in left, "it would hold again"
    assert all(claim.text != "hates sushi" for claim in left.values())
    assert yes.id not in left or left[yes.id].valid_from == yes.valid_from


def test_the_order_in_which_claims_were_learned_is_no_matter(lives: Callable[[], Life]) -> None:
    texts = ["loves sushi", "really enjoys sushi", "loves sushi with rice", "hates pop", "loves jazz", "enjoys jazz"]
    found = set()
    for seed in range(10):
        life = lives()
        for text in texts:
            life.claim(text)
        random.Random(seed).shuffle(life.operations)
        case = life.case()
        found.add(frozenset(tree.digest for tree in case.after(plan(case)).forest.values()))
    assert len(found) == 1


def test_every_operation_says_why_and_names_what_it_was_compared_with(life: Life) -> None:
    first = life.claim("loves sushi")
    second = life.claim("really enjoys sushi")
    [step] = duplicates(life.case())
    assert [type(operation) for operation in step.operations] == [Delete, Delete, Add]
    assert {operation.why for operation in step.operations} == {step.why}
    assert first.id in step.why
    assert second.id in step.why
    assert "cosine" in step.why
    assert "sushi" not in step.why, "words are erased elsewhere"
