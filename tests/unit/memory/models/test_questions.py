"""The first question of a process has its vector from a model that loads quickly, and nothing else has."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from treering.memory.models import minilm_files
from treering.memory.models.choose import make_embedders
from treering.memory.models.questions import FEW, QuestionEmbedder
from treering.memory.models.remembering import RememberingEmbedder
from treering.memory.retrieval.vector import Vector
from treering.settings import Settings
from treering.telemetry.happenings import Embedded, Happenings
from treering.testing import NotingEmbedder
from treering.testing.embedder import HashEmbedder


class Pair:
    """An embedder that can be loaded, and a quick one beside it."""

    def __init__(self) -> None:
        self.exact, self.brief = NotingEmbedder(), NotingEmbedder()
        self.is_loaded = False
        self.let_go = 0
        self.questions = QuestionEmbedder(
            self.exact, RememberingEmbedder(self.brief), is_loaded=lambda: self.is_loaded, let_go=self._count
        )

    def _count(self) -> None:
        self.let_go += 1

    @property
    def asked(self) -> tuple[Sequence[object], Sequence[object]]:
        return self.brief.asked, self.exact.asked


def test_only_the_first_question_is_embedded_by_the_quick_one() -> None:
    pair = Pair()
    for text in ("one", "two", "three"):
        pair.questions.embed([text])
    assert pair.asked == ([["one"]], [["two"], ["three"]])
    assert pair.let_go == 2


def test_of_many_threads_one_asks_first() -> None:
    pair, begins = Pair(), Barrier(8)

    def ask(number: int) -> None:
        begins.wait(10)
        pair.questions.embed([str(number)])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(pair.brief.asked) == 1
    assert len(pair.exact.asked) == 7


def test_the_same_question_has_the_same_vector_again() -> None:
    pair = Pair()
    first = pair.questions.embed(["one", "part"])
    pair.questions.embed(["two"])
    assert (pair.questions.embed(["part", "one"]) == first[::-1]).all()
    assert pair.asked == ([["one", "part"]], [["two"]])


def test_the_quick_one_is_not_let_go_of_while_it_knows_the_answer() -> None:
    pair = Pair()
    pair.questions.embed(["one"])
    pair.questions.embed(["one"])
    assert pair.let_go == 0


def test_an_embedder_that_is_loaded_is_asked_at_once() -> None:
    pair = Pair()
    pair.is_loaded = True
    pair.questions.embed(["one"])
    assert pair.asked == ([], [["one"]])


@pytest.mark.parametrize(("texts", "quick"), [(FEW, True), (FEW + 1, False)])
def test_many_texts_at_once_are_worth_loading_the_embedder(texts: int, quick: bool) -> None:
    pair = Pair()
    pair.questions.embed([str(number) for number in range(texts)])
    assert bool(pair.brief.asked) is quick


def test_no_texts_have_no_vectors() -> None:
    assert Pair().questions.embed([]).shape == (0, HashEmbedder().dimension)


def test_it_is_called_like_its_embedder() -> None:
    questions = Pair().questions
    assert (questions.fingerprint, questions.dimension) == (HashEmbedder().fingerprint, HashEmbedder().dimension)


def packings(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each session that is opened from now on packs its weights."""
    opened: list[bool] = []
    opens = minilm_files.open_session

    def noting(model_dir: Path, cache_dir: Path, *, threads: int, packs: bool = True) -> object:
        opened.append(packs)
        return opens(model_dir, cache_dir, threads=threads, packs=packs)

    monkeypatch.setattr(minilm_files, "open_session", noting)
    return opened


def test_a_text_that_is_stored_has_its_exact_vector_also_where_it_was_asked_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cache, opened = Settings().cache_dir, packings(monkeypatch)
    embedder, questions = make_embedders("minilm", cache)
    text = "the quick brown fox"
    asked = questions.embed([text])
    assert opened == [False]
    stored = embedder.embed([text])
    assert opened == [False, True]
    assert (stored == packed(cache, text)).all()
    assert asked == pytest.approx(stored, abs=1e-6)
    assert (questions.embed([text]) == asked).all()
    assert (questions.embed(["another"]) == packed(cache, "another")).all()


def packed(cache: Path, text: str) -> Vector:
    embedder, _ = make_embedders("minilm", cache)
    return np.asarray(embedder.embed([text]))


def test_questions_are_counted_once_each() -> None:
    happenings, heard = Happenings(), list[object]()
    happenings.hear(heard.append)
    _, questions = make_embedders("minilm", Settings().cache_dir, happenings=happenings)
    for text in ("one", "one", "two"):
        questions.embed([text])
    assert [one.texts for one in heard if isinstance(one, Embedded)] == [1, 1]


def test_an_embedder_that_is_given_embeds_questions_too(tmp_path: Path) -> None:
    given = HashEmbedder()
    assert make_embedders(given, tmp_path) == (given, given)
    embedder, questions = make_embedders("hash", tmp_path)
    assert embedder is questions
