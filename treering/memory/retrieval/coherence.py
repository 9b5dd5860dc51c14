"""How far two turns are of one subject, from sketches of their vectors: whole numbers, so that no last bit moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from treering.memory.retrieval.vector import Vector

ONE_SUBJECT: Final = 0.25
"""Cosine from which what was said beside a turn counts in full; below, in proportion.

In the talk of one exchange neighbours are seldom below it (LoCoMo, RealMem: what is found hardly moves), and where the
subject changes from one exchange to the next they mostly are.
"""

_MOST = np.float32(127)

LEAST: Final = 0.1
"""What it counts in any case: an embedder that goes by words sees nothing in common in a question and "In Genoa!"."""

Sketch = NDArray[np.int8]
"""The direction of a vector, one byte a number, shape (dimension,), or one a row."""


def sketch_of(dense: Vector) -> Sketch:
    """The sketch of each vector, of the same shape. Products of sketches are exact in whatever order they are added.

    Example:
        >>> sketch_of(np.array([0.25, -0.5, 0.0], np.float32)).tolist()
        [64, -127, 0]
    """
    largest = np.abs(dense).max(axis=-1, keepdims=True, initial=np.finfo(np.float32).tiny)
    sketch: Sketch = np.rint(dense / largest * _MOST).astype(np.int8)
    return sketch


def coherences(ones: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each of these is of one subject with the one in the same row of `others`: `LEAST` to 1, shape (rows,).

    Args:
        ones: Sketches, or sums of them, as whole numbers, shape (rows, dimension). One without a direction is of no
            subject of its own.
        others: Likewise.

    Example:
        >>> coherences(np.array([[9.0, 0.0], [9.0, 1.0]]), np.array([[5.0, 5.0], [-1.0, 9.0]]))
        array([1. , 0.1])
    """
    products = np.einsum("ij,ij->i", ones, others)
    lengths = np.sqrt(np.einsum("ij,ij->i", ones, ones) * np.einsum("ij,ij->i", others, others))
    cosines = np.divide(products, lengths, out=np.ones_like(products), where=lengths > 0)
    found: NDArray[np.float64] = np.clip(cosines / ONE_SUBJECT, LEAST, 1.0)
    return found
