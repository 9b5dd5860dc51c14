"""The picture of `treering bench scale`: what recall costs as people come, and as one of them talks on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.report.canvas import CONTROL, OURS, alone, blank, svg
from treering.bench.scale import OVER

if TYPE_CHECKING:
    from treering.bench.results import Results
    from treering.bench.scale_stores import Axis

LINES: tuple[tuple[Axis, str, str, str, str], ...] = (
    ("passages", "first_cpu_ms", CONTROL, "o-", "first, by the person's passages"),
    ("passages", "hybrid_cpu_ms", CONTROL, "o:", "next, by the person's passages"),
    ("people", "first_cpu_ms", OURS, "o-", "first, by people"),
    ("people", "hybrid_cpu_ms", OURS, "o:", "next, by people"),
)
"""What grows, what it costs, and how that is drawn."""


def growth(results: Results) -> str:
    """An SVG that needs nothing beside it: a line a cost, with its exponent, both axes in steps of ten."""
    figure, axes = blank(4.2)
    for axis, cost, colour, form, name in LINES:
        rows = [row for title, row in results.systems.items() if title.startswith(f"{axis} ")]
        law = results.systems[OVER + axis]
        label = f"{name}: {law[cost]:.2f} ±{law[f'{cost}_se']:.2f}" if cost in law else name
        sizes, costs = [row[axis] for row in rows], [row[cost] for row in rows]
        axes.plot(sizes, costs, form, color=colour, label=label, linewidth=1.5, markersize=4)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("how many; the number behind a name is the exponent, with its standard error")
    axes.set_ylabel("processor milliseconds of a recall")
    axes.legend(frameon=False, fontsize=9)
    return alone(svg(figure, "processor time of recalls by people and by passages"))
