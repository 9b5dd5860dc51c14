"""Writes the dashboard of Grafana, `dashboards/treering.json`, from a table: `make dashboard`."""  # noqa: INP001 - a script

# A dashboard by hand is thousands of lines of JSON in which no change can be read. A test holds the file to the table.

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

FILE = Path(__file__).parent / "dashboards" / "treering.json"

SOURCE = {"type": "prometheus", "uid": "${source}"}

COLUMNS, WIDTH, HEIGHT = 24, 8, 8
"""Grafana's grid, and what a panel takes of it."""

WINDOW = "$__rate_interval"


@dataclass(frozen=True)
class Panel:
    """A chart, with a line for each query."""

    title: str
    unit: str
    """Grafana's name of it: `s`, `short`, `ops`, `percentunit`, `bytes`."""
    queries: dict[str, str]
    """PromQL, by what the legend says of it."""
    tells: str = ""
    """What a reader should know beside the title."""
    limits: tuple[float, ...] = field(default=())
    """Where it turns orange, and red."""


def rate(name: str, *by: str, where: str = "") -> str:
    """A counter a second, summed over processes."""
    return f"sum{_by(by)} (rate({name}{where}[{WINDOW}]))"


def quantile(share: float, name: str, *by: str, where: str = "") -> str:
    """A quantile of a histogram, over all processes."""
    return f"histogram_quantile({share}, sum by ({', '.join(('le', *by))}) (rate({name}_bucket{where}[{WINDOW}])))"


def quantiles(name: str, *by: str, where: str = "", shares: tuple[float, ...] = (0.5, 0.95, 0.99)) -> dict[str, str]:
    """Some quantiles of it, each with its legend."""
    label = "".join(f"{{{{{one}}}}} " for one in by)
    return {f"{label}p{100 * share:g}": quantile(share, name, *by, where=where) for share in shares}


def _by(labels: tuple[str, ...]) -> str:
    return f" by ({', '.join(labels)})" if labels else ""


_ASKED = '{mode!="part"}'
_NOT_TAKEN = '{ruling!="commit"}'
_FAULT = '{status=~"5.."}'
_REFUSED = '{status=~"401|403|408|413|429"}'

