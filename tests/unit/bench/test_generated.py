"""What is generated is the same for a seed, and looks like what it stands for."""

from __future__ import annotations

import numpy as np

from treering.bench.generated import QUESTION_WORDS, TURN_WORDS, SparingEmbedder, Words, invented
from treering.testing import HashEmbedder


def test_words_repeat_as_in_talk() -> None:
    words = Words(seed=3)
    said = [word for _ in range(500) for word in words.turn().lower().strip(".").split()]
    assert len(said) == 500 * TURN_WORDS
    most = max(said.count(word) for word in set(said))
    assert 0.05 < most / len(said) < 0.15
    assert len(set(said)) > 2_000
    assert len(Words(seed=3).question().split()) == QUESTION_WORDS
    assert Words(seed=3).turn() != Words(seed=4).turn()


def test_vectors_are_invented_while_a_store_is_filled_and_true_afterwards() -> None:
    true = HashEmbedder()
    sparing = SparingEmbedder(true)
    assert (sparing.fingerprint, sparing.dimension) == (true.fingerprint, true.dimension)
    filled = sparing.embed(["one", "two", "one"])
    assert filled.shape == (3, true.dimension)
    assert np.allclose(np.linalg.norm(filled, axis=1), 1)
    assert np.array_equal(filled[0], filled[2])
    assert np.array_equal(filled[1], invented("two", true.dimension))
    assert sparing.embed([]).shape == (0, true.dimension)
    sparing.invents = False
    assert np.array_equal(sparing.embed(["one"]), true.embed(["one"]))
