"""The line of turns against comparing every turn with every other."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.catching_up import search_turns
from treering.memory.models.hashing import HashEmbedder
from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS, Place
from treering.memory.retrieval.speech_line import SpeechLine
from treering.schemas.dialogue import Turn

NOW = datetime(2024, 3, 1, tzinfo=UTC)
SPOKEN = st.lists(st.none() | st.tuples(st.sampled_from("abc"), st.integers(0, 12) | st.just(2**31)), max_size=25)


def place(one: tuple[str, int] | None) -> Place | None:
    return None if one is None else Place(session=one[0], index=one[1], at=0)


def weight(one: Place | None, other: Place | None) -> float:
    """What a turn counts in the surroundings of another."""
    if one is None or other is None or one.session != other.session:
        return 0.0
    steps = abs(one.index - other.index)
    return CONTEXT_WEIGHTS[steps] if steps <= CONTEXT_TURNS else 0.0


@given(spoken=SPOKEN, data=st.data())
def test_means_are_those_of_the_turns_around(spoken: list[tuple[str, int] | None], data: st.DataObject) -> None:
    places = [place(one) for one in spoken]
    middle = data.draw(st.integers(0, len(places)))
    line = SpeechLine()
    line.add(places[:middle])
    line.means(np.zeros(middle))
    line.add(places[middle:])
    kept = data.draw(st.lists(st.booleans(), min_size=len(places), max_size=len(places)))
    line.keep(np.array(kept, bool))
    left = [one for one, stays in zip(places, kept, strict=True) if stays]
    values = np.arange(len(left), dtype=np.float32) ** 2
    expected = []
    for n, one in enumerate(left):
        weights = [1.0 if m == n else weight(near, one) for m, near in enumerate(left)]
        expected.append(np.average(values, weights=weights))
    assert line.means(values).tolist() == pytest.approx(expected)


def test_sums_reach_every_turn_near_what_is_said() -> None:
    line = SpeechLine()
    line.add([place(("a", index)) for index in (6, 0, 1, 3, 5)])
    around = line.sums(line.slots[[2]], np.array([3.0]))
    assert around[line.slots].tolist() == pytest.approx([0, 2.4, 3, 1.8, 0.6])


def test_sums_know_a_line_that_was_not_laid_out_yet() -> None:
    laid, new = SpeechLine(), SpeechLine()
    for line in (laid, new):
        line.add([place(("a", index)) for index in (0, 1, 3)])
    slots, values = laid.slots[[2]], np.array([3.0])
    around = laid.sums(slots, values)
    assert new.sums(slots, values).tolist() == around.tolist()
    new.add([])
    near, sums = new.sums_near(slots, values)
    assert (near.tolist(), sums.tolist()) == (np.flatnonzero(around).tolist(), around[around > 0].tolist())


def test_places_in_the_ten_thousandth_session_are_kept_apart_too() -> None:
    line = SpeechLine()
    line.add([place((str(session), 0)) for session in range(10_000)])
    line.add([place(("9999", index)) for index in (1, 2)])
    assert line.means(np.arange(10_002.0))[-3:].tolist() == pytest.approx(
        np.array([[1, 0.8, 0.6], [0.8, 1, 0.8], [0.6, 0.8, 1]]) @ [9999, 10_000, 10_001] / [2.4, 2.6, 2.4]
    )


@given(spoken=SPOKEN)
def test_turns_that_wait_for_their_index_have_the_same_surroundings(spoken: list[tuple[str, int] | None]) -> None:
    turns = [
        Turn(message_id=str(n), session=one[0], index=one[1], seq=n + 1, role="user", content=f"{n * n} boats", at=NOW)
        for n, one in enumerate(spoken)
        if one is not None
    ]
    query = HashEmbedder().embed(["boats"])[0]
    hits = search_turns(HashEmbedder(), turns, query, {})
    line = SpeechLine()
    line.add([Place.of(turn) for turn in turns])
    scores = np.array([dict(hits.dense)[turn.message_id] for turn in turns])
    expected = dict(zip((turn.message_id for turn in turns), line.means(scores).tolist(), strict=True))
    assert dict(hits.dense_context) == pytest.approx(expected)
