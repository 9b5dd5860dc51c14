"""Where one thing stops being talked about and the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.vector import Vector
from treering.memory.summaries.episodes import MAX_TURNS, MIN_TURNS, PAUSE, episodes
from treering.schemas.dialogue import Turn

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
TEA, BOATS, CHESS = np.eye(3, dtype=np.float32)


def talk(pauses: Sequence[timedelta]) -> list[Turn]:
    """One turn after each pause."""
    return [
        Turn(
            message_id=f"m{place}",
            session="s",
            index=place,
            seq=place + 1,
            role="user",
            content="x",
            at=NOON + sum(pauses[: place + 1], timedelta()),
        )
        for place in range(len(pauses))
    ]


def sizes(vectors: Vector, pauses: Sequence[timedelta] | None = None) -> list[int]:
    turns = talk([timedelta(minutes=1)] * len(vectors) if pauses is None else pauses)
    found = episodes(turns, vectors)
    assert [turn for episode in found for turn in episode] == turns
    return [len(episode) for episode in found]


def test_another_topic_begins_another_episode() -> None:
    assert sizes(np.stack([TEA] * 6 + [BOATS] * 7 + [CHESS] * 6)) == [6, 7, 6]


def test_one_turn_on_something_else_does_not() -> None:
    aside = (TEA + BOATS) / np.float32(np.sqrt(2))
    assert sizes(np.stack([TEA] * 6 + [aside] + [TEA] * 6)) == [13]


def test_nothing_said_is_no_episode() -> None:
    assert episodes([], np.zeros((0, 3), np.float32)) == []


def test_a_long_silence_ends_an_episode_however_short() -> None:
    minute, silence = timedelta(minutes=1), PAUSE + timedelta(seconds=1)
    assert sizes(np.stack([TEA] * 5), [minute, silence, minute, PAUSE, silence]) == [1, 3, 1]


def test_an_episode_that_goes_on_is_cut_where_it_holds_together_least() -> None:
    drift = [(TEA * np.cos(turn / 20) + BOATS * np.sin(turn / 20)).astype(np.float32) for turn in range(60)]
    found = sizes(np.stack(drift))
    assert max(found[:-1]) <= MAX_TURNS
    assert min(found[:-1]) >= MIN_TURNS
    assert len(found) > 1


steps = st.lists(
    st.tuples(st.sampled_from([TEA, BOATS, CHESS, TEA + BOATS]), st.sampled_from([1, 1, 1, 1, 60])), max_size=40
)


@given(steps=steps, seen=st.integers(0, 40))
def test_turns_that_follow_change_the_last_episode_only(steps: list[tuple[Vector, int]], seen: int) -> None:
    turns = talk([timedelta(minutes=pause) for _, pause in steps])
    vectors = np.array([vector for vector, _ in steps], np.float32).reshape(len(steps), 3)
    before, after = episodes(turns[:seen], vectors[:seen]), episodes(turns, vectors)
    assert after[: len(before[:-1])] == before[:-1]
    assert [turn for episode in after for turn in episode] == turns
    assert all(episode for episode in after)
