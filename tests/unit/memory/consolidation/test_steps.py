"""What history says of each step of consolidation, word for word, and what it takes back never to do again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from treering.memory.consolidation.case import AUTHOR, Step
from treering.memory.consolidation.contradictions import contradictions
from treering.memory.consolidation.duplicates import MAX_EVIDENCE, duplicates, refinements, repetitions
from treering.memory.consolidation.habits import habits
from treering.memory.consolidation.planning import plan, taken_back
from treering.memory.consolidation.traits import recounts, traits
from treering.memory.consolidation.waiting import wait_again, waiting
from treering.memory.drafting import claim_id
from treering.memory.tombstones import Tombstones, claim_mark
from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Add, Delete, LedgerEntry, NoOp, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.unit.memory.consolidation.conftest import Life
    from treering.schemas.claims import Claim

FIRST_DAY = datetime(2024, 3, 1, 12, tzinfo=UTC)
NOW = FIRST_DAY + timedelta(days=1_000)


def told(step: Step) -> tuple[str, str, tuple[str, ...]]:
    """What history says; that all operations say the same is looked at as well."""
    assert {operation.why for operation in step.operations} == {step.why}
    return (step.rule, step.why, step.claims)


def put(operations: Sequence[Operation]) -> list[Claim]:
    return [one.claim for one in operations if isinstance(one, Add | Update)]


# -- contradictions


def test_why_the_later_replaces_the_earlier(life: Life) -> None:
    old, new = life.claim("loves jazz"), life.claim("hates jazz")
    [step] = contradictions(life.case())
    why = f"contradiction: later than {old.id} and replaces it (one denies what the other says, cosine 0.90)"
    assert told(step) == ("contradiction", why, (old.id, new.id))
    assert put(step.operations) == [new.model_copy(update={"supersedes": (old.id,)})]


def test_why_another_number_replaces_the_earlier(life: Life) -> None:
    old, new = life.claim("has two cats"), life.claim("has three cats")
    [step] = contradictions(life.case())
    why = f"contradiction: later than {old.id} and replaces it (another number of the same, cosine 0.90)"
    assert told(step) == ("contradiction", why, (old.id, new.id))


def test_what_a_claim_had_replaced_already_it_replaces_still(life: Life) -> None:
    before = life.claim("eats anything", day=1)
    old = life.claim("loves jazz", day=2)
    life.claim("hates jazz", supersedes=[before], day=3)
    [step] = contradictions(life.case())
    assert [one.supersedes for one in put(step.operations)] == [(before.id, old.id)]


def test_why_the_earlier_has_ended_in_a_neighbouring_slot(life: Life) -> None:
    old, new = life.claim("loves jazz", "taste.music"), life.claim("hates jazz", "taste.food")
    [step] = contradictions(life.case())
    why = f"contradiction: {new.id} in taste.food is later (one denies what the other says, cosine 0.90)"
    assert told(step) == ("contradiction", why, (old.id, new.id))
    assert step.operations == (
        Delete(
            subject="self",
            path="taste.music",
            target=old.id,
            reason="ended",
            at=new.valid_from,
            evidence=new.evidence,
            why=why,
        ),
    )


@pytest.mark.parametrize(
    ("origin", "days", "by"),
    [
        ("manual", (10, 20), "was confirmed"),
        ("stated", (20, 30), "was said outright since it was concluded"),
    ],
)
def test_why_a_conclusion_gives_way(life: Life, origin: Any, days: tuple[int, int], by: str) -> None:  # noqa: ANN401
    if origin == "stated":  # what was concluded rests on earlier words
        new = life.claim("is not patient", "self.traits", origin="inferred", day=days[1])
        old = life.claim("is patient", "self.traits", origin=origin, day=days[0])
    else:
        old = life.claim("is patient", "self.traits", origin=origin, day=days[0])
        new = life.claim("is not patient", "self.traits", origin="inferred", day=days[1])
    [step] = contradictions(life.case())
    why = f"contradiction: gives way to {old.id}, which {by} (one denies what the other says, cosine {step.why[-5:-1]})"
    assert told(step) == ("contradiction", why, (old.id, new.id))
    assert put(step.operations) == []
    assert step.held == wait_again(new, new.evidence, rule="contradicts-confirmed", why=why)


def test_why_both_are_kept_apart(life: Life) -> None:
    old = life.claim("eats meat when travelling")
    new = life.claim("doesn't eat meat on weekdays", condition="on weekdays")
    [step] = contradictions(life.case())
    why = f"kept apart: it holds under another condition than {new.id} (cosine 0.90)"
    assert told(step) == ("kept apart", why, (old.id, new.id))
    assert put(step.operations) == [old.model_copy(update={"condition": "when travelling"})]


def test_both_get_the_condition_that_their_texts_have(life: Life) -> None:
    life.claim("eats meat when travelling")
    life.claim("doesn't eat meat on weekdays")
    [step] = contradictions(life.case())
    assert [one.condition for one in put(step.operations)] == ["when travelling", "on weekdays"]


def test_a_claim_is_settled_once_a_round(life: Life) -> None:
    for text in ("loves jazz", "loves tea", "hates tea", "hates jazz", "is fond of jazz"):
        life.claim(text)
    found = list(contradictions(life.case()))
    seen = [ref for step in found for ref in step.claims]
    assert len(found) == 2
    assert len(seen) == len(set(seen))


# -- duplicates


def test_why_claims_are_merged(life: Life) -> None:
    first, second, third = (life.claim(text) for text in ("loves sushi", "really enjoys sushi", "enjoys sushi"))
    [step] = duplicates(life.case())
    why = (
        f"duplicate: {first.id} says the same as {second.id} (cosine 0.90), {third.id} (cosine 0.90), "
        "in the same telling words"
    )
    assert told(step) == ("duplicate", why, (first.id, second.id, third.id))


def test_what_is_merged_is_as_sure_as_the_surest_and_has_the_condition_of_any(life: Life) -> None:
    unsure = life.claim("loves sushi in winter", condition="in winter").model_copy(update={"confidence": 0.4})
    life.operations[-1] = ("listener/1", Add(claim=unsure))
    sure = life.claim("really enjoys sushi in winter", condition="in winter").model_copy(update={"confidence": 0.6})
    life.operations[-1] = ("listener/1", Add(claim=sure))
    [step] = duplicates(life.case())
    [whole] = put(step.operations)
    assert (whole.id, whole.confidence, whole.condition) == (unsure.id, 0.6, "in winter")


def test_why_one_that_goes_on_replaces_the_shorter(life: Life) -> None:
    less, more = life.claim("loves sushi"), life.claim("loves sushi with soy sauce")
    [step] = refinements(life.case())
    why = f"refinement: says what {less.id} says, and goes on (cosine 0.90)"
    assert told(step) == ("refinement", why, (less.id, more.id))
    assert put(step.operations) == [more.model_copy(update={"supersedes": (less.id,)})]


@pytest.mark.parametrize(
    ("path", "origin", "cosine", "steps"),
    [
        ("taste.food", "stated", 0.6, 1),
        ("taste.food", "stated", 0.59, 0),
        ("taste.music", "stated", 0.9, 0),
        ("taste.food", "inferred", 0.9, 0),
        ("taste.food", "manual", 0.9, 1),
    ],
)
def test_one_that_goes_on_has_to_be_near_in_the_same_slot_and_to_weigh_as_much(
    life: Life,
    path: str,
    origin: Any,  # noqa: ANN401
    cosine: float,
    steps: int,
) -> None:
    life.claim("loves sushi")
    life.claim("loves sushi with soy sauce", path, origin=origin)
    assert len(list(refinements(life.case(cosine=cosine)))) == steps


def test_why_a_claim_has_more_words(life: Life) -> None:
    claim = life.claim("loves sushi")
    life.again(claim, "Sushi is great, I love it!")
    [step] = repetitions(life.case())
    assert told(step) == ("repetition", f"repetition: {claim.id} was said 2 times by now, as heard", (claim.id,))


def test_a_claim_that_is_gone_or_full_or_rests_on_nothing_has_no_more_words_and_the_next_has(life: Life) -> None:
    gone, full, bare, claim = (life.claim(f"loves {what}") for what in ("jazz", "rock", "pop", "sushi"))
    for place, (many, one) in enumerate(zip((0, MAX_EVIDENCE, 0), (gone, full, bare), strict=True)):
        pieces = tuple(life.says(f"I love rock {n}") for n in range(many))
        life.operations[place] = (
            "listener/1",
            Add(claim=one.model_copy(update={"evidence": pieces, "origin": "manual"})),
        )
    for one in (gone, full, bare, claim):
        life.again(one, f"As I said: {one.text}!")
    retracted = Delete(path=gone.path, target=gone.id, reason="retracted", at=FIRST_DAY)
    life.operations.append(("manual", retracted))
    assert [step.claims for step in repetitions(life.case())] == [(claim.id,)]


# -- conclusions


def test_why_what_waited_is_a_claim(life: Life) -> None:
    held = [life.suggests("is patient"), life.suggests("is patient")]
    [step] = traits(life.case())
    [claim] = put(step.operations)
    why = "trait: 2 independent supports, in other sessions, on other days and in other words"
    assert told(step) == ("trait", why, (claim.id,))
    assert step.released == tuple(one.id for one in held)
    assert claim.recorded_at == NOW


def test_why_a_conclusion_waits_no_longer(life: Life) -> None:
    held = life.suggests("is patient")
    said = life.claim("is patient", "self.traits")
    [step] = traits(life.case())
    why = f"trait: {said.id} says so outright; what was concluded waits no longer"
    assert told(step) == ("trait", why, (said.id,))
    assert (step.operations, step.released) == ((NoOp(why=why, target=said.id),), (held.id,))
    life.operations.clear()
    life.tombstones = Tombstones(key=b"k", marks=frozenset({claim_mark(b"k", "self", "self.traits", "is patient")}))
    [step] = traits(life.case())
    why = "trait: it was rejected or forgotten before, and waits no longer"
    assert told(step) == ("trait", why, ())
    assert (step.operations, step.released) == ((NoOp(why=why),), (held.id,))


def concluded(life: Life, *days: int) -> Claim:
    """A conclusion that consolidation made of reports on these days."""
    for day in days:
        life.suggests("is patient", day=day)
    [step] = traits(life.case())
    life.commit(step.operations, AUTHOR)
    life.held = []
    [claim] = put(step.operations)
    return claim


def test_why_a_conclusion_is_surer(life: Life) -> None:
    claim = concluded(life, 1, 2)
    life.suggests("is patient", day=3)
    [step] = traits(life.case())
    assert told(step) == ("trait", f"trait: {claim.id} has 3 independent supports by now", (claim.id,))
    life.held = []
    life.suggests("is patient", day=2)  # the day is known
    life.held = [life.held[0].model_copy(update={"verdict": life.held[0].verdict})]
    life.commit(step.operations, AUTHOR)
    [step] = traits(life.case())
    assert told(step) == ("trait", f"trait: {claim.id} has 3 independent supports by now", (claim.id,))


def test_why_a_recount_makes_a_conclusion_surer_or_takes_it_back(life: Life) -> None:
    claim = concluded(life, 1, 2)
    life.again(claim, "I waited for hours, and was not cross.")
    [step] = recounts(life.case())
    assert told(step) == ("trait", f"trait: {claim.id} has 3 independent supports by now", (claim.id,))
    [surer] = put(step.operations)
    assert (surer.confidence, len(surer.evidence)) == (0.8, 3)
    for ref in ("m1", "m3"):
        life.turns[ref] = life.turns[ref].model_copy(update={"content": ""})
    [step] = recounts(life.case())
    why = f"demotion: 1 of 2 independent supports of {claim.id} are left"
    assert told(step) == ("demotion", why, (claim.id,))
    assert put(step.operations) == []
    assert step.held == wait_again(claim, claim.evidence[1:], rule="awaits-support", why=why)


def test_why_a_habit_is_concluded_and_that_it_waits_for_nothing_when_it_falls(life: Life) -> None:
    events = [
        life.claim("went climbing", "self.events", day=day, words=f"I went climbing, story {day}") for day in (0, 8, 16)
    ]
    [step] = habits(life.case())
    [claim] = put(step.operations)
    names = ", ".join(one.id for one in events)
    why = f"habit: 3 reports of {names} in other sessions and other weeks"
    assert told(step) == ("habit", why, (claim.id,))
    assert claim.id == claim_id("m1", "0:I went climbing, story 0", "self", "self.events", nth=1)
    assert (claim.order, claim.recorded_at, claim.supersedes, claim.condition) == (1, NOW, (), None)
    assert claim.evidence == tuple(piece for one in events for piece in one.evidence)
    life.commit(step.operations, AUTHOR)
    life.turns["m2"] = life.turns["m2"].model_copy(update={"content": ""})
    [step] = recounts(life.case())
    assert told(step) == ("demotion", f"demotion: 2 of 3 independent supports of {claim.id} are left", (claim.id,))
    assert step.held == ()


def test_what_waits_again_says_all_that_the_conclusion_said(life: Life) -> None:
    claim = life.claim("is patient", "self.traits", origin="inferred", condition="at work")
    claim = claim.model_copy(update={"confidence": 0.75, "subject": "person:Bo", "supersedes": (claim.id,)})
    pieces = (life.says("first"), life.says("second"))
    [verdict] = wait_again(claim, pieces, rule="awaits-support", why="because")
    left = claim.model_copy(update={"evidence": pieces, "supersedes": ()})
    assert verdict == Verdict(
        ruling="quarantine",
        rule="awaits-support",
        why="because",
        draft=Draft(
            kind="ADD",
            subject="person:Bo",
            path="self.traits",
            text="is patient",
            message_id="m2",
            quote="first",
            valid_from=claim.valid_from,
            origin="inferred",
            confidence=0.75,
            condition="at work",
        ),
        operation=Add(claim=left),
    )
    assert wait_again(claim, (), rule="awaits-support", why="because") == ()


def test_only_conclusions_on_words_wait_for_support(life: Life) -> None:
    one, two = life.suggests("is patient"), life.suggests("is calm")
    asked = one.model_copy(update={"verdict": one.verdict.model_copy(update={"rule": "ask-first"})})
    assert isinstance(one.verdict.operation, Add)
    bare = Add(claim=one.verdict.operation.claim.model_copy(update={"evidence": (), "origin": "manual"}))
    wordless = one.model_copy(update={"verdict": one.verdict.model_copy(update={"operation": bare})})
    untied = one.model_copy(update={"verdict": one.verdict.model_copy(update={"operation": None})})
    assert [held.id for held, _ in waiting([asked, wordless, untied, one, two])] == [one.id, two.id]


# -- what a person took back


def entry(version: int, author: str, why: str, *, target: str | None = "c" * 24, **more: object) -> LedgerEntry:
    operation = NoOp(why=why, target=target)
    fields = {"seq": version, "version": version, "batch_id": f"b:{version}", "author": author, "digest": ""}
    return LedgerEntry.model_validate({**fields, "recorded_at": FIRST_DAY, "operation": operation, **more})


A, B, C = "a" * 24, "b" * 24, "c" * 24


def test_what_was_undone_is_known_by_the_claims_of_its_steps() -> None:
    done = [entry(1, AUTHOR, f"one: {A}"), entry(1, AUTHOR, f"two: {B}"), entry(2, AUTHOR, f"three: {B}")]
    assert taken_back(done) == []
    undone = [*done, entry(3, "undo", "u", reverts=1)]
    assert taken_back(undone) == [{A, C}, {B, C}]
    redone = [*undone, entry(4, "redo", "r", reverts=3)]
    assert taken_back(redone) == []
    again = [*redone, entry(5, "undo", "u", reverts=1), entry(6, "manual", "m")]
    assert taken_back(again) == [{A, C}, {B, C}]
    assert taken_back([entry(1, "manual", f"one: {A}"), entry(2, "undo", "u", reverts=1)]) == []


def test_what_was_redone_hides_no_older_undo_and_what_names_no_claim_is_known_by_its_reason() -> None:
    done = [entry(1, AUTHOR, f"one: {A}"), entry(2, AUTHOR, f"two: {B}")]
    both = [entry(3, "undo", "u", reverts=1), entry(4, "undo", "u", reverts=2), entry(5, "redo", "r", reverts=4)]
    assert taken_back([*done, *both]) == [{A, C}]
    bare = [entry(1, AUTHOR, f"one: {A}", target=None), entry(2, "undo", "u", reverts=1)]
    assert taken_back(bare) == [{A}]


def test_what_waits_no_longer_is_told_though_no_claim_is_named(life: Life) -> None:
    life.suggests("is patient")
    life.tombstones = Tombstones(key=b"k", marks=frozenset({claim_mark(b"k", "self", "self.traits", "is patient")}))
    assert [step.claims for step in plan(life.case())] == [()]


def test_what_was_rewound_is_what_stands_between() -> None:
    done = [entry(version, AUTHOR, f"step {version}: {A}") for version in (1, 2, 3)]
    rewound = [*done, entry(4, "rewind", "r", batch_id="rewind:1:x")]
    later = [*rewound, entry(5, AUTHOR, f"step 5: {B}")]
    assert taken_back(later) == [{A, C}, {A, C}]
    assert taken_back([*later, entry(6, "undo", "u", reverts=4)]) == []


def test_a_step_that_was_taken_back_is_left_out_and_no_other(life: Life) -> None:
    life.claim("loves sushi")
    life.claim("really enjoys sushi")
    [step] = plan(life.case())
    life.claim("loves jazz")
    life.claim("really enjoys jazz")
    case = life.case()
    both = plan(case)
    assert [one.rule for one in both] == ["duplicate", "duplicate"]
    back = [entry(91, AUTHOR, step.why, target=step.claims[0]), entry(92, "undo", "u", reverts=91)]
    case.__dict__["entries_of"] = lambda refs: back if set(refs) == set(step.claims) else ()
    assert plan(case) == both[1:]
