"""What the relation head sees of an older claim and a newer one: their vectors, and signs in their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from treering.memory.listeners.cessation import ending
from treering.memory.listeners.polarity import is_negative, shared, specifics, topic
from treering.memory.listeners.verbs import is_past

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from treering.memory.ports import Vector

RELATIONS = ("same", "refines", "contradicts", "ends", "unrelated")
"""How a newer claim stands to an older one, in the order of the head's classes."""
SIGNS = (
    "cosine", "cosine_squared", "old_negative", "new_negative", "flip", "shared_topic", "jaccard", "new_in_old",
    "old_in_new", "names_differ", "names_added", "names_kept", "new_ends", "ended_topic", "old_past", "new_past",
    "longer", "same_verb", "flip_shared", "near_end", "no_topic",
)  # fmt: skip
"""Signs, in order; each between -1 and 1."""
DENSE_SCALE = 4.0
"""By which products and differences of vectors are raised, so that one weight decay fits them and the signs."""


def signs(old: str, new: str, cosine: float) -> list[float]:
    """The signs of one pair, in the order of `SIGNS`.

    Example:
        >>> found = dict(zip(SIGNS, signs("loves jazz", "can't stand jazz", 0.6), strict=True))
        >>> found["flip"], found["shared_topic"], found["names_differ"]
        (1.0, 1.0, 0.0)
    """
    old_topic, new_topic = topic(old), topic(new)
    both = len(old_topic & new_topic)
    overlap = shared(old_topic, new_topic)
    old_names, new_names = specifics(f"x {old}"), specifics(f"x {new}")
    flip = float(is_negative(old) != is_negative(new))
    over = ending(new)
    ended = shared(topic(over.former), old_topic) if over is not None else 0.0
    ends = _ends(new)
    old_words, new_words = old.lower().split(), new.lower().split()
    return [
        cosine,
        cosine * cosine,
        float(is_negative(old)),
        float(is_negative(new)),
        flip,
        overlap,
        both / max(len(old_topic | new_topic), 1),
        both / max(len(new_topic), 1),
        both / max(len(old_topic), 1),
        float(bool(old_names and new_names) and not old_names & new_names),
        float(bool(new_names - old_names)),
        float(bool(old_names & new_names)),
        ends,
        ended,
        float(is_past(old_words[0])) if old_words else 0.0,
        float(is_past(new_words[0])) if new_words else 0.0,
        float(np.clip((len(new_words) - len(old_words)) / 8, -1, 1)),
        float(old_words[:1] == new_words[:1]),
        flip * overlap,
        ends * cosine,
        float(not old_topic or not new_topic),
    ]


def _ends(new: str) -> float:
    """1 where the claim says that something is over; 0.3 for a bare negation; else 0."""
    over = ending(new)
    if new.startswith("no longer ") or (over is not None and over.is_sure):
        return 1.0
    return 0.3 if over is not None else 0.0


def pair_features(
    old: Sequence[str], new: Sequence[str], old_vectors: Vector, new_vectors: Vector
) -> NDArray[np.float32]:
    """Shape (pairs, len(SIGNS) + 2 * dimension): signs, differences and products.

    Args:
        old: The older claims.
        new: The newer ones, as many.
        old_vectors: Unit vectors of the older claims, shape (pairs, dimension).
        new_vectors: Those of the newer ones.
    """
    products = old_vectors * new_vectors
    cosines = products.sum(axis=1)
    by_words = np.array(
        [signs(first, second, float(c)) for first, second, c in zip(old, new, cosines, strict=True)], np.float32
    ).reshape(len(old), len(SIGNS))
    dense = DENSE_SCALE * np.concatenate([np.abs(old_vectors - new_vectors), products], axis=1)
    found: NDArray[np.float32] = np.concatenate([by_words, dense], axis=1, dtype=np.float32)
    return found
