"""A cross-encoder of the sentence-transformers library: reads a question and a text together."""

from __future__ import annotations

import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol, Self

from treering.errors import EmbedderUnavailable, MissingExtra
from treering.memory.models.encodable import encodable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentence_transformers import CrossEncoder


class CrossEncoderReranker:
    """Scores from a cross-encoder, loaded at the first use.

    Some 20 pairs cost as much as embedding a few hundred texts, so only the best turns are read this way.

    Args:
        model: Name on the Hugging Face hub, e.g. `cross-encoder/ms-marco-MiniLM-L6-v2`, or the folder of a model. It
            must have one output, a logit.
    """

    def __init__(self, model: str) -> None:
        self._name = model
        self._model: CrossEncoder | None = None
        self._lock = threading.Lock()

    def rerank(self, question: str, texts: Sequence[str]) -> list[float]:
        """How well each text answers the question: 0 to 1, in the order of the texts.

        Raises:
            MissingExtra: sentence-transformers is not installed.
            EmbedderUnavailable: The model cannot be loaded, or has more than one output.
        """
        if not texts:
            return []
        asked = encodable(question)
        with self._lock:
            model = self._load()
            pairs = [(asked, encodable(text)) for text in texts]
            scores = model.predict(pairs, show_progress_bar=False, activation_fn=_as_share)
        if scores.ndim != 1:
            raise EmbedderUnavailable(self._name, "it has several outputs; a reranker has one")
        return [float(score) for score in scores]

    def _load(self) -> CrossEncoder:
        if self._model is None:
            self._model = _open(self._name)
        return self._model


def _open(name: str) -> CrossEncoder:
    if find_spec("sentence_transformers") is None:
        raise MissingExtra(f"the reranker {name}", "local", otherwise="or leave TREERING_RERANKER unset")
    from sentence_transformers import CrossEncoder  # noqa: PLC0415 - 5 s, and only who uses it shall pay them

    try:
        return _cached_or_downloaded(CrossEncoder, name)
    except (OSError, ValueError) as error:
        raise EmbedderUnavailable(name, str(error)) from error


def _cached_or_downloaded(library: type[CrossEncoder], name: str) -> CrossEncoder:
    try:
        found: CrossEncoder = library(name, local_files_only=True)
    except (OSError, ValueError):
        found = library(name)
    return found


class _Numbers(Protocol):
    """A tensor."""

    def sigmoid(self) -> Self: ...


def _as_share(logits: _Numbers) -> _Numbers:
    """Whatever the model is set to give out: a logit as a number from 0 to 1."""
    return logits.sigmoid()
