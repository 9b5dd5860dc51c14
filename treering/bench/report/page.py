"""Puts the numbers of a run on a page. All text is escaped; the page loads nothing and runs nothing."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from treering.bench.report.plots import accuracy_bars, accuracy_by_latency, accuracy_by_tokens
from treering.bench.results import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.bench.results import Results

COLUMNS = (
    ("accuracy", "accuracy"),
    ("uplift", "above none"),
    ("accuracy_where_control_fails", "where none fails"),
    ("context_recall", "gold in context"),
    ("stale", "stale"),
    ("forget_compliance", "forgot what it should"),
    ("context_tokens", "tokens"),
    ("p50_ms", "ms, p50"),
    ("p95_ms", "ms, p95"),
    ("turns_per_s", "turns/s"),
    ("unreadable", "unreadable"),
)
"""Metrics in the order of their columns; those that no system has are left out."""

_TYPE = "accuracy:"
_SHADES = 5


def page(results: Results, control: str) -> str:
    """The page of a run.

    Args:
        results: Its numbers.
        control: The system without memory.
    """
    rows = results.systems
    settings = results.manifest.settings
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (resources.files("treering.bench.report") / "page.html").read_text("utf-8")
    )
    return template.render(
        title=f"{results.suite}: {settings.get('questions', '?')} questions with options",
        answered=f"Answered by {settings.get('answerer', 'nobody')}.",
        rows=rows,
        columns=[(metric, name) for metric, name in COLUMNS if any(metric in row for row in rows.values())],
        types=_types(rows),
        figures=_figures(rows, control),
        circumstances=_circumstances(results),
        cell=shown,
        shade=_shade,
    )


def _types(rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    names = {name for row in rows.values() for name in row if name.startswith(_TYPE) and not name.endswith("_se")}
    return sorted(name.removeprefix(_TYPE) for name in names)


def _figures(rows: Mapping[str, Mapping[str, float]], control: str) -> list[dict[str, str | Markup]]:
    if not any("accuracy" in row for row in rows.values()):
        return []
    drawn = (
        (accuracy_bars, "How often each system is right."),
        (accuracy_by_tokens, "What a context costs in tokens, and what it is worth."),
        (accuracy_by_latency, "How long one waits for a context, and what it is worth."),
    )
    # matplotlib escapes the names that it writes
    return [{"svg": Markup(draw(rows, control)), "caption": caption} for draw, caption in drawn]  # noqa: S704


def _circumstances(results: Results) -> list[tuple[str, str]]:
    known = results.manifest
    versions = ", ".join(f"{name} {version}" for name, version in known.versions.items())
    return [
        *((name.replace("_", " "), str(value)) for name, value in known.settings.items()),
        ("machine", f"{known.machine}, {known.cores} cores, Python {known.python}"),
        ("versions", versions),
    ]


def _shade(row: Mapping[str, float], kind: str) -> int:
    """How dark a cell is, in steps of five from 0 to 100."""
    return round(100 * row.get(_TYPE + kind, 0.0) / _SHADES) * _SHADES
