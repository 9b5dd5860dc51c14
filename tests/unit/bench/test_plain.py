"""Plain retrievers rank as they are described."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from treering.bench.samples import Question, SaidTurn
from treering.bench.systems.catalogue import check_systems, make_system
from treering.bench.systems.port import CONTEXT_TOKENS, System, filled
from treering.errors import InvalidInput
from treering.testing import HashEmbedder

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def turn(number: int, speaker: str, text: str, session: str = "s") -> SaidTurn:
    at = NOON + timedelta(minutes=number)
    return SaidTurn(id=f"t{number}", session=session, role="user", speaker=speaker, text=text, at=at)


TALK = [
    turn(0, "Ida", "Good morning to you."),
    turn(1, "Bo", "The boat has a red mast."),
    turn(2, "Ida", "Yes indeed."),
    turn(3, "Ida", "A boat is a hole in the water.", session="other"),
    turn(4, "Bo", "Bread rises slowly."),
]


def asked(text: str) -> Question:
    return Question(id="q", text=text, at=NOON + timedelta(days=1))


def ready(name: str) -> System:
    system = make_system(name, HashEmbedder)
    system.reset("pair")
    system.ingest(TALK)
    system.flush(is_over=True)
    return system


@pytest.mark.parametrize("name", ["bm25", "dense", "rrf", "hybrid"])
def test_the_turn_with_the_words_comes_first_and_every_turn_once(name: str) -> None:
    ranking = ready(name).search(asked("the red mast of the boat"), 20)
    assert ranking[0] == "t1"
    assert sorted(ranking) == [one.id for one in TALK]
    assert len(ready(name).search(asked("mast"), 2)) == 2


def test_turns_of_equal_score_keep_their_order() -> None:
    assert ready("bm25").search(asked("nothing of that"), 5) == ("t0", "t1", "t2", "t3", "t4")


def test_a_blend_finds_a_turn_by_its_neighbours_and_by_its_speaker() -> None:
    about_mast = ready("hybrid").search(asked("red mast"), 5)
    assert about_mast.index("t2") < about_mast.index("t3"), "beside the mast, in its session"
    both = ready("hybrid").search(asked("What did Ida say of a boat?"), 5)
    assert both[0] == "t3"
    assert ready("hybrid").search(asked("What did Bo say of a boat?"), 5)[0] == "t1"


def test_more_turns_are_found_after_a_flush_and_none_after_a_reset() -> None:
    system = ready("rrf")
    system.ingest([turn(5, "Bo", "The lighthouse is dark.", session="later")])
    system.flush(is_over=False)
    assert system.search(asked("lighthouse"), 1) == ("t5",)
    system.reset("others")
    system.flush(is_over=False)
    assert system.search(asked("lighthouse"), 1) == ()


def test_a_context_is_the_best_turns_that_fit() -> None:
    context = ready("bm25").recall(asked("mast"))
    assert context.turns == {one.id for one in TALK}
    lines = {"a": "x" * 900, "b": "x" * 700, "c": "x"}
    full = filled(["a", "b", "c"], lines, len)
    assert full.turns == {"a"}, "what does not fit ends it: a ranking is read from its head"
    assert full.tokens == 901 <= CONTEXT_TOKENS


def test_unknown_systems_are_an_error_that_lists_the_known() -> None:
    with pytest.raises(InvalidInput, match="known are treering"):
        check_systems(["bm25", "grep"])
    with pytest.raises(InvalidInput, match="twice"):
        check_systems(["bm25", "bm25"])
