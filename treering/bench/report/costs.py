"""Pictures of what it costs to be that good: tokens, waiting, and waiting when histories grow."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from treering.bench.report.canvas import OTHERS, apart, blank, colour, svg
from treering.bench.score import MILLISECONDS, TURNS_BEFORE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from matplotlib.axes import Axes

    from treering.bench.results import QuestionMarks

STEPS = 8
"""Points of a line, at most; each is the median of as many questions as the others."""

_LABEL_GAP = 0.055
"""How far labels stand from each other, by the height of the picture."""

_LABEL_REACH = 0.2
"""How long they are, by its width."""


def by_tokens(rows: Mapping[str, Mapping[str, float]], main: str, control: str) -> str:
    """A point a system: what its context costs, and what it is worth."""
    return _cloud(rows, main, control, "context_tokens", "tokens in the context, on average; steps of ten", linear=10)


def by_latency(rows: Mapping[str, Mapping[str, float]], main: str, control: str) -> str:
    """A point a system: how long one waits for it, and what it is worth."""
    return _cloud(rows, main, control, "p50_ms", "milliseconds of waiting, median; steps of ten", linear=1)


def by_speed(rows: Mapping[str, Mapping[str, float]], main: str, control: str) -> str:
    """A point a system: how many turns it takes in, in a second, and what it is worth; who reads nothing has none."""
    reading = {name: row for name, row in rows.items() if row.get("context_tokens")}
    label = "turns taken in, in a second, until they can be found; steps of ten"
    return _cloud(reading, main, control, "turns_per_s", label, linear=10)


def latency_by_length(marks: Mapping[str, Sequence[QuestionMarks]], control: str) -> str:
    """A line a system: how long one waits, by how much was said before; the last of each line is its name."""
    figure, axes = blank(3.6)
    ends = []
    for name, some in marks.items():
        points = list(_medians(some))
        if points:
            axes.plot(*zip(*points, strict=True), "o-", color=colour(name, control), linewidth=1.5, markersize=4)
            ends.append((name, *points[-1]))
    axes.set_yscale("log")
    axes.set_xlabel("turns said before the question")
    axes.set_ylabel("milliseconds, median")
    _label(axes, ends, control)
    axes.margins(x=0.16)
    return svg(figure, "milliseconds by turns said before")


def has_lengths(marks: Mapping[str, Sequence[QuestionMarks]]) -> bool:
    """Whether there is a line to draw: what is known of time and length, at two lengths or more."""
    return any(len(list(_medians(some))) > 1 for some in marks.values())


def _medians(marks: Sequence[QuestionMarks]) -> Iterator[tuple[float, float]]:
    """Turns and milliseconds, in groups of questions of about the same length; who reads nothing has none."""
    known = sorted(
        (one.values[TURNS_BEFORE], one.values[MILLISECONDS])
        for one in marks
        if TURNS_BEFORE in one.values and MILLISECONDS in one.values and one.values.get("context_tokens", 1)
    )
    steps = min(STEPS, len({turns for turns, _ in known}))
    for group in np.array_split(np.array(known), steps) if steps else ():
        yield median(group[:, 0]), median(group[:, 1])


def _cloud(
    rows: Mapping[str, Mapping[str, float]], main: str, control: str, cost: str, label: str, *, linear: float
) -> str:
    figure, axes = blank(3.6)
    ends = []
    for name, row in rows.items():
        if main in row and cost in row:
            x, y, error = row[cost], row[main], row.get(f"{main}_se", 0.0)
            axes.errorbar(x, y, yerr=error, fmt="o", color=colour(name, control), ecolor=OTHERS, capsize=3)
            ends.append((name, x, y))
    axes.set_xscale("symlog", linthresh=linear)
    axes.set_xlim(left=0)
    axes.margins(x=0.12)
    axes.set_ylabel(main)
    axes.set_xlabel(label)
    _label(axes, ends, control)
    return svg(figure, f"{main} by {label}")


def _label(axes: Axes, ends: Sequence[tuple[str, float, float]], control: str) -> None:
    """Names beside points, no two of them over each other."""
    if not ends:
        return
    to_screen, to_axes = axes.transData, axes.transAxes.inverted()
    points = (to_axes.transform(to_screen.transform((x, y))) for _, x, y in ends)
    spots = [(float(right), float(high)) for right, high in points]
    heights = apart(spots, _LABEL_GAP, _LABEL_REACH)
    for (name, _, _), spot, height in zip(ends, spots, heights, strict=True):
        axes.annotate(
            name,
            (spot[0], height),
            xycoords="axes fraction",
            xytext=(7, 0),
            textcoords="offset points",
            fontsize=9,
            va="center",
            color=colour(name, control),
        )
