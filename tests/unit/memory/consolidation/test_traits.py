"""Conclusions, from what waits to what is a claim, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from treering.memory.consolidation.case import AUTHOR
from treering.memory.consolidation.supports import confidence, independent
from treering.memory.consolidation.traits import recounts, traits
from treering.memory.tombstones import Tombstones, claim_mark
from treering.schemas.operations import Add, NoOp

if TYPE_CHECKING:
    from tests.unit.memory.consolidation.conftest import Life


def test_two_supports_of_two_days_make_a_claim_and_wait_no_longer(life: Life) -> None:
    first, second = life.suggests("is patient"), life.suggests("is patient")
    [step] = traits(life.case())
    [operation] = step.operations
    assert isinstance(operation, Add)
    claim = operation.claim
    assert (claim.origin, claim.confidence, len(claim.evidence)) == ("inferred", 0.75, 2)
    assert (claim.valid_from, claim.order) == (life.turns["m1"].at, 1)
    assert step.released == (first.id, second.id)


@pytest.mark.parametrize(
    "echo", [{"day": 7}, {"session": "s1"}, {"words": "is patient, judging by word 0"}], ids=["day", "session", "words"]
)
def test_supports_of_one_day_one_session_or_the_same_words_are_one(life: Life, echo: dict[str, object]) -> None:
    life.suggests("is patient")
    life.suggests("is patient", **echo)  # type: ignore[arg-type]
    assert list(traits(life.case())) == []


def test_what_is_concluded_otherwise_supports_nothing(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is curious")
    assert list(traits(life.case())) == []


def test_words_that_were_taken_back_support_nothing(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is patient")
    life.turns["m2"] = life.turns["m2"].model_copy(update={"content": ""})
    assert list(traits(life.case())) == []


def test_what_was_said_outright_makes_a_conclusion_needless(life: Life) -> None:
    held = life.suggests("is patient")
    said = life.claim("is very patient", "self.traits")
    [step] = traits(life.case())
    [operation] = step.operations
    assert isinstance(operation, NoOp)
    assert (operation.target, operation.evidence, step.released) == (said.id, (), (held.id,))


def test_what_was_rejected_is_not_concluded_again(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is patient")
    life.tombstones = Tombstones(key=b"k", marks=frozenset({claim_mark(b"k", "self", "self.traits", "is patient")}))
    [step] = traits(life.case())
    assert [type(operation) for operation in step.operations] == [NoOp]
    assert len(step.released) == 2


@pytest.mark.parametrize("origin", ["manual", "stated"])
def test_a_conclusion_waits_on_where_the_contrary_was_said_since(life: Life, origin: str) -> None:
    life.suggests("is patient")
    life.claim("is not patient", "self.traits", origin=origin)  # type: ignore[arg-type]
    life.suggests("is patient")
    assert list(traits(life.case())) == []


def test_a_conclusion_from_later_words_outweighs_what_was_said_before_but_not_what_was_confirmed(life: Life) -> None:
    life.claim("is not patient", "self.traits")
    life.suggests("is patient")
    life.suggests("is patient")
    assert [step.rule for step in traits(life.case())] == ["trait"]
    life.claim("is not patient", "self.traits", origin="manual", day=1)
    assert list(traits(life.case())) == []


def test_a_further_support_makes_a_conclusion_surer(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is patient")
    [step] = traits(life.case())
    life.commit(step.operations, AUTHOR)
    life.held = []
    held = life.suggests("is patient")
    case = life.case()
    [step] = traits(case)
    [claim] = case.after([step]).live.values()
    assert (claim.confidence, len(claim.evidence), step.released) == (0.8, 3, (held.id,))


def test_a_conclusion_falls_with_its_support_and_waits_on_what_is_left(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is patient")
    [step] = traits(life.case())
    life.commit(step.operations, AUTHOR)
    life.held = []
    assert list(recounts(life.case())) == []
    life.turns["m1"] = life.turns["m1"].model_copy(update={"content": ""})
    case = life.case()
    [step] = recounts(case)
    assert case.after([step]).live == {}
    [verdict] = step.held
    assert (verdict.rule, verdict.draft.message_id, verdict.draft.origin) == ("awaits-support", "m2", "inferred")


def test_what_somebody_else_concluded_or_released_stands(life: Life) -> None:
    life.claim("is patient", "self.traits", origin="inferred")
    assert list(recounts(life.case())) == []


def test_a_conclusion_that_was_confirmed_stands_without_support(life: Life) -> None:
    life.suggests("is patient")
    life.suggests("is patient")
    [step] = traits(life.case())
    [made] = step.operations
    assert isinstance(made, Add)
    life.commit([made.model_copy(update={"claim": made.claim.model_copy(update={"origin": "manual"})})], AUTHOR)
    life.turns["m1"] = life.turns["m1"].model_copy(update={"content": ""})
    assert list(recounts(life.case())) == []


def test_supports_are_counted_in_the_order_in_which_they_were_said(life: Life) -> None:
    pieces = [
        life.says("a", day=1, session="x"),
        life.says("b", day=1, session="y"),
        life.says("c", day=2, session="y"),
    ]
    assert independent(reversed(pieces), life.turns) == (pieces[0], pieces[2])


def test_more_supports_are_surer_and_never_certain() -> None:
    sure = [confidence(number) for number in range(2, 50)]
    assert sure == sorted(set(sure))
    assert all(0.7 < value < 1 for value in sure)
