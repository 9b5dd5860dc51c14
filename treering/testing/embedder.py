"""An embedder for tests."""

from __future__ import annotations

from treering.memory.models.hashing import HashEmbedder

__all__ = ["HashEmbedder"]
