"""Embedding each text once."""

from __future__ import annotations

from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.remembering import RememberingEmbedder
from treering.testing import NotingEmbedder


def test_only_new_texts_are_asked_for_and_each_once() -> None:
    inner = NotingEmbedder()
    embedder = RememberingEmbedder(inner)
    first = embedder.embed(["tea", "milk", "tea"])
    second = embedder.embed(["milk", "sugar"])
    assert inner.asked == [["tea", "milk"], ["sugar"]]
    assert (first == HashEmbedder().embed(["tea", "milk", "tea"])).all()
    assert (second == HashEmbedder().embed(["milk", "sugar"])).all()


def test_the_least_lately_used_text_is_forgotten_first() -> None:
    inner = NotingEmbedder()
    embedder = RememberingEmbedder(inner, texts_kept=2)
    for text in ("tea", "milk", "tea", "sugar", "tea", "milk"):
        embedder.embed([text])
    assert inner.asked == [["tea"], ["milk"], ["sugar"], ["milk"]]


def test_more_texts_than_it_keeps_are_no_trouble() -> None:
    texts = [f"text {n}" for n in range(10)]
    assert (RememberingEmbedder(HashEmbedder(), texts_kept=3).embed(texts) == HashEmbedder().embed(texts)).all()


def test_what_a_caller_does_to_a_result_stays_with_the_caller() -> None:
    embedder = RememberingEmbedder(HashEmbedder())
    embedder.embed(["tea"])[:] = 7
    assert (embedder.embed(["tea"]) == HashEmbedder().embed(["tea"])).all()


def test_cleared_it_asks_again_and_it_never_keeps_the_words() -> None:
    inner = NotingEmbedder()
    embedder = RememberingEmbedder(inner)
    embedder.embed(["a secret"])
    assert "a secret" not in repr(vars(embedder))
    embedder.clear()
    embedder.embed(["a secret"])
    assert inner.asked == [["a secret"], ["a secret"]]
