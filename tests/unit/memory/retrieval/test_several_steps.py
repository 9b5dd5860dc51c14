"""Several searches are decided on by the question alone, and the rule is told."""

from __future__ import annotations

import pytest

from treering.memory.retrieval.several_steps import MAX_CHARS, decide_steps


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("What is the difference between my old and my new job?", "compares-two-things"),
        ("Do I run more often than I swim?", "compares-two-things"),
        ("What do Jon and Gina have in common?", "compares-two-things"),
        ("How many times did we eat out?", "counts-over-sessions"),
        ("How often do I call my mother?", "counts-over-sessions"),
        ("What is my sister's husband called?", "takes-several-hops"),
        ("Where does Ana's brother's wife work?", "takes-several-hops"),
        ("Where is the gift from the friend who moved away?", "takes-several-hops"),
        ("Where do I live and what do I do?", "asks-for-several-things"),
    ],
)
def test_with_a_model_auto_takes_several_steps_where_one_cannot_do(query: str, rule: str) -> None:
    decision = decide_steps(query, "auto", has_model=True)
    assert decision is not None
    assert (decision.mode, decision.rule) == ("agentic", rule)
    assert decide_steps(query, "auto", has_model=False) is None


@pytest.mark.parametrize(
    "query", ["Where do I live?", "Any dinner ideas?", "Write a poem about rain and wind.", "When did Ana move?"]
)
def test_one_step_is_enough_for_most(query: str) -> None:
    assert decide_steps(query, "auto", has_model=True) is None


def test_a_long_message_is_no_question_with_steps() -> None:
    question = "Compare these two. "
    at_most = question + "x" * (MAX_CHARS - len(question))
    assert decide_steps(at_most, "auto", has_model=True) is not None
    assert decide_steps(f"{at_most}x", "auto", has_model=True) is None


def test_asked_for_it_is_taken_with_a_model_or_without() -> None:
    for has_model in (False, True):
        decision = decide_steps("Where do I live?", "agentic", has_model=has_model)
        assert decision is not None
        assert decision.rule == "asked-for"
    assert decide_steps("How many cats do I have?", "hybrid", has_model=True) is None
