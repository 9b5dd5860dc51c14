"""Embeddings of LangChain, and their failures."""

from __future__ import annotations

import math

import numpy as np
import pytest
from langchain_core.embeddings import Embeddings

from treering.errors import EmbedderUnavailable
from treering.memory.models.langchain_embedder import LangChainEmbedder


class Scripted(Embeddings):
    """Answers with given rows, or an error."""

    def __init__(self, rows: list[list[float]] | Exception) -> None:
        self.rows = rows
        self.asked: list[str] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.asked += texts
        if isinstance(self.rows, Exception):
            raise self.rows
        return self.rows

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


def test_vectors_come_back_at_length_one() -> None:
    vectors = LangChainEmbedder(Scripted([[3.0, 4.0], [0.0, 0.0]]), "x:1").embed(["a", "b"])
    assert vectors == pytest.approx(np.array([[0.6, 0.8], [1.0, 0.0]]))


def test_a_failure_of_the_provider_is_typed_and_names_it() -> None:
    with pytest.raises(EmbedderUnavailable, match="x:1 gave no vectors: TimeoutError: too late"):
        LangChainEmbedder(Scripted(TimeoutError("too late")), "x:1").embed(["a"])


@pytest.mark.parametrize("rows", [[], [[1.0], [2.0]], [[math.nan]], [[math.inf]], [[[1.0]]], [["one"]]], ids=str)
def test_an_answer_that_is_no_vector_a_text_is_refused(rows: list[list[float]]) -> None:
    with pytest.raises(EmbedderUnavailable):
        LangChainEmbedder(Scripted(rows), "x:1").embed(["a"])


def test_empty_text_is_sent_as_a_space() -> None:
    """OpenAI refuses the empty string."""
    inner = Scripted([[1.0]])
    LangChainEmbedder(inner, "x:1").embed([""])
    assert inner.asked == [" "]


def test_it_is_opened_at_the_first_use_and_once() -> None:
    opened: list[int] = []

    def opening() -> Embeddings:
        opened.append(1)
        return Scripted([[1.0, 0.0]])

    embedder = LangChainEmbedder(opening, "x:1")
    assert opened == []
    assert embedder.dimension == 2
    embedder.embed(["a"])
    assert opened == [1]
