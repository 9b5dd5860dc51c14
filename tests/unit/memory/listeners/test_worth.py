"""Which statements deserve to be kept, and how long they may be."""

from __future__ import annotations

import pytest

from treering.memory.listeners.worth import MAX_CLAIM_WORDS, shortened, worth


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("loves jazz", "thought about it"),
        ("is allergic to peanuts", "is wondering"),
        ("has a dog named Biscuit", "has one"),
        ("prefers window seats", "loves your idea"),
        ("wakes up at 6 every morning", "felt a bit odd"),
        ("prefers window seats", "wants a summary of this text"),
        ("breeds pigeons", "sees the point"),
        ("is left-handed", "is curious"),
        ("likes films", "wants films"),
        ("wants a hotel with a sauna in Porto", "wants a hotel"),
        ("met Ana in Rome", "met in a surf class"),
        ("works nights", "The experience brought them closer to what really matters in all of their lives"),
    ],
)
def test_facts_are_worth_more_than_talk(better: str, worse: str) -> None:
    assert worth(better, is_dated=False, routing=0.4) > worth(worse, is_dated=False, routing=0.4) + 0.15


def test_a_date_and_a_near_slot_add_worth() -> None:
    assert worth("ran", is_dated=True, routing=0.4) > worth("ran", is_dated=False, routing=0.4)
    assert worth("ran", is_dated=False, routing=0.6) > worth("ran", is_dated=False, routing=0.4)


def test_a_long_claim_is_cut_where_a_clause_ends() -> None:
    head = "started a small podcast about local music trends in the old harbour district of the city in 2018"
    cut = shortened(f"{head}, but it was far too time-consuming for one single person")
    assert cut == head
    assert len(cut.split()) <= MAX_CLAIM_WORDS


def test_one_word_is_no_claim() -> None:
    assert shortened("ran") is None


def test_words_without_a_joint_are_cut_at_the_limit() -> None:
    cut = shortened("word " * 40)
    assert cut is not None
    assert len(cut.split()) == MAX_CLAIM_WORDS
