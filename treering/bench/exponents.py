"""How a cost grows with size: the exponent of a power law, with its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_POINTS = 3
"""Sizes from which an exponent has a standard error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLaw:
    """`cost = factor * size ** exponent`."""

    exponent: float
    """0: size does not matter; 1: twice the size costs twice as much."""
    exponent_se: float
    """Its standard error, of the scatter around the line."""
    factor: float
    """What size 1 would cost, by the line."""

    def at(self, size: float) -> float:
        """The cost of a size, by the line."""
        return float(self.factor * size**self.exponent)


def fitted(sizes: Sequence[float], costs: Sequence[float]) -> PowerLaw | None:
    """The power law by least squares of the logarithms; None where too few sizes have a cost above nothing.

    Args:
        sizes: Each above 0; one may come several times.
        costs: What each cost. One that is not above 0 was too small to be measured, and is left out.

    Example:
        >>> law = fitted([10, 100, 1000], [3, 30, 300])
        >>> law and (round(law.exponent, 3), round(law.factor, 3))
        (1.0, 0.3)
    """
    known = [(size, cost) for size, cost in zip(sizes, costs, strict=True) if cost > 0]
    if len({size for size, _ in known}) < LEAST_POINTS:
        return None
    x, y = np.log(np.array(known, np.float64)).T
    about = x - x.mean()
    spread = float(about @ about)
    exponent = float(about @ y) / spread
    residuals = y - y.mean() - exponent * about
    scatter = float(residuals @ residuals) / (len(known) - 2)
    return PowerLaw(
        exponent=exponent,
        exponent_se=(scatter / spread) ** 0.5,
        factor=float(np.exp(y.mean() - exponent * x.mean())),
    )
