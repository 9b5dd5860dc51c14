"""What is counted is named by Prometheus' rules, stands in its page, and is what dashboard and alerts ask for."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import CollectorRegistry

from treering import Memory
from treering.schemas.jobs import QueueStats
from treering.sidecar.access import OpenHouse
from treering.sidecar.app import create_app
from treering.sidecar.metering import count_process
from treering.sidecar.readiness import Readying
from treering.testing import ManualClock
from treering.workers.metrics import QueueCollector

ROOT = Path(__file__).parents[3]
GRAFANA = ROOT / "deploy" / "grafana"
PAGE = ROOT / "docs" / "observability.md"

MADE = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("_total",), "gauge": ("",)}
"""The series of each type."""

OTHERS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
"""What Prometheus or its client counts."""

SHORT = re.compile(r"_(ms|millis|secs?|mins?|kb|mb|pct|percent|num|cnt|avg)(_|$)")
"""Units that are no base units, and abbreviations."""

Counted = dict[str, tuple[str, tuple[str, ...], str]]
"""Type, labels and help, by name."""


def counted_in(registry: CollectorRegistry) -> Iterator[tuple[str, tuple[str, tuple[str, ...], str]]]:
    for collector in registry._collector_to_names:
        labels = getattr(collector, "_labelnames", None)
        for family in collector.collect():
            if family.name.startswith("treering_"):
                named = tuple(labels if labels is not None else getattr(family, "_labelnames", ()))
                yield family.name, (family.type, named, family.documentation)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    """Everything that a server and a worker count."""
    registry, clock = CollectorRegistry(), ManualClock()
    with Memory(tmp_path_factory.mktemp("counted"), embedder="hash", background=False, metrics=registry) as memory:
        create_app(memory, OpenHouse(), Readying({"store": memory.people}), registry)
        count_process(registry)
        gates = CollectorRegistry()
        gates.register(QueueCollector(lambda: QueueStats(at=clock.now()), list))
        yield dict(counted_in(registry)) | dict(counted_in(gates))


@pytest.fixture(scope="module")
def series(counted: Counted) -> dict[str, set[str]]:
    """The labels of each series."""
    return {
        f"{name}{end}": {*labels, "le"} if end == "_bucket" else set(labels)
        for name, (kind, labels, _) in counted.items()
        for end in MADE[kind]
    }


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What the program that writes the dashboard has."""
    return runpy.run_path(str(GRAFANA / "make.py"))


@pytest.fixture(scope="module")
def board() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((GRAFANA / "dashboards" / "treering.json").read_text())
    return loaded


@pytest.fixture(scope="module")
def alerts() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((GRAFANA / "alerts.yaml").read_text())["groups"]
    rules: list[dict[str, Any]] = group["rules"]
    return rules


def queries_of(board: dict[str, Any]) -> list[str]:
    asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]
    return [query.replace("$__rate_interval", "5m") for query in asked]


def selected(query: str) -> Iterator[tuple[str, set[str]]]:
    """The series that a query selects, and the labels that it names there."""
    for part in re.finditer(r"\b((?:treering|process|python)_[a-z_]+|up)\b(?:\{([^}]*)\})?", query):
        yield part[1], set(re.findall(r"([a-z_]+)\s*(?:=~|!=|!~|=)", part[2] or ""))


def test_names_keep_the_rules_of_prometheus(counted: Counted) -> None:
    assert len(counted) > 30
    for name, (kind, labels, said) in counted.items():
        assert re.fullmatch(r"treering(_[a-z]+)+", name)
        assert not SHORT.search(name), f"{name}: base units, and whole words"
        assert not name.endswith(("_total", "_count", "_sum", "_bucket")), f"{name} ends as a series of its own would"
        assert kind not in name.split("_"), f"{name} has its type in its name"
        assert said.endswith("."), f"{name} says what it is"
        assert not {"user", "session", "path", "query", "le", "quantile"}.intersection(labels), f"{name} has no end"
        if "seconds" in name:
            assert name.endswith("_seconds"), f"{name}: the unit comes last"


