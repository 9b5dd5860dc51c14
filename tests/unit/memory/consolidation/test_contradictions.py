"""Of what cannot both be so, the later holds, or both under their conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.consolidation.contradictions import contradictions, prevails
from treering.schemas.operations import Add, Delete

if TYPE_CHECKING:
    from tests.unit.memory.consolidation.conftest import Life
    from treering.memory.consolidation.case import Case


def texts(case: Case) -> set[str]:
    return {claim.text for tree in case.forest.values() for claim in tree.current()}


def resolved(life: Life) -> Case:
    case = life.case()
    return case.after(list(contradictions(case)))


def test_the_later_statement_replaces_the_earlier_one_which_comes_back_with_it(life: Life) -> None:
    old = life.claim("loves jazz")
    new = life.claim("hates jazz")
    case = resolved(life)
    assert texts(case) == {"hates jazz"}
    assert case.live[new.id].supersedes == (old.id,)
    assert case.live[old.id] == old


def test_later_is_later_in_life_and_not_in_the_ledger(life: Life) -> None:
    life.claim("hates jazz", day=20)
    life.claim("loves jazz", day=10)
    assert texts(resolved(life)) == {"hates jazz"}


def test_in_a_neighbouring_slot_the_earlier_statement_has_ended(life: Life) -> None:
    life.claim("loves jazz", "taste.music")
    new = life.claim("hates jazz", "taste.food")
    case = life.case()
    [step] = contradictions(case)
    [ended] = step.operations
    assert isinstance(ended, Delete)
    assert (ended.reason, ended.at, ended.evidence) == ("ended", new.valid_from, new.evidence)
    assert texts(case.after([step])) == {"hates jazz"}


def test_another_number_of_the_same_replaces_the_earlier_one(life: Life) -> None:
    life.claim("has two cats")
    life.claim("has three cats")
    assert texts(resolved(life)) == {"has three cats"}


def test_under_two_conditions_both_hold_and_have_them(life: Life) -> None:
    life.claim("eats meat when travelling")
    life.claim("doesn't eat meat on weekdays", condition="on weekdays")
    case = resolved(life)
    found = {claim.text: claim.condition for claim in case.live.values()}
    assert found == {"eats meat when travelling": "when travelling", "doesn't eat meat on weekdays": "on weekdays"}
    assert list(contradictions(case)) == [], "done once"


def test_an_exception_does_not_undo_the_rule(life: Life) -> None:
    life.claim("drinks coffee")
    life.claim("doesn't drink coffee after dinner")
    assert texts(resolved(life)) == {"drinks coffee", "doesn't drink coffee after dinner"}


def test_under_one_condition_the_later_holds(life: Life) -> None:
    life.claim("eats meat when travelling")
    life.claim("doesn't eat meat when they travel")
    assert texts(resolved(life)) == {"doesn't eat meat when they travel"}


def test_what_was_concluded_gives_way_to_what_was_confirmed_even_before_it(life: Life) -> None:
    life.claim("is patient", "self.traits", origin="manual")
    concluded = life.claim("is not patient", "self.traits", origin="inferred")
    case = life.case()
    [step] = contradictions(case)
    assert texts(case.after([step])) == {"is patient"}
    [verdict] = step.held
    assert (verdict.rule, verdict.draft.text, verdict.draft.message_id) == (
        "contradicts-confirmed",
        concluded.text,
        concluded.evidence[0].message_id,
    )


def test_a_later_statement_outweighs_what_was_confirmed_before_it(life: Life) -> None:
    life.claim("loves jazz", origin="manual")
    life.claim("hates jazz")
    assert texts(resolved(life)) == {"hates jazz"}


def test_what_was_confirmed_later_outweighs_everything(life: Life) -> None:
    life.claim("loves jazz")
    life.claim("hates jazz", origin="manual")
    assert texts(resolved(life)) == {"hates jazz"}


def test_what_happened_once_contradicts_nothing(life: Life) -> None:
    life.claim("went to a jazz concert")
    life.claim("hates jazz")
    life.claim("hated jazz")
    life.claim("loves jazz in bars")
    assert len(texts(resolved(life))) == 4


def test_a_later_conclusion_holds_against_an_earlier_one_and_not_against_words_of_its_own_moment(life: Life) -> None:
    said, one, other = life.claim("loves jazz"), *(life.claim("hates jazz", origin="inferred") for _ in range(2))
    assert prevails(one, other)
    assert prevails(other, one)
    assert prevails(one, said)
    assert not prevails(one.model_copy(update={"order": said.order}), said)


def test_what_ended_of_another_is_theirs_and_rests_on_the_first_words(life: Life) -> None:
    for text, path in (("loves jazz", "taste.music"), ("hates jazz", "taste.food")):
        claim = life.claim(text, path)
        words = (*claim.evidence, life.says(f"Bo {text}"))
        life.operations[-1] = (
            "listener/1",
            Add(claim=claim.model_copy(update={"subject": "person:Bo", "evidence": words})),
        )
    [step] = contradictions(life.case())
    [ended] = step.operations
    assert isinstance(ended, Delete)
    assert (ended.subject, len(ended.evidence)) == ("person:Bo", 1)


def test_three_turns_of_mind_leave_the_last(life: Life) -> None:
    for text in ("loves jazz", "hates jazz", "is fond of jazz"):
        life.claim(text)
    case = resolved(life)
    assert texts(case.after(list(contradictions(case)))) == {"is fond of jazz"}
