"""What a question asks for: its parts, and how much of a life."""

from __future__ import annotations

import pytest

from treering.memory.retrieval.aspects import extent_of, texts_of_aspects


@pytest.mark.parametrize(
    "question",
    [
        "What do you know about my health?",
        "Is there anything I should tell the doctor about my health?",
        "Tell me everything you remember about their work",
        "Summarise what you know about my finances.",
        "What have I told you about my education?",
        "What do you know about where I live?",
        "Remind me of my plans",
        "And what about my home?",
    ],
)
def test_a_question_about_an_area_is_known_by_its_words(question: str) -> None:
    assert extent_of(question) == "area"


@pytest.mark.parametrize(
    "question",
    ["What do you know about me?", "Tell me what you have learned about them so far.", "Who am I?", "All about us!"],
)
def test_a_question_about_all_of_a_person_is_too(question: str) -> None:
    assert extent_of(question) == "person"


@pytest.mark.parametrize(
    "question",
    [
        "What is my job?",
        "What do you know about the French revolution?",
        "Tell me about photosynthesis",
        "Who wrote to me about my car?",
        "What can I do about my headache?",
        "Do you know what time it is? I lost my watch.",
        "Is she mad about me?",
    ],
)
def test_whatever_else_is_asked_is_about_a_thing(question: str) -> None:
    assert extent_of(question) == "thing"


def test_of_several_parts_each_is_asked_for_and_the_whole_too() -> None:
    question = "Where do I live? And which films do I like?"
    assert texts_of_aspects(question) == (question, "Where do I live", "which films do I like?")


@pytest.mark.parametrize(
    "question",
    ["Do I like tea and coffee?", "Salt and pepper", "What do my sister and my brother do?", "And why?", ""],
)
def test_what_has_one_part_is_asked_as_it_is(question: str) -> None:
    assert texts_of_aspects(question) == (question,)
