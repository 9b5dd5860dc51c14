"""The type of vectors and matrices of sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""One unit vector, shape (dimension,), or one a row, shape (texts, dimension)."""
