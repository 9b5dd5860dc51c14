"""Tables of many columns: on a narrow screen they come in parts, and nothing in them is cut."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from treering.bench.results import Results, manifest
from treering.cli import run_tables
from treering.cli.parted import Parted
from treering.cli.run_tables import print_run

SYSTEMS = ("treering", "treering-agentic", "full-context", "no-context", "my_package:another")
SCORES = {
    "accuracy": 0.51239,
    "accuracy_se": 0.02,
    "uplift": 0.2,
    "accuracy_where_control_fails": 0.45,
    "context_recall": 0.9,
    "context_precision": 0.25,
    "context_ndcg": 0.75,
    "context_tokens": 1_491.0,
    "p50_ms": 12.5,
    "turns_per_s": 1_234.0,
    "accuracy:recall_user_shared_facts": 0.5,
    "accuracy:track_full_preference_evolution": 0.25,
}


def drawn(table: Parted, width: int) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(table)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def table(columns: int) -> Parted:
    names = [f"column {number}" for number in range(columns)]
    rows = [(system, *(f"{number:03}.{len(system):03}" for number in range(columns))) for system in SYSTEMS]
    return Parted(title="the title", caption="the caption", columns=names, rows=rows)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("columns", [1, 4, 12])
def test_every_name_and_every_number_is_there_as_it_is(columns: int, width: int) -> None:
    lines = drawn(wide := table(columns), width).splitlines()
    assert max(map(len, lines)) <= width
    words = [word for line in lines for word in line.split()]
    parts = words.count(SYSTEMS[0])
    assert all(words.count(name) == parts for name in SYSTEMS)
    assert all(words.count(cell) == 1 for row in wide.rows for cell in row[1:])
    assert words.count("title") == words.count("caption") == 1


def test_what_fits_is_in_one_piece() -> None:
    assert drawn(table(4), 80).split().count(SYSTEMS[0]) == 1
    assert drawn(table(12), 80).split().count(SYSTEMS[0]) == 2


def test_the_name_of_a_row_takes_half_of_the_screen_at_most() -> None:
    long = Parted(title="", columns=["one"], rows=[("a" * 50, "0.5")])
    assert drawn(long, 40).split() == ["one", "a" * 20, "0.5", "a" * 20, "a" * 10]


def test_a_run_can_be_read_on_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    out = StringIO()
    monkeypatch.setattr(run_tables, "screen", lambda: Console(file=out, width=80))
    results = Results(bench="run", suite="quartet", systems=dict.fromkeys(SYSTEMS, SCORES), manifest=manifest({}))
    print_run(results, "run, quartet", "± standard error")
    told = out.getvalue()
    assert "…" not in told
    words = told.split()
    assert {*SYSTEMS, "recall_user_shared_facts", "track_full_preference_evolution"} <= {*words}
    assert words.count("1,234") == len(SYSTEMS)
