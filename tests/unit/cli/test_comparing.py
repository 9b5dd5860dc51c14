"""`treering bench compare` shows what differs, stars what is more than chance, and refuses what cannot be compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from treering.bench.results import Results, as_rows, manifest
from treering.bench.score import Marks
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


def test_the_same_questions_are_compared_one_by_one_where_both_files_have_their_marks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(name: str, right: Callable[[int], bool]) -> Path:
        marks = [
            Marks(conversation=f"c{n}", question="q", category="hard", values={"accuracy": float(right(n))})
            for n in range(20)
        ]
        row = {"accuracy": 0.5, "accuracy_se": 0.1, "accuracy:hard": 0.5, "stale": 0.1}
        systems = {"treering": row}
        results = Results(
            bench="run", suite="s", systems=systems, manifest=manifest({}), marks={"treering": as_rows(marks)}
        )
        (tmp_path / name).write_text(results.model_dump_json())
        return tmp_path / name

    # on average hardly different, as two independent runs; question by question always in the same direction
    compare(run("a.json", lambda n: n < 10), run("b.json", lambda n: n < 17))
    shown = capsys.readouterr().out
    assert "+0.35 [+0.150, +0.550] *" in " ".join(shown.split())
    assert shown.count("+0.35 [") == 2  # of all questions, and of the one type
