"""The vectors of a trunk's slots and of their questions, kept on disk so that a warm start embeds nothing."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.questions import SlotRouter, slot_router, texts_to_route
from treering.memory.retrieval.slots import SlotVectors, slot_vectors, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.ports.models import Embedder
    from treering.memory.retrieval.vector import Vector
    from treering.schemas.trunk import Trunk

LENGTH_TOLERANCE = 1e-3
"""How far from one the length of a stored vector may be; anything else is a damaged file."""


def load_slot_vectors(trunk: Trunk, embedder: Embedder, cache_dir: Path) -> SlotVectors:
    """The slots of a trunk by meaning: from the cache, else embedded and cached.

    The file is named by the trunk's content and the embedder, so any change of either makes another one. Several
    processes may write it at once. Where it cannot be written, the vectors are made anew each time.

    Raises:
        TreeringError: The embedder could not embed.
    """
    return slot_vectors(trunk, _load("slots", trunk, texts_of(trunk), embedder, cache_dir))


def load_slot_router(trunk: Trunk, embedder: Embedder, cache_dir: Path) -> SlotRouter:
    """The slots of a trunk by the questions they answer; cached like `load_slot_vectors`, in a file of its own.

    Raises:
        TreeringError: The embedder could not embed.
    """
    return slot_router(trunk, _load("questions", trunk, texts_to_route(trunk), embedder, cache_dir))


def _load(kind: str, trunk: Trunk, texts: Sequence[str], embedder: Embedder, cache_dir: Path) -> Vector:
    path = cache_dir / f"{kind}-{_key(trunk, embedder)}.npy"
    vectors = _read(path, len(texts))
    if vectors is None:
        vectors = embedder.embed(texts)
        with suppress(OSError):  # a cache that cannot be kept costs seconds, an error would cost the service
            _write(path, vectors)
    return vectors


def _key(trunk: Trunk, embedder: Embedder) -> str:
    return hashlib.sha256(f"{trunk.digest}\n{embedder.fingerprint}".encode()).hexdigest()[:32]


def _read(path: Path, texts: int) -> Vector | None:
    """The stored vectors; None if there is no file, or not a whole one."""
    try:
        vectors = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != texts:  # noqa: PLR2004 - a matrix
        return None
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors if np.allclose(lengths, 1, atol=LENGTH_TOLERANCE) else None


def _write(path: Path, vectors: Vector) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".slots-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.save(file, vectors, allow_pickle=False)
        Path(aside).replace(path)
    finally:
        Path(aside).unlink(missing_ok=True)
