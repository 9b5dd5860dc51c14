"""The pictures of a report, as SVG."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes

INK = "#33413b"
OURS = "#2f7d4f"
OTHERS = "#8a9691"
CONTROL = "#b4543a"


def accuracy_bars(rows: Mapping[str, Mapping[str, float]], control: str) -> str:
    """A bar a system with its standard error, and a line where one is without memory."""
    names = [name for name, row in rows.items() if "accuracy" in row]
    figure, axes = _blank(0.42 * len(names) + 0.9)
    for place, name in enumerate(reversed(names)):
        row = rows[name]
        error = row.get("accuracy_se", 0.0)
        axes.barh(place, row["accuracy"], xerr=error, color=_colour(name, control), ecolor=INK, capsize=3, height=0.62)
    axes.set_yticks(range(len(names)), list(reversed(names)))
    if control in rows and "accuracy" in rows[control]:
        axes.axvline(rows[control]["accuracy"], color=CONTROL, linestyle="--", linewidth=1)
    axes.set_xlim(0, 1)
    axes.set_xlabel("share of right answers, ± standard error; dashed: without memory")
    return _svg(figure)


def accuracy_by_tokens(rows: Mapping[str, Mapping[str, float]], control: str) -> str:
    """A point a system: what its context costs, and what it is worth."""
    figure = _cloud(rows, control, "context_tokens", "tokens in the context, on average; steps of ten")
    figure.axes[0].set_xscale("symlog", linthresh=10)
    return _svg(figure)


def accuracy_by_latency(rows: Mapping[str, Mapping[str, float]], control: str) -> str:
    """A point a system: how long one waits for its context, and what it is worth."""
    return _svg(_cloud(rows, control, "p50_ms", "milliseconds until the context stands, median"))


def _cloud(rows: Mapping[str, Mapping[str, float]], control: str, cost: str, label: str) -> Figure:
    figure, axes = _blank(3.4)
    named: dict[tuple[float, float], list[str]] = defaultdict(list)
    for name, row in rows.items():
        if "accuracy" in row and cost in row:
            x, y, error = row[cost], row["accuracy"], row.get("accuracy_se", 0.0)
            axes.errorbar(x, y, yerr=error, fmt="o", color=_colour(name, control), ecolor=OTHERS, capsize=3)
            named[round(x, 1), round(y, 2)].append(name)
    for place, names in named.items():
        axes.annotate(", ".join(names), place, xytext=(6, 5), textcoords="offset points", fontsize=9, color=INK)
    axes.set_xlim(left=0)
    axes.set_ylabel("right answers")
    axes.set_xlabel(label)
    return figure


def _blank(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7.2, height), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="both", color="#dfe4e1", linewidth=0.6)
    axes.set_axisbelow(True)
    return figure, axes


def _colour(name: str, control: str) -> str:
    if name == control:
        return CONTROL
    return OURS if name.startswith("treering") else OTHERS


def _svg(figure: Figure) -> str:
    """The figure as an element, with its text as text, and the same bytes for the same numbers."""
    written = io.StringIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "treering", "font.family": "sans-serif"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = written.getvalue()
    return re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
