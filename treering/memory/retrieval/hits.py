"""What a search gives back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

EntryKind = Literal["claim", "turn"]
"""What an indexed text is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """The best entries of each list, best first, with the list's own scores."""

    dense: tuple[tuple[str, float], ...] = ()
    """Cosine similarity, -1 to 1."""
    sparse: tuple[tuple[str, float], ...] = ()
    """BM25 with the scope's own document frequencies, 0 and up; entries without a common term are left out."""
