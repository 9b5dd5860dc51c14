"""Pictures of how good systems are: all together, beside a baseline, and by type of question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.report.canvas import CONTROL, GRID, INK, OTHERS, blank, colour, svg

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes
    from matplotlib.container import ErrorbarContainer

    from treering.bench.results import Difference

_BAR = 0.42
"""Inches of height that a system takes."""


def bars(rows: Mapping[str, Mapping[str, float]], main: str, control: str) -> str:
    """A bar a system with its standard error, the best on top, and a line where one is without memory."""
    names = sorted((name for name, row in rows.items() if main in row), key=lambda name: -rows[name][main])
    figure, axes = blank(_BAR * len(names) + 0.9)
    for place, name in enumerate(reversed(names)):
        value, error = rows[name][main], rows[name].get(f"{main}_se", 0.0)
        axes.barh(place, value, xerr=error, color=colour(name, control), ecolor=INK, capsize=3, height=0.62)
        axes.text(value + error + 0.015, place, f"{value:.3f}", color=INK, va="center")
    axes.set_yticks(range(len(names)), list(reversed(names)))
    axes.grid(visible=False, axis="y")
    if main in rows.get(control, {}):
        axes.axvline(rows[control][main], color=CONTROL, linestyle="--", linewidth=1)
    axes.set_xlim(0, 1.08)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.set_xlabel(f"{main}, ± standard error")
    return svg(figure, f"{main} of each system")


def forest(differences: Sequence[Difference], control: str) -> str:
    """A row a system: how far it is above the baseline, with its interval; none is beyond the line in the middle."""
    figure, axes = blank(_BAR * len(differences) + 0.9)
    for place, one in enumerate(reversed(differences)):
        hue = colour(one.system, control)
        if one.low is not None and one.high is not None:
            axes.plot([one.low, one.high], [place, place], color=hue, linewidth=2, solid_capstyle="round")
        axes.plot(one.difference, place, "o", color=hue, markersize=7)
    axes.axvline(0, color=INK, linewidth=1)
    axes.set_yticks(range(len(differences)), [_with_odds(one) for one in reversed(differences)])
    axes.set_ylim(-0.6, len(differences) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{differences[0].metric}, above {differences[0].baseline}, question by question")
    return svg(figure, f"differences to {differences[0].baseline}")


def by_type(rows: Mapping[str, Mapping[str, float]], main: str, shown: Sequence[str], control: str) -> str:
    """A line a type of question: the systems that are `shown` with their errors, all others as a faint dot."""
    types = sorted({name for row in rows.values() for name in row if is_of_type(name, main)}, reverse=True)
    figure, axes = blank(_BAR * len(types) + 1.1)
    for name, row in rows.items():
        known = [place for place, kind in enumerate(types) if kind in row]
        if name not in shown:
            axes.plot([row[types[place]] for place in known], known, "o", color=OTHERS, alpha=0.35, markersize=4)
    for number, name in enumerate(shown):
        shift = 0.18 * (len(shown) - 1) / 2 - 0.18 * number
        dots = _dots(axes, rows[name], types, shift=shift, hue=colour(name, control), marker="osD^"[number % 4])
        dots.set_label(name)
    axes.set_yticks(range(len(types)), [kind.partition(":")[2] for kind in types])
    axes.set_ylim(-0.6, len(types) - 0.4)
    axes.set_xlim(-0.02, 1.02)
    axes.hlines([place + 0.5 for place in range(len(types) - 1)], -0.02, 1.02, color=GRID, linewidth=0.6)
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(f"{main}, ± standard error; faint: the other systems")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(shown), frameon=False, labelcolor=INK)
    return svg(figure, f"{main} by type of question")


def is_of_type(metric: str, main: str) -> bool:
    """Whether a metric is the main one of a type of questions."""
    return metric.startswith(f"{main}:") and not metric.endswith("_se")


def _dots(
    axes: Axes, row: Mapping[str, float], types: Sequence[str], *, shift: float, hue: str, marker: str
) -> ErrorbarContainer:
    known = [place for place, kind in enumerate(types) if kind in row]
    return axes.errorbar(
        [row[types[place]] for place in known],
        [place + shift for place in known],
        xerr=[row.get(f"{types[place]}_se", 0.0) for place in known],
        fmt=marker,
        color=hue,
        ecolor=hue,
        capsize=2,
        markersize=5,
        linewidth=1,
    )


def _with_odds(one: Difference) -> str:
    if one.p is None:
        return one.system
    return f"{one.system}  (p {'< .001' if one.p < 0.001 else f'= {one.p:.3f}'})"  # noqa: PLR2004 - as papers write it
