"""Plain retrieval over single turns: BM25, dense, their fusion, and a linear blend. The floors to be above."""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from treering.bench.systems.port import Context, Stats, filled
from treering.memory.models.tokens import RegexTokenCounter
from treering.memory.retrieval.bm25 import Bm25
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from treering.bench.samples import Question, SaidTurn
    from treering.memory.ports import Embedder, Vector

RRF_K = 60
"""The constant of reciprocal rank fusion (Cormack et al. 2009)."""

SPEAKER_BONUS = 0.5
"""What a turn gains where the question names its speaker and nobody else, beside four lists that count up to 1."""

CONTEXT_CANDIDATES = 100
"""Best turns from which a context is filled."""


class PlainRetriever(ABC):
    """Ranks single turns, `speaker: text`, by one score. Turns of equal score keep their order."""

    mode: str

    def __init__(self, embedder: Embedder | None = None) -> None:
        self._embedder = embedder
        self._count = RegexTokenCounter().count
        self.reset("")

    @property
    def embedder(self) -> str:
        """The fingerprint of the embedder, where there is one."""
        return self._embedder.fingerprint if self._embedder else ""

    def reset(self, person: str) -> None:
        """Forget all turns."""
        del person
        self._turns: list[SaidTurn] = []
        self._texts = Texts(self._embedder)

    def ingest(self, turns: Sequence[SaidTurn]) -> None:
        """Keep turns for `flush`."""
        self._turns += turns

    def flush(self, *, is_over: bool) -> None:
        """Embed what is new, and count its words."""
        del is_over
        self._texts.hold([turn.line for turn in self._turns])

    def search(self, question: Question, limit: int) -> tuple[str, ...]:
        """The turns of the highest score."""
        order = np.argsort(-self._scores(question), kind="stable")
        return tuple(self._turns[row].id for row in order[:limit])

    def recall(self, question: Question) -> Context:
        """The best turns, with their dates."""
        lines = {turn.id: f"{turn.at:%Y-%m-%d} {turn.line}" for turn in self._turns}
        return filled(self.search(question, CONTEXT_CANDIDATES), lines, self._count)

    def stats(self) -> Stats:
        """What is held for searching."""
        return Stats(memory_bytes=self._texts.nbytes)

    def close(self) -> None:
        """Forget all turns."""
        self.reset("")

    @abstractmethod
    def _scores(self, question: Question) -> NDArray[np.float64]:
        """The score of every turn."""


class Bm25Retriever(PlainRetriever):
    """BM25 alone."""

    mode = "bm25"

    def _scores(self, question: Question) -> NDArray[np.float64]:
        return self._texts.sparse(question.text)


class DenseRetriever(PlainRetriever):
    """Cosine alone."""

    mode = "dense"

    def _scores(self, question: Question) -> NDArray[np.float64]:
        return self._texts.dense(question.text)


class RankFusion(PlainRetriever):
    """Reciprocal rank fusion of the two."""

    mode = "dense + bm25, rank fusion"

    def _scores(self, question: Question) -> NDArray[np.float64]:
        lists = (self._texts.dense(question.text), self._texts.sparse(question.text))
        return sum((1 / (RRF_K + 1 + _ranks(scores)) for scores in lists), np.zeros(len(self._turns)))


class LinearBlend(PlainRetriever):
    """The sum of both over turns and over windows of three turns, each scaled to 0..1, and a bonus for the speaker."""

    mode = "dense + bm25, over turns and windows, linear"

    def reset(self, person: str) -> None:
        """Forget all turns."""
        super().reset(person)
        self._windows = Texts(self._embedder)

    def stats(self) -> Stats:
        """What is held for searching, windows included."""
        return Stats(memory_bytes=self._texts.nbytes + self._windows.nbytes)

    def flush(self, *, is_over: bool) -> None:
        """Embed also each turn with its neighbours."""
        super().flush(is_over=is_over)
        self._windows.hold(_windows(self._turns))

    def _scores(self, question: Question) -> NDArray[np.float64]:
        asked = question.text
        named = {turn.speaker for turn in self._turns if turn.speaker.lower() in asked.lower()}
        bonus = np.array([SPEAKER_BONUS if {turn.speaker} == named else 0.0 for turn in self._turns])
        lists = (one for texts in (self._texts, self._windows) for one in (texts.dense(asked), texts.sparse(asked)))
        return sum((_scaled(scores) for scores in lists), bonus)


class Texts:
    """Texts that are searched by cosine and by BM25; each is embedded once."""

    def __init__(self, embedder: Embedder | None) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vector] = {}
        self.hold([])

    def hold(self, texts: Sequence[str]) -> None:
        """Search these from now on."""
        counts = [terms(text) for text in texts]
        self._bm25 = Bm25()
        self._bm25.add(
            np.array([term for one in counts for term in one], np.uint32),
            np.array([count for one in counts for count in one.values()], np.float32),
            np.array([len(one) for one in counts], np.int64),
        )
        if self._embedder is None:
            return
        new = list(dict.fromkeys(text for text in texts if text not in self._vectors))
        self._vectors |= dict(zip(new, self._embedder.embed(new), strict=True))
        empty = np.empty((0, self._embedder.dimension), np.float32)
        self._matrix = np.stack([self._vectors[text] for text in texts]) if texts else empty

    @property
    def nbytes(self) -> int:
        """Memory held for searching, in bytes; of vectors those alone that are searched now."""
        return self._bm25.nbytes + (0 if self._embedder is None else self._matrix.nbytes)

    def sparse(self, query: str) -> NDArray[np.float64]:
        """BM25 of every text."""
        return self._bm25.of(terms(query))

    def dense(self, query: str) -> NDArray[np.float64]:
        """The cosine of every text."""
        if self._embedder is None:
            raise TypeError("there is no embedder")
        return dots(self._matrix, self._embedder.embed([query])[0]).astype(np.float64)


def _windows(turns: Sequence[SaidTurn]) -> list[str]:
    """Each turn with the one before and after it in its session."""
    windows: list[str] = []
    for _, group in groupby(turns, key=lambda turn: turn.session):
        lines = [turn.line for turn in group]
        windows += ["\n".join(lines[max(0, place - 1) : place + 2]) for place in range(len(lines))]
    return windows


def _ranks(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    ranks = np.empty(len(scores))
    ranks[np.argsort(-scores, kind="stable")] = np.arange(len(scores))
    return ranks


def _scaled(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(scores):
        return scores
    low, high = scores.min(), scores.max()
    scaled: NDArray[np.float64] = (scores - low) / (high - low + 1e-9)
    return scaled
