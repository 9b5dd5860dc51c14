"""Questions are taken apart, named and shortened by rule; what comes out is always a search, and never too many."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.rewriting import (
    MAX_PARTS,
    MAX_REWRITE_CHARS,
    MAX_REWRITES,
    Naming,
    first_rewrites,
    named,
    names_in,
    namings,
    next_rewrites,
    parts,
    uncovered,
    unframed,
    usable,
    with_values,
)
from treering.memory.retrieval.sparse import terms


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Where does Ana live?", ("Where does Ana live?",)),
        ("Where does Ana live and what does she do?", ("Where does Ana live", "what does she do?")),
        ("Who is Tom? Where does he work?", ("Who is Tom", "Where does he work?")),
        ("What do Jon and Gina both like?", ("What do Jon like?", "What do Gina like?")),
        ("Do I prefer tea or coffee?", ("Do I prefer tea?", "Do I prefer coffee?")),
        ("Compare my old job and my new job", ("Compare my old job", "Compare my new job")),
        ("What is my favourite food and drink?", ("What is my favourite food?", "What is my favourite drink?")),
        ("What did I do between May and July?", ("What did I do between May and July?",)),
        ("Is it on and off again?", ("Is it on and off again?",)),
        ("And why?", ("And why?",)),
        ("Where do I live? And why?", ("Where do I live? And why?",)),
        ("Who is Tom? Where is Ana now? What does Eva do?", ("Who is Tom", "Where is Ana now", "What does Eva do?")),
        ("Who is A? Who is B? Who is C? Who is D?", ("Who is A? Who is B? Who is C? Who is D?",)),
        (
            "What did I eat between May and July with Tom and Ana?",
            ("What did I eat between May and July with Tom?", "What did I eat between May and July with Ana?"),
        ),
        ("Is it for me and Tom?", ("Is it for me and Tom?",)),
        ("Did it and she ask Tom or Ana?", ("Did it and she ask Tom?", "Did it and she ask Ana?")),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_for_several_things(question: str, expected: tuple[str, ...]) -> None:
    assert parts(question) == expected


def test_the_frame_of_a_question_carries_nothing() -> None:
    assert unframed("Could you please remind me of the dentist's name?") == "dentist's name"
    assert unframed("Do you still remember whether Ana plays chess?") == "Ana plays chess"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("has a sister named Marta who lives in Porto", [("sister", "Marta"), ("in", "Porto")]),
        ("has two brothers, Rui and Pedro", [("brothers", "Rui"), ("brothers", "Pedro")]),
        ("sister is Ana Sousa", [("sister", "Ana Sousa")]),
        ("has a dog", []),
    ],
)
def test_names_are_read_out_of_statements(statement: str, expected: list[tuple[str, str]]) -> None:
    assert [(one.noun, one.name) for one in namings([statement])] == expected


def test_what_the_person_has_gets_its_name() -> None:
    known = namings(["has a best friend named Tom", "has two brothers, Rui and Pedro"])
    assert named("What does my best friend play?", known) == ("What does my best friend Tom play?",)
    assert named("How is my brother?", known) == ("How is my brother Rui?", "How is my brother Pedro?")
    assert named("How is my sister?", known) == ()
    assert named("How is my brother Rui?", known[1:2]) == ()
    assert named("Who is my friend's boss?", [Naming(noun="boss", name="Eva")]) == ("Who is my friend's boss Eva?",)


def test_what_the_tree_says_on_the_subject_is_taken_up() -> None:
    assert with_values("Where should we go for dinner?", ["is allergic to peanuts"]) == "go dinner allergic peanuts"
    assert with_values("Is she allergic to peanuts?", ["is allergic to peanuts"]) is None
    assert with_values("Is she allergic?", ["is allergic"]) is None
    made = first_rewrites("Where should we go for dinner?", known=[], values=["is allergic to peanuts"])
    assert [one.text for one in made] == ["go dinner allergic peanuts"]


def test_the_second_hop_goes_by_names_that_the_question_has_not() -> None:
    found = ["2024-03-01 user: my sister Marta met Paulo at work.", "2024-03-02 user: Yesterday we saw Marta and Eva."]
    known = namings(["has a sister named Marta"])
    made = next_rewrites("Whom did my sister meet?", found, known=known, tried=[])
    assert [one.text for one in made] == ["sister meet Paulo", "sister meet Eva"]


def test_a_capital_at_the_beginning_of_a_sentence_makes_no_name() -> None:
    assert names_in(["Then we left. Later it rained."], besides="") == ()


@pytest.mark.parametrize("question", ["Is it Ana's?", "Is it Ana\u2019s?", "Is it ana?"])
def test_a_name_that_the_question_has_is_none_to_look_for(question: str) -> None:
    assert names_in(["We met Ana at noon, and saw Ana\u2019s friend Eva."], besides=question) == ("Eva",)


def test_a_question_without_its_frame_is_searched_for() -> None:
    made = first_rewrites("Can you tell me what Ana plays?", known=[], values=[])
    assert [one.text for one in made] == ["what Ana plays?"]


def test_a_rewrite_has_as_many_letters_as_a_search_may_have_and_no_more() -> None:
    longest = "tea " * (MAX_REWRITE_CHARS // 4 - 1) + "cake"
    assert [one.text for one in usable([longest, f"{longest}s"], "x", tried=[])] == [longest]


def test_only_words_of_the_question_count_as_its_own() -> None:
    known = [Naming(noun="sister", name="Marta")]
    made = first_rewrites("Where does my sister live and what do I eat?", known=known, values=["loves ramen"])
    assert [(one.text, one.is_own_words) for one in made] == [
        ("Where does my sister live", True),
        ("what do I eat?", True),
        ("Where does my sister Marta live and what do I eat?", False),
    ]


def test_a_rewrite_that_asks_for_history_needs_a_question_that_does() -> None:
    assert usable(["how her job changed over time"], "What is her job?", tried=[]) == ()
    assert usable(["how her job changed over time"], "How did her job change?", tried=[])


def test_what_was_tried_is_not_tried_again() -> None:
    assert [one.text for one in usable(["Tea", "  tea ", "coffee"], "x", tried=["COFFEE"])] == ["Tea"]


def test_a_part_is_covered_by_a_line_with_most_of_its_words() -> None:
    lines = ["2024-03-01 user: Ana lives in Porto"]
    assert uncovered("Where does Ana live and what job does Tom have?", lines) == ("what job does Tom have?",)
    assert uncovered("Where does Ana live?", lines) == ()
    assert uncovered("Where does Ana live?", []) == ("Where does Ana live?",)
    three_of_five = "Tom plays tennis"
    asked = "Tom plays tennis badly lately?"
    assert uncovered(asked, [three_of_five]) == ()
    assert uncovered(asked, ["Tom plays chess", "badly lately"]) == (asked,)


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=4))
def test_whatever_is_asked_the_searches_are_few_short_and_new(question: str, texts: list[str]) -> None:
    known = namings(texts)
    for made in (
        first_rewrites(question, known=known, values=texts),
        next_rewrites(question, texts, known=known, tried=[question]),
        usable(texts, question, tried=[question]),
    ):
        assert len(made) <= MAX_REWRITES
        for one in made:
            assert len(one.text) <= MAX_REWRITE_CHARS
            assert terms(one.text)
            assert one.text != question
            assert one.is_own_words == set(terms(question)).issuperset(terms(one.text))
    assert 1 <= len(parts(question)) <= MAX_PARTS


@pytest.mark.parametrize("piece", ["my ", "and what is ", "X and Y ", "'s ", "tell me ", "A, B and ", "is my my "])
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    first_rewrites(text, known=[Naming(noun="my", name="X")], values=[text])