ROWS: dict[str, tuple[Panel, ...]] = {
    "What people feel": (
        Panel(
            "Recall",
            "s",
            quantiles("treering_recall_seconds", "mode", where=_ASKED),
            tells="What somebody waits for before a model can answer.",
        ),
        Panel("Remember", "s", quantiles("treering_remember_seconds")),
        Panel(
            "Errors",
            "ops",
            {
                "{{call}} {{error}}": rate("treering_failures_total", "call", "error"),
                "HTTP 5xx": rate("treering_http_requests_total", where=_FAULT),
            },
        ),
        Panel(
            "Does it answer?",
            "short",
            {
                "store": "min(treering_store_readable)",
                "{{dependency}}": "min by (dependency) (treering_dependency_ready)",
            },
            tells="1: it does.",
        ),
    ),
    "Listening": (
        Panel(
            "How long the oldest job has waited",
            "s",
            {"{{kind}}": "max by (kind) (treering_queue_age_seconds)"},
            limits=(60, 600),
        ),
        Panel("From queued to done, p95", "s", {"{{kind}}": quantile(0.95, "treering_job_lag_seconds", "kind")}),
        Panel("Jobs", "short", {"{{kind}} {{state}}": "max by (kind, state) (treering_queue_jobs)"}),
        Panel("Dead jobs", "short", {"dead": "max(treering_dead_jobs)"}, limits=(1, 10)),
        Panel("Attempts", "ops", {"{{kind}} {{outcome}}": rate("treering_job_attempts_total", "kind", "outcome")}),
        Panel("An attempt, p95", "s", {"{{kind}}": quantile(0.95, "treering_job_seconds", "kind")}),
        Panel(
            "Attempts until a job was over, p95", "short", {"{{kind}}": quantile(0.95, "treering_job_tries", "kind")}
        ),
        Panel(
            "Turns",
            "ops",
            {
                "stored": rate("treering_turns_stored_total"),
                "sent again": rate("treering_turns_known_total"),
                "heard": rate("treering_turns_heard_total"),
            },
        ),
        Panel("Stages of listening, p95", "s", {"{{stage}}": quantile(0.95, "treering_listen_stage_seconds", "stage")}),
        Panel(
            "Tenants that wait for longest",
            "s",
            {"{{tenant}}": "topk(10, max by (tenant) (treering_tenant_queue_age_seconds))"},
            tells="A tenant is shown as the beginning of a SHA-256 of its name.",
        ),
    ),
    "Admission": (
        Panel("Verdicts", "ops", {"{{ruling}}": rate("treering_verdicts_total", "ruling")}),
        Panel(
            "Rules that refuse or hold",
            "ops",
            {"{{ruling}} {{rule}}": f"topk(10, {rate('treering_verdicts_total', 'ruling', 'rule', where=_NOT_TAKEN)})"},
        ),
        Panel("Operations on claims", "ops", {"{{kind}}": rate("treering_operations_committed_total", "kind")}),
        Panel("Windows put aside", "ops", {"parked": rate("treering_windows_parked_total")}),
        Panel("Named calls that came again", "ops", {"{{call}}": rate("treering_replays_total", "call")}),
    ),
    "Recall": (
        Panel("What found the lines", "ops", {"{{source}}": rate("treering_recall_hits_total", "source")}),
        Panel(
            "Recalls that found nothing",
            "percentunit",
            {
                "{{mode}}": f"{rate('treering_recalls_empty_total', 'mode')}"
                f" / {rate('treering_recall_seconds_count', 'mode', where=_ASKED)}"
            },
        ),
        Panel("Stages, p95", "s", {"{{stage}}": quantile(0.95, "treering_recall_stage_seconds", "stage")}),
        Panel("Tokens of a context", "short", quantiles("treering_recall_tokens", shares=(0.5, 0.95))),
        Panel("Lines of contexts", "ops", {"{{kind}}": rate("treering_recall_lines_total", "kind")}),
        Panel("Recalls without all that they needed", "ops", {"degraded": rate("treering_recalls_degraded_total")}),
    ),
    "Models": (
        Panel("Questions", "ops", {"{{model}} {{outcome}}": rate("treering_model_calls_total", "model", "outcome")}),
        Panel(
            "Tokens",
            "ops",
            {"{{model}} {{direction}}": rate("treering_model_tokens_total", "model", "direction")},
            tells="A second.",
        ),
        Panel("An answer", "s", quantiles("treering_model_seconds", "model", shares=(0.5, 0.95))),
        Panel("Gates: used lately", "short", {"{{gate}}": "max by (gate) (treering_model_gate_level)"}),
        Panel(
            "Gates: failures in a row",
            "short",
            {"{{gate}}": "max by (gate) (treering_model_gate_failures)"},
            limits=(1, 5),
        ),
        Panel("Gates: still shut for", "s", {"{{gate}}": "max by (gate) (treering_model_gate_rest_seconds)"}),
        Panel("Embedding a batch", "s", quantiles("treering_embed_seconds", shares=(0.5, 0.95))),
        Panel("Texts embedded", "ops", {"texts": rate("treering_texts_embedded_total")}),
    ),
    "HTTP": (
        Panel("Requests", "ops", {"{{method}} {{route}}": rate("treering_http_requests_total", "method", "route")}),
        Panel("Answers", "ops", {"{{status}}": rate("treering_http_requests_total", "status")}),
        Panel(
            "A request, p95",
            "s",
            {"{{method}} {{route}}": quantile(0.95, "treering_http_request_seconds", "method", "route")},
        ),
        Panel("Requests at hand", "short", {"{{instance}}": "treering_http_requests_in_flight"}),
        Panel(
            "Refused: no key, no right, too large, too slow, too many",
            "ops",
            {"{{status}}": rate("treering_http_requests_total", "status", where=_REFUSED)},
        ),
        Panel(
            "The upstream of the proxy, until it answers",
            "s",
            quantiles("treering_upstream_seconds", "outcome", shares=(0.5, 0.95)),
        ),
        Panel(
            "Tools of MCP", "ops", {"{{tool}} {{outcome}}": rate("treering_mcp_tool_seconds_count", "tool", "outcome")}
        ),
        Panel("A tool of MCP, p95", "s", {"{{tool}}": quantile(0.95, "treering_mcp_tool_seconds", "tool")}),
    ),
    "Processes": (
        Panel("Memory", "bytes", {"{{instance}}": "process_resident_memory_bytes"}),
        Panel("Processor", "percentunit", {"{{instance}}": f"rate(process_cpu_seconds_total[{WINDOW}])"}),
        Panel("Open files", "short", {"{{instance}}": "process_open_fds"}),
        Panel(
            "Collections of garbage",
            "ops",
            {"{{instance}} {{generation}}": f"rate(python_gc_collections_total[{WINDOW}])"},
        ),
    ),
}


def dashboard() -> dict[str, object]:
    """The dashboard, as Grafana reads it."""
    panels: list[dict[str, object]] = []
    top = 0
    for title, row in ROWS.items():
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": title,
                "collapsed": False,
                "panels": [],
                "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top},
            }
        )
        for place, one in enumerate(row):
            across, down = place % (COLUMNS // WIDTH), place // (COLUMNS // WIDTH)
            where = {"h": HEIGHT, "w": WIDTH, "x": across * WIDTH, "y": top + 1 + down * HEIGHT}
            panels.append({"id": len(panels) + 1, "gridPos": where, **_panel(one)})
        top += 1 + HEIGHT * -(-len(row) // (COLUMNS // WIDTH))
    return {
        "uid": "treering",
        "title": "Treering",
        "tags": ["treering"],
        "schemaVersion": 39,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-3h", "to": "now"},
        "templating": {"list": [{"name": "source", "label": "Source", "type": "datasource", "query": "prometheus"}]},
        "panels": panels,
    }


def _panel(one: Panel) -> dict[str, object]:
    colours = ("green", "orange", "red")
    steps = [{"color": colour, "value": value} for colour, value in zip(colours, (None, *one.limits), strict=False)]
    defaults = {
        "unit": one.unit,
        "min": 0,
        "custom": {"thresholdsStyle": {"mode": "line" if one.limits else "off"}},
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    return {
        "type": "timeseries",
        "title": one.title,
        "description": one.tells,
        "datasource": SOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": SOURCE, "expr": query, "legendFormat": legend}
            for place, (legend, query) in enumerate(one.queries.items())
        ],
    }


def written() -> str:
    """What stands in the file."""
    return json.dumps(dashboard(), indent=1) + "\n"


if __name__ == "__main__":
    FILE.write_text(written(), encoding="utf-8")
