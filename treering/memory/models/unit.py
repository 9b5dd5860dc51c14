"""Vectors of length one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from treering.memory.retrieval.vector import Vector


def unit_rows(rows: ArrayLike) -> Vector:
    """The rows as float32, each scaled to length one; a row of zeros becomes the first axis.

    Raises:
        ValueError: The rows are not one matrix of finite numbers.

    Example:
        >>> unit_rows([[3, 4], [0, 0]]).round(2).tolist()
        [[0.6..., 0.8...], [1.0, 0.0]]
    """
    matrix = np.array(rows, np.float32, ndmin=2)
    if matrix.ndim != 2 or not np.isfinite(matrix).all():  # noqa: PLR2004 - a matrix has two axes
        raise ValueError("vectors are not finite numbers of one dimension")
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    matrix[norms[:, 0] == 0, 0] = 1
    norms[norms == 0] = 1
    unit: Vector = (matrix / norms).astype(np.float32, copy=False)
    return unit
