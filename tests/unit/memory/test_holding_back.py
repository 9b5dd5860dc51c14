"""What a request to forget holds back while it waits: all that forgetting would take, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from treering import Memory
from treering.memory.holding_back import NOTHING_HELD_BACK, held_back
from treering.schemas.dialogue import Scope
from treering.schemas.recall import Mode
from treering.testing import ManualClock

ALLERGY = "I'm allergic to peanuts."
ASKED = "Please forget that I'm allergic to peanuts."
PLAIN = "Am I allergic to peanuts?"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def memory(tmp_path: Path, clock: ManualClock) -> Iterator[Memory]:
    with Memory(tmp_path, embedder="hash", clock=clock, background=False) as opened:
        yield opened


@pytest.fixture
def hear(memory: Memory, clock: ManualClock) -> Callable[..., None]:
    def run(*said: str, role: str = "user") -> None:
        """A conversation, an hour after the last, that is over and was heard."""
        clock.advance(timedelta(hours=1))
        session = clock.now().isoformat()
        memory.remember("ana", [{"role": role, "content": text} for text in said], session=session)
        memory.end_session("ana", session)
        memory.flush()

    return run


def context(memory: Memory, question: str = PLAIN, mode: Mode = "hybrid", **asked: object) -> str:
    return memory.recall("ana", question, mode=mode, **asked).context  # type: ignore[arg-type]


def test_a_turn_that_repeats_the_words_stays_out_though_nothing_was_learned_from_it(
    memory: Memory, hear: Callable[..., None]
) -> None:
    hear(ALLERGY)
    hear("Your allergy to peanuts may change: you said, I'm allergic to peanuts! Want a recipe?", role="assistant")
    assert "a recipe" in context(memory)
    changed = "How did my allergy to peanuts change?"
    assert "you said" in " ".join(
        line.text for line in memory.recall("ana", changed, mode="hybrid").lines if line.kind == "summary"
    )
    hear(ASKED)
    assert context(memory) == context(memory, changed) == ""
    assert [hit.text for hit in memory.search("ana", PLAIN)] == []


@pytest.mark.parametrize(
    "text",
    [
        "is allergic to peanuts and to shellfish",
        "is allergic to peanuts",
        "is allergic to peanuts and to shellfish, badly",
    ],
)
def test_a_claim_that_says_the_same_or_a_part_of_it_or_more_stays_out(
    memory: Memory, hear: Callable[..., None], text: str
) -> None:
    hear("I'm allergic to peanuts and to shellfish.")
    alike = memory.add_claim("ana", "habits.hobbies", text).after
    other = memory.add_claim("ana", "habits.hobbies", "plays chess").after
    assert alike is not None
    assert other is not None
    hear("Please forget that I'm allergic to peanuts and to shellfish.")
    for request in memory.quarantine("ana"):  # a listener rather names too many
        if request.verdict.forgets in (alike.id, other.id):
            memory.drop("ana", request.id)
    held = memory.tree("ana").held_back
    assert alike.id in held
    assert other.id not in held
    assert "allergic" not in context(memory, "Am I allergic to peanuts and to shellfish?", "tree")


def test_what_was_told_in_the_same_breath_is_shown_as_a_claim_and_not_as_the_turn(
    memory: Memory, hear: Callable[..., None]
) -> None:
    hear("I'm allergic to peanuts. I live in Porto.")
    hear(ASKED)
    shown = context(memory, "Do I live in Porto?")
    assert "lives in Porto" in shown
    assert "peanut" not in shown


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How did my allergy to peanuts change?", "summary"),
        ("How did my allergy to peanuts change?", "turn"),
        ("What was I allergic to in February 2024?", "claim"),
    ],
)
def test_a_question_about_the_past_brings_it_as_little(
    memory: Memory, hear: Callable[..., None], clock: ManualClock, question: str, kind: str
) -> None:
    hear(ALLERGY)
    then = clock.now() + timedelta(days=1)
    clock.advance(timedelta(days=90))
    hear("I'm not allergic to peanuts any more.")
    clock.advance(timedelta(days=90))
    assert kind in {line.kind for line in memory.recall("ana", question, mode="hybrid").lines}
    assert "peanut" in context(memory, known_at=then)
    assert "peanut" in context(memory, as_of=then)
    hear("Please forget my allergy to peanuts.")
    assert context(memory, question) == ""
    assert context(memory, known_at=then) == ""
    assert context(memory, as_of=then) == ""
    assert kind in {line.kind for line in memory.recall("ana", question, mode="hybrid", explain=True).held_back}


def test_a_claim_that_it_replaced_is_not_brought_back_by_it(memory: Memory, hear: Callable[..., None]) -> None:
    hear("I live in Porto.")
    hear("I moved to Lisbon.")
    hear("Please forget that I moved to Lisbon.")
    assert context(memory, "Where do I live?", "tree") == ""


def test_what_is_known_of_somebody_is_held_back_by_the_name(memory: Memory, hear: Callable[..., None]) -> None:
    hear("I have a friend named Zoe.", "Zoe plays the cello.", "I play chess.")
    hear("Please forget everything I said about Zoe.")
    assert memory.tree("ana", subject="person:Zoe").without_held_back().claims == ()
    assert [claim.text for claim in memory.tree("ana").without_held_back().claims] == ["plays chess"]
    shown = [context(memory, "What does Zoe play?"), context(memory, "What does my friend play?", "agentic")]
    assert "cello" not in " ".join(shown)


def test_no_search_of_an_agentic_recall_is_made_with_it(memory: Memory, hear: Callable[..., None]) -> None:
    hear("I have a friend named Zoe.", "My sister's name is Marta.")
    hear("Zoe plays the cello.")
    asked = "What does my friend play?"
    before = memory.recall("ana", asked, mode="agentic").steps
    assert before is not None
    assert "Zoe" in " ".join(before.rewrites)
    hear("Please forget my friend Zoe.")
    assert memory.quarantine("ana")
    after = memory.recall("ana", asked, mode="agentic").steps
    assert after is not None
    assert "Zoe" not in " ".join(after.rewrites)


def test_nothing_is_looked_for_where_nobody_asks(memory: Memory, hear: Callable[..., None]) -> None:
    hear(ALLERGY)
    asked: list[str] = []

    def note(*called: object) -> None:
        asked.append(str(called[2]))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        context(memory)
        assert [one for one in asked if "FROM held" in one] == []
        hear(ASKED)
        asked.clear()
        context(memory)
        assert len([one for one in asked if "FROM held" in one]) == 1
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_of_somebody_who_asked_for_nothing_nothing_is_held_back(memory: Memory, hear: Callable[..., None]) -> None:
    hear(ALLERGY)
    with memory._engine.store.begin(write=False) as unit:
        ana = Scope(user="ana")
        assert held_back(unit, ana, unit.ledger.trees(ana)) == NOTHING_HELD_BACK
    assert not NOTHING_HELD_BACK
