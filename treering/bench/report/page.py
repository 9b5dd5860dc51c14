"""Puts the numbers of a run on a page. All text is escaped; the page loads nothing and runs nothing."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from treering.bench.report.costs import by_latency, by_speed, by_tokens, has_lengths, latency_by_length
from treering.bench.report.scores import bars, by_type, forest, is_of_type
from treering.bench.results import shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from treering.bench.results import Difference, Results

MAIN = ("accuracy", "recall@10", "context_recall")
"""What a page is about: the first of these that was measured."""

COLUMNS = (
    ("accuracy", "accuracy"),
    ("uplift", "above none"),
    ("accuracy_where_control_fails", "where none fails"),
    ("f1", "F1 of words"),
    ("recall@5", "recall@5"),
    ("recall@10", "recall@10"),
    ("recall@20", "recall@20"),
    ("ndcg@10", "nDCG@10"),
    ("context_recall", "gold in context"),
    ("context_precision", "gold of context"),
    ("context_ndcg@10", "in front"),
    ("context_tokens", "tokens"),
    ("p50_ms", "ms, p50"),
    ("p95_ms", "ms, p95"),
    ("ingest_s", "ingest, s"),
    ("turns_per_s", "turns/s"),
)
"""Metrics in the order of their columns; those that no system has are left out."""

MORE_COLUMNS = (
    ("stale", "stale answers"),
    ("context_stale", "over, in contexts"),
    ("held_stale", "over, held"),
    ("forget_compliance", "not answered, when to be forgotten"),
    ("context_forgotten", "forgotten, in contexts"),
    ("held_forgotten", "forgotten, held"),
    ("contradicting", "contradicting claims"),
    ("abstained_rightly", "abstained rightly"),
    ("abstained_wrongly", "wrongly"),
    ("operations_precision", "operations: precision"),
    ("operations_recall", "recall"),
    ("operations_f1", "F1"),
    ("operations_lenient_f1", "F1, by branch"),
    ("unreadable", "unreadable"),
)
"""Those of the table below: what kind of mistakes they are, what stands that should not, what was done."""

COST_COLUMNS = (
    ("ingest_p50_ms", "a session, ms"),
    ("ingest_p95_ms", "p95"),
    ("flush_p50_ms", "until it is found, ms"),
    ("flush_p95_ms", "p95"),
    ("p50_ms", "a context, ms"),
    ("p95_ms", "p95"),
    ("listening_calls", "calls of a model to listen"),
    ("listening_input_tokens", "tokens in"),
    ("listening_output_tokens", "tokens out"),
    ("answer_input_tokens", "tokens of answers, in"),
    ("answer_output_tokens", "out"),
    ("answer_cost", "US dollars of answers"),
    ("disk_bytes", "on disk, MB"),
    ("memory_bytes", "in memory, MB"),
)
"""Those of the table of what it takes."""

_SHADES = 5
_SHOWN = 3
"""Systems that are told apart in the picture of the types."""


def page(results: Results, control: str) -> str:
    """The page of a run.

    Args:
        results: Its numbers.
        control: The system without memory.
    """
    rows = results.systems
    main = next((one for one in MAIN if any(one in row for row in rows.values())), MAIN[0])
    template = Environment(autoescape=True, undefined=StrictUndefined).from_string(
        (resources.files("treering.bench.report") / "page.html").read_text("utf-8")
    )
    return template.render(
        title=f"{results.suite}: {results.manifest.settings.get('questions', '?')} questions",
        answered=_answered(results),
        tiles=list(_tiles(results, main, control)),
        rows=rows,
        main=main,
        tables=[
            {"title": title, "columns": found, "rows": _with_any(rows, found)}
            for title, columns in (
                ("In numbers", COLUMNS),
                ("What kind of mistakes, what stands that should not, and what was done", MORE_COLUMNS),
                ("What it takes", COST_COLUMNS),
            )
            if (found := [one for one in columns if any(one[0] in row for row in rows.values())])
        ],
        types=_types(rows, main),
        figures=list(_figures(results, main, control)),
        circumstances=_circumstances(results),
        cell=shown,
        shade=_shade,
    )


def _with_any(
    rows: Mapping[str, Mapping[str, float]], columns: Sequence[tuple[str, str]]
) -> dict[str, Mapping[str, float]]:
    """The systems that have a number for some column."""
    return {name: row for name, row in rows.items() if any(metric in row for metric, _ in columns)}


def _answered(results: Results) -> str:
    who = results.manifest.settings.get("answerer")
    if who is None:
        return "Whether a search finds the turns that hold the answer; nobody answers."
    return "Nobody answered: contexts alone." if who == "none" else f"Answered by {who}."


def _tiles(results: Results, main: str, control: str) -> Iterator[tuple[str, str, str]]:
    """What is to be seen first: a number, what it is of, and what there is to say of it."""
    rows = {name: row for name, row in results.systems.items() if main in row}
    if not rows:
        return
    ours = next((name for name in rows if name.startswith("treering")), max(rows, key=lambda name: rows[name][main]))
    row = rows[ours]
    yield f"{row[main]:.3f}", f"{main} of {ours}", f"± {row[f'{main}_se']:.3f}" if f"{main}_se" in row else ""
    beside = next((one for one in results.differences if one.system == ours), None)
    if beside is not None:
        yield f"{beside.difference:+.3f}", f"above {beside.baseline}", _certainty(beside)
    if control in rows and control != ours:
        yield f"{rows[control][main]:.3f}", "without any memory", "what the questions give away"
    if "context_tokens" in row and "p50_ms" in row:
        yield f"{row['context_tokens']:,.0f}", "tokens in its context", f"after {row['p50_ms']:,.1f} ms, median"


def _certainty(one: Difference) -> str:
    if one.low is None or one.high is None:
        return "of a single history"
    return f"95 % between {one.low:+.3f} and {one.high:+.3f}"


def _types(rows: Mapping[str, Mapping[str, float]], main: str) -> list[str]:
    return sorted({name.partition(":")[2] for row in rows.values() for name in row if is_of_type(name, main)})


def _figures(results: Results, main: str, control: str) -> Iterator[dict[str, str | Markup | bool]]:
    rows = results.systems
    if not any(main in row for row in rows.values()):
        return
    yield _figure(
        bars(rows, main, control),
        "How good each system is." + (" Dashed: without memory." if main in rows.get(control, {}) else ""),
    )
    if results.differences:
        told = f"How far each is above {results.differences[0].baseline}, with 95 % intervals of the paired bootstrap."
        yield _figure(forest(results.differences, control), told)
    yield _figure(by_tokens(rows, main, control), "What a context costs in tokens, and what it is worth.")
    yield _figure(by_latency(rows, main, control), "How long one waits, and what it is worth.")
    yield _figure(by_speed(rows, main, control), "How fast it takes in what is said, and what that is worth.")
    if has_lengths(results.marks):
        yield _figure(latency_by_length(results.marks, control), "How long one waits when more was said before.")
    if _types(rows, main):
        best = sorted((name for name, row in rows.items() if main in row), key=lambda name: -rows[name][main])
        ours = [name for name in best if name.startswith("treering")][:1]
        beside = [*ours, *(name for name in best if name not in ours and name != control)][: _SHOWN - 1]
        beside += [control] if control in best else []
        yield _figure(by_type(rows, main, beside, control), "What kind of question is hard for whom.", is_wide=True)


def _figure(svg: str, caption: str, *, is_wide: bool = False) -> dict[str, str | Markup | bool]:
    return {"svg": Markup(svg), "caption": caption, "is_wide": is_wide}  # noqa: S704 - matplotlib escapes the names that it writes


def _circumstances(results: Results) -> list[tuple[str, str]]:
    known = results.manifest
    versions = ", ".join(f"{name} {version}" for name, version in known.versions.items())
    return [
        *((name.replace("_", " "), str(value)) for name, value in known.settings.items()),
        ("machine", f"{known.machine}, {known.cores} cores, Python {known.python}"),
        ("versions", versions),
    ]


def _shade(row: Mapping[str, float], metric: str) -> int:
    """How dark a cell is, in steps of five from 0 to 100."""
    return round(100 * row.get(metric, 0.0) / _SHADES) * _SHADES
