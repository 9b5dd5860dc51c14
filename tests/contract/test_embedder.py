"""What every embedder promises."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langchain_core.embeddings import DeterministicFakeEmbedding

from treering.memory.models.choose import make_embedder
from treering.memory.models.hashing import HashEmbedder
from treering.memory.models.langchain_embedder import LangChainEmbedder
from treering.memory.models.minilm import MiniLMEmbedder
from treering.memory.models.minilm_files import packaged_model
from treering.memory.models.sentence_transformer import SentenceTransformerEmbedder
from treering.memory.ports import Embedder

BATCH_TOLERANCE = 1e-5
"""Largest change of a number that the company of other texts may cause."""

TEXTS = [
    "I moved to Lisbon.",
    "",
    "   ",
    "Peanuts? Never!",
    "東京に住んでいます。",
    "\U0001f600",
    "a\x00b",
    "\ud800 lone",
    "word " * 3_000,
]

MAKERS: dict[str, Callable[[Path], Embedder]] = {
    "hash": lambda cache: HashEmbedder(),
    "minilm": MiniLMEmbedder,
    "remembering": lambda cache: make_embedder("hash", cache),
    "langchain": lambda cache: LangChainEmbedder(DeterministicFakeEmbedding(size=32), "fake:32"),
    "sentence-transformers": lambda cache: SentenceTransformerEmbedder(str(packaged_model())),
}


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


SLOW = {"sentence-transformers"}  # 5 s to import


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in MAKERS]
)
def embedder(request: pytest.FixtureRequest, cache_dir: Path) -> Embedder:
    if request.param == "sentence-transformers" and importlib.util.find_spec("sentence_transformers") is None:
        pytest.skip("treering[local] is not installed")
    return MAKERS[request.param](cache_dir)


def test_gives_a_unit_float32_vector_for_any_text(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-4)


def test_gives_an_empty_matrix_for_no_texts(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


@settings(max_examples=10)
@given(texts=st.lists(st.text(max_size=40), min_size=1, max_size=5))
def test_a_text_has_the_same_vector_alone_and_in_a_batch(embedder: Embedder, texts: list[str]) -> None:
    together = embedder.embed(texts)
    alone = np.concatenate([embedder.embed([text]) for text in texts])
    assert np.abs(together - alone).max() <= BATCH_TOLERANCE


def test_order_of_the_rows_is_that_of_the_texts(embedder: Embedder) -> None:
    texts = ["tea", "a much longer sentence about trains", "snow"]
    assert np.abs(embedder.embed(texts) - embedder.embed(texts[::-1])[::-1]).max() <= BATCH_TOLERANCE


def test_several_threads_get_what_one_gets(embedder: Embedder) -> None:
    texts = [f"sentence number {n}" for n in range(8)]
    expected = embedder.embed(texts)
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda text: embedder.embed([text])[0], texts))
    assert np.abs(np.stack(rows) - expected).max() <= BATCH_TOLERANCE


def test_its_fingerprint_is_stable_and_its_own(embedder: Embedder, cache_dir: Path) -> None:
    assert embedder.fingerprint == embedder.fingerprint != ""
    others = {make(cache_dir).fingerprint for name, make in MAKERS.items() if name != "remembering"}
    assert len(others) == len(MAKERS) - 1


@pytest.mark.slow
def test_minilm_agrees_with_pytorch(cache_dir: Path) -> None:
    """Cosine of at least 0.99999 between the two implementations, for texts of any length and script."""
    if importlib.util.find_spec("sentence_transformers") is None:
        pytest.skip("treering[local] is not installed")
    reference = SentenceTransformerEmbedder(str(packaged_model()))
    words = "the dog, near lisbon; never PEANUTS again 2024 東京 naïve café — don't! https://x.org immunoglobulin"
    pool = words.split()
    texts = [" ".join(pool[(n * k) % len(pool)] for k in range(n % 37 + n // 190 * 300)) for n in range(0, 200, 3)]
    texts += [text for text in TEXTS if "\ud800" not in text and len(text) < 200]
    cosines = (MiniLMEmbedder(cache_dir).embed(texts) * reference.embed(texts)).sum(axis=1)
    assert cosines.min() >= 0.99999
