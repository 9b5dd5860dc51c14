"""`treering bench recall`, on suites of a few turns: it runs to its end, and writes the documented numbers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treering.bench import index
from treering.bench.results import Results
from treering.bench.systems import catalogue
from treering.cli.app import app
from treering.errors import InvalidInput, MissingExtra

DATA = Path(__file__).parents[1] / "bench_data"


pytestmark = pytest.mark.usefixtures("bench_home")


def bench(*options: str) -> str:
    done = CliRunner().invoke(app, ["bench", "recall", *options], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(("suite", "questions"), [("locomo", 4), ("realmem", 2)])
def test_every_suite_is_measured_beside_the_floors(suite: str, questions: int, tmp_path: Path) -> None:
    file, page = tmp_path / "recall.json", tmp_path / "recall.html"
    shown = bench("--suite", suite, "--data", str(DATA / suite), "--json", str(file), "--html", str(page))
    written = json.loads(file.read_text())
    assert (written["bench"], written["suite"]) == ("recall", suite)
    assert list(written["systems"]) == ["treering", "bm25", "dense", "rrf"]
    assert written["manifest"]["settings"]["questions"] == questions
    assert written["manifest"]["settings"]["embedder"] in shown
    for metrics in written["systems"].values():
        assert {"recall@5", "recall@10", "recall@20", "ndcg@10", "context_tokens"} <= set(metrics)
        assert {"turns_per_s", "p50_ms", "p95_ms", "context_recall"} <= set(metrics)
        assert 0 <= metrics["recall@5"] <= metrics["recall@10"] <= metrics["recall@20"] <= 1
    bm25, ours = written["systems"]["bm25"], written["systems"]["treering"]
    assert bm25["recall@10"] == 1, "each suite has fewer than ten turns before a question"
    assert ours["recall@10_above:bm25"] == pytest.approx(ours["recall@10"] - bm25["recall@10"])
    assert "treering above" in shown
    assert {one["system"] for one in written["differences"]} | {written["differences"][0]["baseline"]} == {
        *written["systems"]
    }
    assert all(len(marks) == questions for marks in written["marks"].values())
    for word in ("ingest, s", "ms, p50", "recall@10", "dense"):
        assert word in page.read_text()
    Results.model_validate(written)


def test_a_system_that_does_not_listen_has_no_claims(tmp_path: Path) -> None:
    file = tmp_path / "recall.json"
    systems = "treering-deaf,treering-tree"
    bench("--suite", "locomo", "--data", str(DATA / "locomo"), "--systems", systems, "--json", str(file))
    found = json.loads(file.read_text())
    assert "no listener" in found["manifest"]["settings"]["mode of treering-deaf"]
    assert found["systems"]["treering-deaf"]["recall@10"] > 0


def test_an_ablation_tells_what_each_list_is_worth(tmp_path: Path) -> None:
    file = tmp_path / "recall.json"
    data = ("--suite", "locomo", "--data", str(DATA / "locomo"), "--systems", "treering")
    shown = bench(*data, "--ablate", "--json", str(file))
    systems = json.loads(file.read_text())["systems"]
    whole = systems.pop("treering")
    assert {"without dense", "without sparse", "without surroundings"} <= set(systems)
    for name, row in systems.items():
        assert row["recall@10_lost"] == pytest.approx(whole["recall@10"] - row["recall@10"], abs=1e-3), name
        assert "recall@10_lost:single-hop" in row
        assert name.removeprefix("without ") in shown


def test_the_cases_of_the_precision_suite_are_told_one_by_one(tmp_path: Path) -> None:
    file = tmp_path / "precision.json"
    shown = bench("--suite", "precision", "--data", str(DATA / "precision"), "--json", str(file))
    written = json.loads(file.read_text())
    assert (written["bench"], written["suite"]) == ("recall", "precision")
    assert set(written["systems"]) == {"treering", "treering-tree"}
    assert all(row["cases"] == 9 and row["leaks"] == 0 for row in written["systems"].values())
    assert "wrong-on-purpose" in shown
    assert "not expressible" in shown


@pytest.mark.slow
def test_the_read_path_is_measured_beside_its_baselines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "PAIRS", 3)
    monkeypatch.setattr(index, "PEER_PAIRS", 1)
    monkeypatch.setattr(index, "PEER_PEOPLE", 3)
    file = tmp_path / "index.json"
    sizes = ["--turns", "60", "--people", "2", "--points", "90", "--json", str(file)]
    done = CliRunner().invoke(app, ["bench", "index", *sizes], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    systems = json.loads(file.read_text())["systems"]
    assert set(systems) == {"hybrid", "tree", "hybrid of many people", "search beside qdrant local"}
    assert systems["tree"]["claims"] == 500
    assert all(row["ratio"] > 0 for name, row in systems.items() if "qdrant" not in name)
    assert systems["search beside qdrant local"]["times_as_fast"] > 0
    assert systems["hybrid"]["cold_ms"] > 0


def test_what_cannot_be_measured_is_an_error_before_anything_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInput, match="known are"):
        bench("--suite", "locomo", "--data", str(DATA / "locomo"), "--systems", "bm25,grep")
    monkeypatch.setattr(catalogue, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"treering\[bench\]"):
        bench("--suite", "locomo", "--data", str(DATA / "locomo"), "--systems", "mem0")


def test_the_baseline_is_the_one_that_is_named_and_has_to_be_measured(tmp_path: Path) -> None:
    file = tmp_path / "recall.json"
    told = ("--suite", "locomo", "--data", str(DATA / "locomo"), "--systems", "bm25,none,dense")
    bench(*told, "--baseline", "none", "--json", str(file))
    found = json.loads(file.read_text())["differences"]
    assert [(one["system"], one["baseline"]) for one in found] == [("bm25", "none"), ("dense", "none")]
    with pytest.raises(InvalidInput, match="'rrf' is not measured"):
        bench(*told, "--baseline", "rrf")
