"""Slots by meaning."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.models.hashing import HashEmbedder
from treering.memory.retrieval.slots import DESCRIPTION_SHARE, SlotVectors, slot_vectors, texts_of
from treering.schemas.trunk import Slot, Trunk


def trunk(*examples: tuple[str, ...]) -> Trunk:
    slots = tuple(Slot(path=f"slot{n}", description=f"Slot {n}.", examples=each) for n, each in enumerate(examples))
    return Trunk(name="t", version=1, description="For tests.", branches=(), slots=slots)


def plane(*degrees: float) -> np.ndarray:
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_slot_scores_by_its_description_and_its_two_nearest_examples() -> None:
    vectors = SlotVectors(paths=("a",), vectors=plane(60, 0, 90, 30), owners=np.array([0, 0, 0, 0]))
    (((_, score),),) = vectors.nearest(plane(0), limit=5)
    examples = (1 + np.cos(np.radians(30))) / 2
    assert score == pytest.approx(DESCRIPTION_SHARE * 0.5 + (1 - DESCRIPTION_SHARE) * examples, abs=1e-6)


def test_a_slot_with_one_example_or_none_is_scored_by_what_it_has() -> None:
    vectors = SlotVectors(paths=("one", "none"), vectors=plane(60, 0, 60), owners=np.array([0, 0, 1]))
    scores = dict(vectors.nearest(plane(0), limit=2)[0])
    assert scores["one"] == pytest.approx(DESCRIPTION_SHARE * 0.5 + (1 - DESCRIPTION_SHARE), abs=1e-6)
    assert scores["none"] == pytest.approx(0.5, abs=1e-6)


def test_scores_are_numbers_of_32_bits_as_vectors_are() -> None:
    vectors = SlotVectors(paths=("two", "one"), vectors=plane(60, 10, 33, 70, 20), owners=np.array([0, 0, 0, 1, 1]))
    scores = vectors._scores(plane(0, 3))
    assert scores.dtype == np.float32


def test_equal_slots_come_in_the_order_of_the_trunk() -> None:
    paths = tuple(f"slot{n}" for n in range(60))
    vectors = SlotVectors(paths=paths, vectors=plane(*[60, 0, 90] * 20), owners=np.arange(60))
    found = [path for path, _ in vectors.nearest(plane(0), limit=60)[0]]
    assert found == [*paths[1::3], *paths[::3], *paths[2::3]]


def test_a_trunk_without_examples_is_searched_by_descriptions() -> None:
    vectors = SlotVectors(paths=("far", "near"), vectors=plane(90, 10), owners=np.array([0, 1]))
    assert [path for path, _ in vectors.nearest(plane(0), limit=2)[0]] == ["near", "far"]


@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=6),
    seed=st.integers(0, 1000),
    queries=st.integers(0, 4),
    limit=st.integers(0, 8),
)
def test_agrees_with_a_loop(sizes: list[int], seed: int, queries: int, limit: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.normal(size=(sum(sizes) + len(sizes), 5)).astype(np.float32)
    asked = random.normal(size=(queries, 5)).astype(np.float32)
    subject = trunk(*[tuple(f"example {n}" for n in range(size)) for size in sizes])
    vectors = slot_vectors(subject, rows)

    def score(query: np.ndarray, slot: int) -> float:
        first = sum(sizes[:slot]) + slot
        description, *examples = (float(query @ row) for row in rows[first : first + 1 + sizes[slot]])
        best = sorted(examples)[-2:]
        return 0.3 * description + 0.7 * sum(best) / len(best) if best else description

    for query, found in zip(asked, vectors.nearest(asked, limit), strict=True):
        expected = sorted(((score(query, slot), f"slot{slot}") for slot in range(len(sizes))), reverse=True)[:limit]
        assert [value for _, value in found] == pytest.approx([value for value, _ in expected], abs=1e-4)


def test_a_sentence_finds_its_slot(small_trunk: Trunk) -> None:
    embedder = HashEmbedder()
    vectors = slot_vectors(small_trunk, embedder.embed(texts_of(small_trunk)))
    assert vectors.nearest(embedder.embed(["the city I live in"]), limit=1)[0][0][0] == "home.city"


def test_vectors_of_another_trunk_are_refused(small_trunk: Trunk) -> None:
    with pytest.raises(ValueError, match="1 vectors for 4 texts"):
        slot_vectors(small_trunk, plane(0))
