"""Multinomial logistic regression with weight decay, by L-BFGS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

MAX_STEPS = 400
"""Most steps of L-BFGS; the slot head needs some 200."""


def fit(features: Matrix, labels: NDArray[np.int64], classes: int, *, decay: float, balance: float = 1.0) -> Matrix:
    """Weights, shape (features + 1, classes), the last row the bias: the minimum of mean log loss + decay * |weights|².

    Args:
        features: Shape (examples, features).
        labels: Class of each example, 0 to classes - 1.
        classes: How many there are.
        decay: Weight of the squared weights (not of the bias), at least 0.
        balance: 1 gives each class the same say, 0 each example.

    Example:
        >>> weights = fit(np.array([[-1.0], [1.0]]), np.array([0, 1]), 2, decay=0.01)
        >>> bool(weights[0, 1] > weights[0, 0])
        True
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - half a second, for fitting alone
    from scipy.special import logsumexp  # noqa: PLC0415 - likewise

    count, width = features.shape
    inputs = np.concatenate([features, np.ones((count, 1))], axis=1)
    sizes = np.bincount(labels, minlength=classes).clip(min=1).astype(np.float64)
    say = (1.0 / sizes**balance)[labels]
    say /= say.sum()
    target = np.zeros((count, classes))
    target[np.arange(count), labels] = 1.0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights = flat.reshape(width + 1, classes)
        scores = inputs @ weights
        logs = scores - logsumexp(scores, axis=1, keepdims=True)
        decayed = weights.copy()
        decayed[-1] = 0.0
        value = -float(say @ logs[np.arange(count), labels]) + decay * float((decayed * decayed).sum())
        slope = inputs.T @ ((np.exp(logs) - target) * say[:, None]) + 2 * decay * decayed
        return value, slope.ravel()

    found = minimize(loss, np.zeros((width + 1) * classes), jac=True, method="L-BFGS-B", options={"maxiter": MAX_STEPS})
    weights: Matrix = found.x.reshape(width + 1, classes)
    return weights
