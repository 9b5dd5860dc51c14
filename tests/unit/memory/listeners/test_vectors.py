"""Vectors kept by text."""

from __future__ import annotations

import numpy as np

from treering.memory.listeners.vectors import TextVectors
from treering.memory.models.hashing import HashEmbedder
from treering.testing import NotingEmbedder


def test_known_texts_are_not_embedded_again() -> None:
    embedder = NotingEmbedder()
    vectors = TextVectors(embedder)
    first = vectors.of(["a b", "c d", "a b"])
    again = vectors.of(["c d", "e f"])
    assert embedder.asked == [["a b", "c d"], ["e f"]]
    assert np.array_equal(first[1], again[0])
    assert np.array_equal(first[0], first[2])


def test_the_least_used_goes_first() -> None:
    embedder = NotingEmbedder()
    vectors = TextVectors(embedder, keep=2)
    vectors.of(["a", "b"])
    vectors.of(["a"])
    vectors.of(["c"])
    vectors.of(["a", "b"])
    assert embedder.asked == [["a", "b"], ["c"], ["b"]]


def test_no_text_has_no_vector() -> None:
    assert TextVectors(HashEmbedder()).of([]).shape[0] == 0
