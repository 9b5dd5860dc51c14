"""What the pictures of a report are drawn on: SVG whose colours are those of the page, in daylight and in the dark."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import matplotlib as mpl
from markupsafe import escape
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from matplotlib.axes import Axes

# Drawn as these, and written as variables of the page: each stands for itself in no other place of a picture.
INK = "#33413b"
GRID = "#dfe4e1"
OURS = "#2f7d4f"
OTHERS = "#8a9691"
CONTROL = "#b4543a"

_VARIABLES = {INK: "--ink", GRID: "--line", OURS: "--ours", OTHERS: "--others", CONTROL: "--control"}


def blank(height: float) -> tuple[Figure, Axes]:
    """A figure as wide as the page, and its axes."""
    with _style():
        figure = Figure(figsize=(7.2, height), layout="constrained")
        axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def colour(name: str, control: str) -> str:
    """The colour of a system."""
    if name == control:
        return CONTROL
    return OURS if name.startswith("treering") else OTHERS


def apart(spots: Sequence[tuple[float, float]], gap: float, reach: float) -> list[float]:
    """How high the name of each spot stands: as high as the spot, or so much higher that it is over no other name.

    Args:
        spots: How far to the right, and how high.
        gap: How much higher the next name stands.
        reach: How long names are.

    Example:
        >>> apart([(0.0, 0.1), (0.0, 0.2), (0.9, 0.1)], gap=0.5, reach=0.3)
        [0.1, 0.6, 0.1]
    """
    heights = [high for _, high in spots]
    placed: list[tuple[float, float]] = []
    for number in sorted(range(len(spots)), key=heights.__getitem__):
        right = spots[number][0]
        below = max((height for x, height in placed if abs(x - right) < reach), default=float("-inf"))
        heights[number] = max(heights[number], below + gap)
        placed.append((right, heights[number]))
    return heights


def svg(figure: Figure, described: str) -> str:
    """The figure as an element, with its text as text, and the same bytes for the same numbers.

    Args:
        figure: What was drawn.
        described: What it shows, for who does not see it.
    """
    written = io.StringIO()
    with _style():
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    element = re.sub(r"^.*?(?=<svg)", "", written.getvalue(), count=1, flags=re.DOTALL)
    for drawn, variable in _VARIABLES.items():
        element = element.replace(drawn, f"var({variable})")
    return element.replace("<svg ", f'<svg role="img" aria-label="{escape(described)}" ', 1)


def alone(element: str) -> str:
    """A picture for where no page gives it colours: those of daylight, on white.

    Example:
        >>> alone("<svg width='1'/>").partition(";")[0]
        '<svg style="--ink:#33413b'
    """
    colours = ";".join(f"{variable}:{drawn}" for drawn, variable in _VARIABLES.items())
    return element.replace("<svg ", f'<svg style="{colours};background:#ffffff" ', 1)


def _style() -> AbstractContextManager[None]:
    return mpl.rc_context(
        {
            "svg.fonttype": "none",
            "svg.hashsalt": "treering",
            "font.family": "sans-serif",
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": OTHERS,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
