"""`treering bench compare` shows what differs, stars what is more than chance, and refuses what cannot be compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from treering.bench.results import Results, manifest
from treering.cli.comparing import compare
from treering.errors import InvalidInput


def written(file: Path, suite: str = "quartet", **systems: dict[str, float]) -> Path:
    results = Results(bench="run", suite=suite, systems=systems, manifest=manifest({}))
    file.write_text(results.model_dump_json())
    return file


def test_what_differs_is_shown_with_a_star_where_it_is_more_than_chance(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = {"accuracy": 0.4, "accuracy_se": 0.01, "stale": 0.5, "recall": 0.3, "recall_se": 0.1}
    before = written(tmp_path / "a.json", treering=ours, gone={"accuracy": 0.1})
    after = written(tmp_path / "b.json", treering=ours | {"accuracy": 0.5, "recall": 0.4, "stale": 0.25})
    compare(before, after)
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["treering", "accuracy", "0.4", "0.5", "+0.1", "*"] in lines
    assert ["treering", "recall", "0.3", "0.4", "+0.1"] in lines
    assert ["treering", "stale", "0.5", "0.25", "-0.25"] in lines
    assert any(line[:3] == ["gone", "is", "in"] for line in lines)


def test_what_is_no_results_or_of_another_suite_is_refused(tmp_path: Path) -> None:
    before = written(tmp_path / "a.json", treering={"accuracy": 0.4})
    with pytest.raises(InvalidInput, match="of run on locomo"):
        compare(before, written(tmp_path / "b.json", suite="locomo", treering={}))
    (tmp_path / "c.json").write_text("{}")
    for other in (tmp_path / "c.json", tmp_path / "nowhere.json"):
        with pytest.raises(InvalidInput, match="holds no results"):
            compare(before, other)
