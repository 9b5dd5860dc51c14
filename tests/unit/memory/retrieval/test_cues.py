"""What a question asks for beside its subject."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.candidates import Candidates
from treering.memory.retrieval.cues import ASKER_SHARE, FADE_DAYS, HALF_LIFE_DAYS, Cues, is_look_up, named_in
from treering.memory.retrieval.hits import Hits, Place

DAY = 86_400
NOW = 1_700_000_000


def place(index: int, *, days_ago: float = 0, session: str = "s", **traits: bool) -> Place:
    return Place(session=session, index=index, at=NOW - round(days_ago * DAY), **traits)


Lists = Mapping[str, Sequence[tuple[str, float]]]


def columns(cues: Cues, places: Mapping[str, Place], lists: Lists | None = None) -> dict[str, dict[str, float]]:
    """What each cue gives to whom."""
    given = lists or {"dense": [(ref, 0.0) for ref in places]}
    candidates = Candidates.of(Hits(**given, places=places))  # type: ignore[arg-type]
    found = cues.columns(candidates)
    assert {shares.dtype for shares in found.values()} <= {np.dtype(np.float64)}
    return {
        cue: {ref: share for ref, share in zip(candidates.refs, shares.tolist(), strict=True) if share}
        for cue, shares in found.items()
    }


def cues(question: str, *, names: bool = False, interval: tuple[float, float] | None = None) -> Cues:
    return Cues.of(question, names_somebody=names, now=NOW, interval=interval)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When did I move?", True),
        ("In which year did she move", True),
        ("did we talk about boats?", True),
        ("I moved. When was that?", False),
        ("Tell me about boats.", False),
        ("", False),
    ],
)
def test_a_look_up_is_one_sentence_that_begins_like_a_question(question: str, *, expected: bool) -> None:
    assert is_look_up(question) is expected


def known(word: str) -> bool:
    return word.casefold() in {"ana", "ribeiro", "jon", "gina"}


@pytest.mark.parametrize(
    ("question", "names", "about"),
    [
        ("What does Ana like?", ["Ana"], ["Ana"]),
        ("What did Ana's dog eat?", ["Ana"], ["Ana"]),
        ("What did Ana Ribeiro tell Jon?", ["Ana", "Ribeiro", "Jon"], ["Ana", "Ribeiro"]),
        ("Where did Ana and Jon meet?", ["Ana", "Jon"], []),
        ("What do both Gina, who sings, like about Jon?", ["Gina", "Jon"], []),
        ("What does ana like?", [], []),
        ("What does Marta like?", [], []),
    ],
)
def test_a_question_is_about_who_is_named_first_unless_two_are_joined(
    question: str, names: list[str], about: list[str]
) -> None:
    assert named_in(question, known) == (names, about)


def test_the_first_turn_of_a_conversation_says_what_it_is_about() -> None:
    lists = columns(cues("What is it?"), {"a": place(0), "b": place(1)})
    assert lists["opening"] == {"a": 1.0}


def test_who_asks_of_themselves_gets_their_own_turns_unless_somebody_is_named() -> None:
    places = {"u": place(1, is_users=True), "a": place(2)}
    assert columns(cues("What did I buy?"), places)["speaker"] == {"u": ASKER_SHARE}
    assert "speaker" not in columns(cues("What did I give Jon?", names=True), places)
    assert "speaker" not in columns(cues("What did she buy?"), places)


def test_a_message_wants_what_is_fresh_and_a_look_up_does_not() -> None:
    places = {"now": place(1), "old": place(2, days_ago=HALF_LIFE_DAYS), "later": place(3, days_ago=-1)}
    fresh = columns(cues("I'm back. Where were we?"), places)
    assert fresh["recency"] == pytest.approx({"now": 1.0, "old": 0.5, "later": 1.0})
    assert fresh["recency"]["later"] == 1.0, "what was said after the moment asked about is as fresh as can be"
    assert "asking" not in fresh
    assert "recency" not in columns(cues("Where were we?"), places)


def test_an_answer_has_what_its_question_has_to_do_with_the_look_up() -> None:
    places = {"q": place(4, asks=True), "a": place(5), "else": place(5, session="t")}
    lists = {"dense": [("q", 0.8), ("a", 0.1)], "sparse": [("q", 7.0)]}
    found = columns(cues("Which boat is it?"), places, lists)
    assert found["asking"] == {"q": 1.0}
    assert found["reply"] == pytest.approx({"a": 1.0})


def test_an_answer_that_asks_in_return_is_one_and_a_turn_of_another_session_is_none() -> None:
    places = {"q": place(4, asks=True), "a": place(5, asks=True), "b": place(6), "else": place(5, session="t")}
    lists = {"dense": [("q", 0.8), ("a", 0.4), ("b", 0.1), ("else", 0.1)]}
    assert columns(cues("Which boat is it?"), places, lists)["reply"] == pytest.approx({"a": 1 / 1.4, "b": 0.5 / 1.4})


def test_a_turn_of_which_nothing_is_known_has_no_cue() -> None:
    interval = (NOW - 20.0 * DAY, NOW - 10.0 * DAY)
    for asked in (cues("What did I buy?", interval=interval), cues("I'm back. Where were we?")):
        assert not any(columns(asked, {}, {"dense": [("lost", 0.5)]}).values())


def test_of_two_questions_at_one_place_an_answer_has_the_better_match() -> None:
    places = {"q": place(4, asks=True), "r": place(4, asks=True), "a": place(5), "s": place(6)}
    for dense in ([("q", 0.8), ("r", 0.4), ("a", 0.1), ("s", 0.1)], [("r", 0.8), ("q", 0.4), ("a", 0.1), ("s", 0.1)]):
        found = columns(cues("Which boat is it?"), places, {"dense": dense})
        assert found["reply"] == pytest.approx({"a": 1 / 1.4})


def test_a_time_lifts_what_was_said_in_it_and_fades_beyond() -> None:
    places = {
        "in": place(1, days_ago=15),
        "near": place(2, days_ago=10 - FADE_DAYS / 2),
        "far": place(3, days_ago=10 - FADE_DAYS),
    }
    interval = (NOW - 20.0 * DAY, NOW - 10.0 * DAY)
    assert columns(cues("What did I buy?", interval=interval), places)["time"] == pytest.approx(
        {"in": 1.0, "near": 0.5}
    )
    open_ended = columns(cues("What did I buy?", interval=(-math.inf, NOW - 12.0 * DAY)), places)
    assert open_ended["time"]["in"] == 1.0


@given(
    st.text(max_size=60),
    st.booleans(),
    st.dictionaries(
        st.text(max_size=3),
        st.builds(
            Place,
            session=st.sampled_from("ab"),
            index=st.integers(0, 5),
            at=st.integers(0, 2 * NOW),
            is_users=st.booleans(),
            asks=st.booleans(),
        ),
    ),
)
def test_whatever_is_asked_no_cue_is_outside_of_0_and_1(question: str, names: bool, places: dict[str, Place]) -> None:
    asked = cues(question, names=names, interval=(0.0, float(NOW)))
    dense = [(ref, 1.0 / (1 + number)) for number, ref in enumerate(places)]
    for shares in columns(asked, places, {"dense": dense}).values():
        assert all(0 <= share <= 1 for share in shares.values())
        assert shares.keys() <= places.keys()
