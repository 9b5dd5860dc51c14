"""The grammar of the training sentences."""

from __future__ import annotations

import numpy as np
import pytest

from treering.training.phrases import Words, phrase, phrases

WORDS = Words({"pet": ["cat", "dog", "owl", "hen", "fox"], "like": ["'m fond of"], "name": ["Ana", "Tom"]})


def chance(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_alternatives_and_words_are_drawn_and_joined() -> None:
    found = {phrase("I {like} my (old|young|) {pet}", WORDS, chance(seed)) for seed in range(40)}
    assert len(found) > 8
    assert all(text.startswith("I'm fond of my ") and "  " not in text for text in found)


def test_both_sides_of_a_pair_speak_of_one_word_and_numbers_tell_words_apart() -> None:
    for seed in range(20):
        old, new = phrases(["my {pet}", "the {pet}"], WORDS, chance(seed))
        assert old.split()[1] == new.split()[1]
        old, new = phrases(["my {pet:1}", "the {pet:2}"], WORDS, chance(seed))
        assert old.split()[1] != new.split()[1]


def test_held_out_words_are_never_drawn_to_learn_with() -> None:
    known, held = WORDS.split(5)
    assert held.lists["pet"] == ["fox"]
    assert not set(known.lists["pet"]) & set(held.lists["pet"])
    assert known.lists["name"] == held.lists["name"] == ["Ana", "Tom"]


def test_an_unknown_list_is_an_error() -> None:
    with pytest.raises(KeyError):
        phrase("a {thing}", WORDS, chance())
