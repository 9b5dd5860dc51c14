"""Slots by sentence vectors, for windows whose slots no model named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from treering.memory.listeners.model_meaning import MeaningRouter
from treering.memory.ports import Vector
from treering.memory.retrieval.slots import slot_vectors, texts_of
from treering.schemas.dialogue import Role, Turn
from treering.schemas.listening import Window
from treering.schemas.trunk import Trunk

SUBJECTS = ("called", "city", "food", "music")


class Keywords:
    """An embedder that knows four words."""

    fingerprint = "keywords"
    dimension = len(SUBJECTS) + 1

    def __init__(self) -> None:
        self.batches: list[int] = []

    def embed(self, texts: Sequence[str]) -> Vector:
        self.batches.append(len(texts))
        rows = [[float(word in text.lower()) for word in SUBJECTS] + [0.1] for text in texts]
        vectors = np.array(rows, dtype=np.float32).reshape(len(texts), self.dimension)
        unit: Vector = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


def said(*texts: str, role: Role = "user") -> Window:
    at = datetime(2024, 3, 4, tzinfo=UTC)
    turns = [
        Turn(message_id=f"id{n}", session="s", index=n, seq=n, role=role, content=text, at=at)
        for n, text in enumerate(texts, start=1)
    ]
    return Window(session="s", turns=tuple(turns))


def router(trunk: Trunk) -> tuple[MeaningRouter, Keywords]:
    embedder = Keywords()
    return MeaningRouter(embedder, lambda: slot_vectors(trunk, embedder.embed(texts_of(trunk)))), embedder


def test_a_slot_counts_by_the_sentence_that_is_nearest_to_it(small_trunk: Trunk) -> None:
    found, _ = router(small_trunk)
    window = said("I moved to another city. The food is good there!", "Nice weather.")
    assert set(found.paths(window, limit=2)) == {"home.city", "taste.food"}


def test_only_the_users_sentences_count(small_trunk: Trunk) -> None:
    found, _ = router(small_trunk)
    assert found.paths(said("Do you like music?", role="assistant")) == ()


def test_nothing_is_embedded_before_it_is_needed_and_nothing_twice(small_trunk: Trunk) -> None:
    found, embedder = router(small_trunk)
    assert embedder.batches == []
    found.paths(said("Which city?"))
    before = sum(embedder.batches)
    assert found.alike(said("Which city?"), ["lives in a city"])[0] > 0.9
    assert sum(embedder.batches) == before + 1


def test_texts_are_near_to_the_nearest_sentence(small_trunk: Trunk) -> None:
    found, _ = router(small_trunk)
    near, far = found.alike(said("Good food. Bad music."), ["likes music", "lives in a city"])
    assert near > 0.9 > far
    assert found.alike(said("Hello", role="assistant"), ["likes music"]) == [0.0]
