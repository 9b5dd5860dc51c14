"""How good a head is on sentences that it has not seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Chances = NDArray[np.floating]
    Labels = NDArray[np.int64]

BINS = 10
"""Bins of the calibration error, each a tenth of the chances wide."""


def accuracy(chances: Chances, labels: Labels) -> float:
    """Share of examples whose likeliest class is the right one."""
    return float(np.mean(chances.argmax(axis=1) == labels)) if len(labels) else 0.0


def macro_f1(chances: Chances, labels: Labels) -> float:
    """Mean F1 over the classes that occur, each with the same say.

    Example:
        >>> round(macro_f1(np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]), np.array([0, 1, 1])), 3)
        0.667
    """
    said = chances.argmax(axis=1)
    scores = []
    for one in np.unique(labels):
        right = int(np.sum((said == one) & (labels == one)))
        scores.append(2 * right / max(int(np.sum(said == one) + np.sum(labels == one)), 1))
    return float(np.mean(scores)) if scores else 0.0


def calibration_error(chances: Chances, labels: Labels) -> float:
    """Expected calibration error (Guo et al. 2017): mean distance of confidence and accuracy over ten bins."""
    sure, right = chances.max(axis=1), chances.argmax(axis=1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    parts = [abs(right[bins == b].mean() - sure[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins)]
    return float(sum(parts))


def confusion(chances: Chances, labels: Labels, classes: int) -> NDArray[np.int64]:
    """How often each class (row) was taken for each (column), shape (classes, classes)."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (labels, chances.argmax(axis=1)), 1)
    return counts


def worst(counts: NDArray[np.int64], names: Sequence[str], limit: int) -> list[tuple[str, str, int]]:
    """The most frequent confusions: the right class, what was said, how often; most frequent first."""
    wrong = counts.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    rows, columns = np.unravel_index(order, wrong.shape)
    return [
        (names[row], names[column], int(wrong[row, column]))
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if wrong[row, column]
    ]