def test_the_page_has_each_of_them_with_its_labels(counted: Counted) -> None:
    told = {}
    for row in re.findall(r"^\| `(treering_\w+)` \|([^|]*)\|", PAGE.read_text(), re.MULTILINE):
        name, labels = row
        told[name] = set(re.findall(r"`(\w+)`", labels))
    named = {f"{name}_total" if kind == "counter" else name: set(labels) for name, (kind, labels, _) in counted.items()}
    assert told == named


def test_the_dashboard_is_what_its_table_makes(made: dict[str, Any], board: dict[str, Any]) -> None:
    assert (GRAFANA / "dashboards" / "treering.json").read_text() == made["written"](), "run `make dashboard`"
    ids = [panel["id"] for panel in board["panels"]]
    assert ids == list(range(1, len(ids) + 1))
    places = [
        (panel["gridPos"]["x"] + across, panel["gridPos"]["y"] + down)
        for panel in board["panels"]
        for across in range(panel["gridPos"]["w"])
        for down in range(panel["gridPos"]["h"])
    ]
    assert len(places) == len(set(places)), "panels overlap"
    assert max(across for across, _ in places) < made["COLUMNS"]
    rows = [panel["title"] for panel in board["panels"] if panel["type"] == "row"]
    assert rows == list(made["ROWS"])
    assert len(set(queries_of(board))) == len(queries_of(board)), "a query is asked twice"


def test_queries_are_promql_over_what_is_counted(
    board: dict[str, Any], alerts: list[dict[str, Any]], series: dict[str, set[str]]
) -> None:
    queries = [*queries_of(board), *(rule["expr"] for rule in alerts)]
    assert len(queries) > 60
    for query in queries:
        promql_parser.parse(query)
        found = list(selected(query))
        assert found, f"nothing of ours is asked: {query}"
        for name, labels in found:
            if name in OTHERS or name.startswith("python_gc"):
                continue
            assert name in series, f"nothing counts {name}"
            assert labels - {"job", "instance"} <= series[name], f"{name} has no such label: {labels}"
    with pytest.raises(ValueError, match="parenthesis"):
        promql_parser.parse("sum by (le (treering_dead_jobs)")


def test_what_a_query_groups_by_and_a_legend_shows_is_there(board: dict[str, Any], series: dict[str, set[str]]) -> None:
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            have = set().union(
                {"instance", "job", "generation"}, *(series.get(one, set()) for one, _ in selected(target["expr"]))
            )
            grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", target["expr"]) for label in by.split(",")}
            shown = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
            assert grouped <= have, target["expr"]
            assert shown <= (grouped or have), f"{target['legendFormat']} of {target['expr']}"


def test_everything_that_is_counted_is_shown(board: dict[str, Any], counted: Counted) -> None:
    asked = " ".join(queries_of(board))
    assert {name for name in counted if name not in asked} == set()


def test_an_alert_says_what_it_means_and_what_to_do(alerts: list[dict[str, Any]]) -> None:
    told = PAGE.read_text()
    for rule in alerts:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert set(rule["annotations"]) == {"summary", "todo"}
        assert rule["labels"]["severity"] in ("page", "look")
        assert f"`{rule['alert']}`" in told, f"{rule['alert']} is not in its page"


def test_compose_mounts_what_is_there_where_it_is_looked_for() -> None:
    services = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())["services"]
    mounts = {}
    for name in ("prometheus", "grafana"):
        for mount in services[name]["volumes"]:
            here, there, *_ = mount.split(":")
            if here.startswith("./"):
                mounts[there] = ROOT / "deploy" / here
    assert all(path.exists() for path in mounts.values())
    config = yaml.safe_load(mounts["/etc/treering/prometheus.yaml"].read_text())
    assert set(config["rule_files"]) <= set(mounts)
    asked = {one["dns_sd_configs"][0]["names"][0]: one["dns_sd_configs"][0]["port"] for one in config["scrape_configs"]}
    assert asked == {"api": 8377, "worker": 9464}
    assert "9464" in services["worker"]["command"]
    assert "stores" in services["prometheus"]["networks"]
    provisioned = mounts["/etc/grafana/provisioning"]
    [provider] = yaml.safe_load((provisioned / "dashboards" / "treering.yaml").read_text())["providers"]
    assert provider["options"]["path"] in mounts
    [source] = yaml.safe_load((provisioned / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090"
