"""Sessions that are about the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.vector import Vector
from treering.memory.summaries.themes import FIRST, settled, themes


def sessions(*topics: int, noise: float = 0.2, seed: int = 1) -> Vector:
    """A session on each topic; all share half of what they are."""
    chance = np.random.default_rng(seed)
    rows = 0.02 * noise * chance.standard_normal((len(topics), 64))
    rows[:, 0] = 1.0
    rows[range(len(topics)), [1 + topic for topic in topics]] = 1.0
    unit: Vector = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_sessions_on_one_thing_are_one_theme() -> None:
    assert themes(sessions(0, 1, 0, 1, 2, 0, 2, 1, 2)) == [(0, 2, 5), (1, 3, 7), (4, 6, 8)]


@pytest.mark.parametrize("count", range(FIRST))
def test_a_few_sessions_are_one_theme(count: int) -> None:
    assert themes(sessions(*range(count))) == ([tuple(range(count))] if count else [])


def test_a_later_session_joins_its_theme_or_begins_one() -> None:
    before = [0, 1, 0, 1, 0, 1]
    assert settled(8) == len(before)
    assert themes(sessions(*before, 1)) == [(0, 2, 4), (1, 3, 5, 6)]
    assert themes(sessions(*before, 5, 5)) == [(0, 2, 4), (1, 3, 5), (6, 7)]


topics = st.lists(st.integers(0, 4), min_size=FIRST, max_size=40)


@given(topics=topics, noise=st.floats(0, 50), seed=st.integers(0, 3))
def test_each_session_is_in_one_theme_and_a_new_one_touches_one_other_at_most(
    topics: list[int], noise: float, seed: int
) -> None:
    vectors = sessions(*topics, noise=noise, seed=seed)
    after = themes(vectors)
    assert sorted(place for theme in after for place in theme) == list(range(len(topics)))
    assert after == themes(vectors.copy())
    if settled(len(topics)) < len(topics):
        before = themes(vectors[:-1])
        assert len(set(before) - set(after)) <= 1
        assert len(set(after) - set(before)) == 1
