"""BM25 against a dictionary."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval import bm25
from treering.memory.retrieval.bm25 import Bm25
from treering.memory.retrieval.hits import CONTEXT_TURNS, CONTEXT_WEIGHTS, Place
from treering.memory.retrieval.speech_line import SpeechLine

Text = dict[int, int]

TEXTS = st.lists(st.dictionaries(st.integers(0, 9), st.integers(1, 4), max_size=5), max_size=12)
QUERIES = st.dictionaries(st.integers(0, 11), st.integers(1, 2), max_size=4)


def add(scores: Bm25, texts: Sequence[Text]) -> None:
    terms = [term for text in texts for term in text]
    counts = [count for text in texts for count in text.values()]
    scores.add(np.array(terms, np.uint32), np.array(counts, np.float32), np.array([len(text) for text in texts], int))


def by_the_book(texts: Sequence[Text], query: Mapping[int, int]) -> list[float]:
    lengths = [sum(text.values()) for text in texts]
    mean = sum(lengths) / len(texts) if texts else 0

    def score(text: Text, length: int) -> float:
        total = 0.0
        for term, times in query.items():
            if term in text:
                containing = sum(term in other for other in texts)
                idf = math.log(1 + (len(texts) - containing + 0.5) / (containing + 0.5))
                total += times * idf * text[term] * 2.2 / (text[term] + 1.2 * (0.25 + 0.75 * length / mean))
        return total

    return [score(text, length) for text, length in zip(texts, lengths, strict=True)]


@given(texts=TEXTS, query=QUERIES)
def test_scores_are_by_the_book(texts: list[Text], query: Text) -> None:
    scores = Bm25()
    add(scores, texts)
    assert scores.of(query).tolist() == pytest.approx(by_the_book(texts, query))


@given(texts=TEXTS, query=QUERIES, gaps=st.lists(st.integers(1, 4), min_size=12, max_size=12))
def test_surroundings_score_as_one_long_text(texts: list[Text], query: Text, gaps: list[int]) -> None:
    """By the book, but for the IDF and the mean length: those are of single texts."""
    spoken = [int(index) for index in np.cumsum(gaps)[: len(texts)]]
    line, scores = SpeechLine(), Bm25()
    line.add([Place(session="s", index=index, at=0) for index in spoken])
    add(scores, texts)
    mean = sum(sum(text.values()) for text in texts) / max(len(texts), 1)
    expected = []
    for middle in spoken:
        near = [
            (text, CONTEXT_WEIGHTS[abs(index - middle)])
            for index, text in zip(spoken, texts, strict=True)
            if abs(index - middle) <= CONTEXT_TURNS
        ]
        length = sum(weight * sum(text.values()) for text, weight in near)
        total = 0.0
        for term, times in query.items():
            count = sum(weight * text.get(term, 0) for text, weight in near)
            containing = sum(term in text for text in texts)
            idf = math.log(1 + (len(texts) - containing + 0.5) / (containing + 0.5))
            if count:
                total += times * idf * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * length / (5 * mean)))
        expected.append(total)
    assert scores.around(query, line).tolist() == pytest.approx(expected)


@given(blocks=st.lists(TEXTS, max_size=4), query=QUERIES, data=st.data())
def test_growing_and_dropping_give_what_starting_anew_gives(
    blocks: list[list[Text]], query: Text, data: st.DataObject
) -> None:
    grown, left = Bm25(), list[Text]()
    for texts in blocks:
        add(grown, texts)
        left += texts
        kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(left), max_size=len(left))), bool)
        grown.keep(kept)
        left = [text for text, stays in zip(left, kept, strict=True) if stays]
        grown.of(query)
    assert grown.entries == len(left)
    anew = Bm25()
    add(anew, left)
    assert grown.of(query).tolist() == anew.of(query).tolist()


def test_postings_are_sorted_in_once_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "MIN_TAIL", 3)
    scores, texts = Bm25(), [{n % 4: 1, 5 + n % 3: 2} for n in range(20)]
    for text in texts:
        add(scores, [text])
    assert len(scores._tail.terms) <= 3
    assert scores.of({1: 1, 6: 1}).tolist() == pytest.approx(by_the_book(texts, {1: 1, 6: 1}))


@given(rows=st.sets(st.integers(0, 11), min_size=1), steps=st.lists(st.integers(0, 9), min_size=12, max_size=12))
def test_a_rare_word_scores_its_surroundings_to_the_last_bit(rows: set[int], steps: list[int]) -> None:
    """It is added up only around where it is said; everywhere else nobody says it."""
    line, scores = SpeechLine(), Bm25()
    line.add([Place(session="s", index=int(index), at=0) for index in np.cumsum(steps)])
    add(scores, [{1: 1 + row, 7: 2} if row in rows else {1: 1} for row in range(12)])
    with pytest.MonkeyPatch.context() as patch:
        found = []
        for share in (0, 10**9):  # as a rare word, and as a frequent one
            patch.setattr(bm25, "RARE_SHARE", share)
            found.append(scores.around({1: 1, 7: 2}, line).tolist())
    assert found[0] == found[1]


def test_what_surroundings_hold_back_follows_what_is_added_and_dropped() -> None:
    line, scores = SpeechLine(), Bm25()
    line.add([Place(session="s", index=0, at=0)])
    add(scores, [{7: 1}])
    scores.around({7: 1}, line)
    line.add([Place(session="s", index=1, at=0)])
    add(scores, [{1: 9}])
    fresh_line, fresh = SpeechLine(), Bm25()
    fresh_line.add([Place(session="s", index=index, at=0) for index in range(2)])
    add(fresh, [{7: 1}, {1: 9}])
    assert scores.around({7: 1}, line).tolist() == fresh.around({7: 1}, fresh_line).tolist()
    kept = np.array([True, False])
    line.keep(kept)
    scores.keep(kept)
    alone_line, alone = SpeechLine(), Bm25()
    alone_line.add([Place(session="s", index=0, at=0)])
    add(alone, [{7: 1}])
    assert scores.around({7: 1}, line).tolist() == alone.around({7: 1}, alone_line).tolist()


def test_the_largest_hash_is_found() -> None:
    scores = Bm25()
    add(scores, [{2**32 - 1: 1}, {0: 1}])
    assert (scores.of({2**32 - 1: 1}) > 0).tolist() == [True, False]


def test_a_mean_of_less_than_a_word_is_one_all_the_same() -> None:
    scores, texts = Bm25(), [Text({7: 1}), Text(), Text()]
    add(scores, texts)
    assert scores.of({7: 1}).tolist() == pytest.approx(by_the_book(texts, {7: 1}))


def test_surroundings_are_those_of_the_line_that_is_asked_about() -> None:
    scores = Bm25()
    add(scores, [{7: 1}, {1: 9}])
    for step in (1, 99, 1):
        line, alone = SpeechLine(), Bm25()
        line.add([Place(session="s", index=index, at=0) for index in (0, step)])
        add(alone, [{7: 1}, {1: 9}])
        assert scores.around({7: 1}, line).tolist() == alone.around({7: 1}, line).tolist()


def test_a_word_is_found_among_sorted_postings_and_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bm25, "MIN_TAIL", 3)
    scores, texts = Bm25(), [Text({1: 1, 2: 1, 3: 1, 4: 1}), Text({1: 2}), Text({5: 1})]
    for text in texts:
        add(scores, [text])
    assert (len(scores._sorted.terms), len(scores._tail.terms)) == (4, 2)
    for query in ({1: 1}, {2: 1}, {5: 1}, {1: 1, 2: 2, 5: 1}):
        assert scores.of(query).tolist() == pytest.approx(by_the_book(texts, query))
