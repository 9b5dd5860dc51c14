"""Finds the slots of a window by sentence vectors, where no model is asked for them or none can be understood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.listeners.model_evidence import sentences, user_turns
from treering.memory.listeners.vectors import TextVectors

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.listeners.routing import NearestSlots
    from treering.memory.ports import Embedder
    from treering.schemas.listening import Window

NEAREST = 24
"""Slots that a window is given: they hold .93 of the claims that the local listener hears in 78 windows of PersonaMem
(6 turns, 15 sentences of the user each); 12 hold .84, 32 .97."""

MAX_SENTENCES = 64
"""Most sentences of a window that are embedded; more is a pasted text."""


class MeaningRouter:
    """The slots that a window's sentences are nearest to. Knows the languages that the embedder knows."""

    def __init__(self, embedder: Embedder, slots: Callable[[], NearestSlots]) -> None:
        """Args: what embeds sentences, and the slots' vectors by the same embedder, made when first needed."""
        self._vectors = TextVectors(embedder)
        self._slots = slots

    def alike(self, window: Window, texts: Sequence[str]) -> list[float]:
        """How near each text is to the nearest of the user's sentences: cosines."""
        said = _sentences(window)
        if not said or not texts:
            return [0.0] * len(texts)
        nearest: list[float] = (self._vectors.of(texts) @ self._vectors.of(said).T).max(axis=1).tolist()
        return nearest

    def paths(self, window: Window, limit: int = NEAREST) -> tuple[str, ...]:
        """The best slots, best first; a slot counts by the sentence that is nearest to it."""
        said = _sentences(window)
        if not said:
            return ()
        best: dict[str, float] = {}
        for ranked in self._slots().nearest(self._vectors.of(said), limit):
            for path, score in ranked:
                best[path] = max(score, best.get(path, -1.0))
        return tuple(sorted(best, key=lambda path: -best[path])[:limit])


def _sentences(window: Window) -> list[str]:
    return [sentence for turn in user_turns(window) for sentence in sentences(turn.content)][:MAX_SENTENCES]
