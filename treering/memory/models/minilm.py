"""all-MiniLM-L6-v2 on ONNX Runtime: the default embedder, without PyTorch."""

from __future__ import annotations

import os
import threading
import weakref
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.models import minilm_files
from treering.memory.models.encodable import encodable
from treering.pausing import CollectorPaused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

    from treering.memory.retrieval.vector import Vector

DIMENSION = 384

MAX_TOKENS = 256
"""Where sentence-transformers cuts for this model, [CLS] and [SEP] included."""

MAX_CHARS = MAX_TOKENS * 100
"""Characters that are tokenised at most: a WordPiece token has at most 100. So 256 KiB cost no more than 25."""

BATCH_TEXTS = 16
"""Texts of equal length that run at once: 8 to 32 are equally fast on two cores, and more need more memory."""

MAX_THREADS = 4
"""Threads of a session: one sentence is too little work for more."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class _Model:
    tokenizer: Tokenizer
    session: InferenceSession


class MiniLMEmbedder:
    """all-MiniLM-L6-v2 in fp32: 384 dimensions, English, up to 256 tokens of a text.

    The graph is built once from the published weights (1-2 s), cached in `cache_dir`, and loaded at the first use
    (70 ms). A text has the same vector to the last bit, alone or in any batch: only texts of equal length in tokens
    run together, so nothing is padded. Safe to share between threads, and to use on both sides of a fork.

    Args:
        cache_dir: Folder for the graph (90 MB); made when needed.
        model_dir: Folder with `model.safetensors` and `tokenizer.json`; by default that of the installed package.
        threads: Threads that one text may use; by default the cores this process may run on, four at most.
        is_brief: Only a few texts will be embedded: the model loads in a third of the processor time, and then each
            text takes twice as long. Vectors differ by some 1e-7.

    Example:
        >>> from pathlib import Path
        >>> MiniLMEmbedder(Path(".treering/cache")).dimension
        384
    """

    def __init__(
        self, cache_dir: Path, *, model_dir: Path | None = None, threads: int | None = None, is_brief: bool = False
    ) -> None:
        self._cache_dir = cache_dir
        self._model_dir = model_dir
        self._threads = threads or min(_cores(), MAX_THREADS)
        self._is_brief = is_brief
        self._model: _Model | None = None
        self._lock = threading.Lock()
        _embedders.add(self)

    @property
    def fingerprint(self) -> str:
        """Model, weights, pooling and cut."""
        return f"{minilm_files.NAME}:{minilm_files.WEIGHTS_SHA256[:12]}:mean:{MAX_TOKENS}"

    @property
    def dimension(self) -> int:
        """384."""
        return DIMENSION

    def embed(self, texts: Sequence[str]) -> Vector:
        """One unit vector a text: float32, shape (len(texts), 384).

        Raises:
            MissingExtra: ONNX Runtime, the tokenizer or the weights are not installed.
            EmbedderUnavailable: The weights are not the published ones, or cannot be run here.
            StoreReadOnly, StoreFull: The graph cannot be cached.
        """
        vectors = np.empty((len(texts), DIMENSION), np.float32)
        if not texts:
            return vectors
        model = self._load()
        ids = [model.tokenizer.encode(encodable(text[:MAX_CHARS])).ids for text in texts]
        for places in _equally_long(ids):
            batch = np.array([ids[place] for place in places], np.int64)
            vectors[places] = model.session.run(["vectors"], {"ids": batch})[0]
        return vectors

    @property
    def is_loaded(self) -> bool:
        """Whether the next text is embedded at once."""
        return self._model is not None

    def let_go(self) -> None:
        """Free the model, once nobody uses it; it is loaded again when it is needed."""
        self._model = None

    def _load(self) -> _Model:
        with self._lock:
            model = self._model
            if model is None:
                with CollectorPaused():  # ONNX Runtime brings modules along, and the tokenizer its vocabulary
                    model = self._model = self._open()
            return model

    def _open(self) -> _Model:
        minilm_files.require("onnxruntime", "tokenizers")
        model_dir = self._model_dir or minilm_files.packaged_model()
        tokenizer = _open_tokenizer(model_dir)
        session = minilm_files.open_session(model_dir, self._cache_dir, threads=self._threads, packs=not self._is_brief)
        model = _Model(tokenizer, session)
        _models.append(weakref.ref(model, _models.remove))
        return model

    def _start_anew(self) -> None:
        """Forget the model of the parent process: the threads of its session are not in this one."""
        self._lock = threading.Lock()
        self._model = None


_embedders: weakref.WeakSet[MiniLMEmbedder] = weakref.WeakSet()
_models: list[weakref.ref[_Model]] = []
_at_forks: list[list[_Model | None]] = []
"""All models of the process while it forks, for each thread that does. The child holds them for ever: their destructor
would wait for threads that are not there. Those that are garbage as well, as the collector may run before any line of
ours does."""


def _before_fork() -> None:
    _at_forks.append([model() for model in tuple(_models)])


def _after_fork() -> None:
    for embedder in _embedders:
        embedder._start_anew()  # noqa: SLF001 - its own module


os.register_at_fork(before=_before_fork, after_in_parent=_at_forks.pop, after_in_child=_after_fork)


def _cores() -> int:
    """Cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _open_tokenizer(model_dir: Path) -> Tokenizer:
    from tokenizers import Tokenizer  # noqa: PLC0415 - only who embeds shall pay for it

    tokenizer = Tokenizer.from_file(str(model_dir / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _equally_long(ids: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of token lists of one length, at most `BATCH_TEXTS` together."""
    places: dict[int, list[int]] = defaultdict(list)
    for place, tokens in enumerate(ids):
        places[len(tokens)].append(place)
    for group in places.values():
        for start in range(0, len(group), BATCH_TEXTS):
            yield group[start : start + BATCH_TEXTS]
