"""What the benchmarks write is described by a schema, and what older versions wrote is still read."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from treering.bench.paired import differences
from treering.bench.results import Results, as_marks, as_rows, manifest, shown
from treering.bench.score import Marks

SCHEMA = Path(__file__).parents[3] / "docs" / "results.schema.json"

ASKED = {
    name: [Marks(conversation=f"c{n}", question="q", category="k", values={"m": value}) for n, value in enumerate(some)]
    for name, some in {"treering": (1.0, 1.0, 0.0), "bm25": (0.0, 1.0, 0.0)}.items()
}


def results() -> Results:
    return Results(
        bench="run",
        suite="s",
        systems={"treering": {"m": 0.5}},
        manifest=manifest({"seed": 1}),
        differences=differences(ASKED, "m", None),
        marks={name: as_rows(marks) for name, marks in ASKED.items()},
    )


def test_the_schema_in_the_documentation_is_that_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text("utf-8")) == Results.model_json_schema(), (
        "write it anew: treering bench schema > docs/results.schema.json"
    )


def test_the_schema_is_one_and_describes_every_field() -> None:
    schema = Results.model_json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(results().model_dump_json()), schema)
    for name, definition in {"Results": schema, **schema["$defs"]}.items():
        for field, described in definition.get("properties", {}).items():
            assert described.get("description"), f"{name}.{field}"


def test_marks_come_back_from_a_file_as_they_were() -> None:
    read = Results.model_validate_json(results().model_dump_json())
    again = differences({name: as_marks(rows) for name, rows in read.marks.items()}, "m", None)
    assert again == read.differences == results().differences


def test_a_file_of_an_older_version_has_neither_differences_nor_marks_and_is_read() -> None:
    plain = Results(bench="run", suite="s", systems={"treering": {"m": 0.5}}, manifest=manifest({}))
    written = json.loads(plain.model_dump_json())
    assert sorted(written) == ["bench", "manifest", "suite", "systems"]
    assert Results.model_validate(written) == plain


@pytest.mark.parametrize(
    ("metric", "text"),
    [("m", "0.500 ±0.050"), ("disk_bytes", "15.14"), ("p50_ms", "1,234.5"), ("turns_per_s", "12,346"), ("none", "")],
)
def test_numbers_are_shown_as_people_read_them(metric: str, text: str) -> None:
    row = {"m": 0.5, "m_se": 0.05, "disk_bytes": 15_144_992, "p50_ms": 1_234.5, "turns_per_s": 12_345.6}
    assert shown(row, metric) == text
