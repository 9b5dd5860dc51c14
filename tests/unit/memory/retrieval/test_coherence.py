"""How far turns are of one subject."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.coherence import LEAST, ONE_SUBJECT, coherences, sketch_of
from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS, Place
from treering.memory.retrieval.speech_line import SpeechLine

SIZE = 48
SEEDS = st.integers(0, 2**31)


@given(seed=SEEDS)
def test_sketches_know_the_angle_between_vectors(seed: int) -> None:
    vectors = np.random.default_rng(seed).normal(size=(6, SIZE)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    sketches = sketch_of(vectors).astype(np.float64)
    for one, row in zip(vectors, sketches, strict=True):
        found = coherences(np.broadcast_to(row, sketches.shape), sketches)
        assert np.abs(found - np.clip(vectors @ one / ONE_SUBJECT, LEAST, 1)).max() < 0.05


def test_a_vector_without_direction_is_of_any_subject() -> None:
    nothing = np.zeros((1, SIZE), np.float32)
    assert sketch_of(nothing).any() == np.False_
    assert coherences(sketch_of(nothing).astype(float), np.ones((1, SIZE))).tolist() == [1.0]


PLACES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 7)), min_size=1, max_size=20)


@given(places=PLACES, seed=SEEDS, data=st.data())
def test_what_comes_and_goes_leaves_what_starting_anew_knows(
    places: list[tuple[str, int]], seed: int, data: st.DataObject
) -> None:
    """To the last bit, in whatever order turns come; places that several have are of all their subjects."""
    vectors = np.random.default_rng(seed).normal(size=(len(places), SIZE)).astype(np.float32)
    said = [Place(session=session, index=index, at=0) for session, index in places]
    middle = data.draw(st.integers(0, len(said)))
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(said), max_size=len(said))), bool)
    left, rows = [place for place, stays in zip(said, kept, strict=True) if stays], np.flatnonzero(kept)
    held = [vectors]
    grown = SpeechLine(lambda wanted: held[0][wanted])
    grown.add(said[:middle])
    grown.means(np.zeros(middle))
    grown.add(said[middle:])
    if data.draw(st.booleans()):
        grown.means(np.zeros(len(said)))
    grown.keep(kept)
    held[0] = vectors[kept]
    order = np.array(data.draw(st.permutations(range(len(rows)))), np.intp)
    anew = SpeechLine(lambda wanted: vectors[rows[order]][wanted])
    anew.add([left[row] for row in order])
    values = np.arange(len(rows), dtype=np.float64)
    assert anew.means(values[order]).tolist() == grown.means(values)[order].tolist()


def test_talk_of_something_else_hardly_surrounds() -> None:
    axes = np.eye(3, dtype=np.float32)
    line = SpeechLine(lambda rows: axes[[0, 1, 0]][rows])
    line.add([Place(session="s", index=index, at=0) for index in range(3)])
    beside, apart = LEAST * CONTEXT_WEIGHTS[1], CONTEXT_WEIGHTS[2]
    expected = [
        (1 + 5 * beside + 3 * apart) / (1 + beside + apart),
        (5 + 4 * beside) / (1 + 2 * beside),
        (3 + 5 * beside + apart) / (1 + beside + apart),
    ]
    assert line.means(np.array([1.0, 5.0, 3.0])).tolist() == pytest.approx(expected)


def test_talk_of_something_else_hardly_surrounds_from_any_distance() -> None:
    axes = np.eye(2, dtype=np.float32)
    for away in range(1, CONTEXT_TURNS + 1):
        line = SpeechLine(lambda rows: axes[rows])
        line.add([Place(session="s", index=index, at=0) for index in (0, away)])
        beside = LEAST * CONTEXT_WEIGHTS[away]
        assert line.means(np.array([0.0, 1.0])).tolist() == pytest.approx([beside / (1 + beside), 1 / (1 + beside)])


def test_each_sketch_has_the_scale_of_its_own_vector_in_one_byte_a_number() -> None:
    rows = np.array([[0.25, -0.5], [0.01, 0.0]], np.float32)
    assert sketch_of(rows).tolist() == [[64, -127], [127, 0]]
    assert [sketch_of(row).tolist() for row in rows] == sketch_of(rows).tolist()
    assert sketch_of(rows).dtype == np.int8


def test_the_shortest_sketches_have_a_direction_too() -> None:
    assert coherences(np.array([[1.0, 0.0], [0.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])).tolist() == [LEAST, 1.0]
