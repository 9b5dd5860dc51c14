"""`treering bench ops`, `ledger` and `start`, small: they run to their ends, and write the documented numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from treering.bench import ledger, long_ledger, ops, results, start, timing
from treering.bench.talk import small_talk
from treering.cli.app import app


@pytest.mark.slow
def test_the_bench_writes_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "REPEATS", 7)
    file = tmp_path / "ops.json"
    done = CliRunner().invoke(app, ["bench", "ops", "--operations", "3000", "--turns", "6", "--json", str(file)])
    assert done.exit_code == 0, done.output
    written = json.loads(file.read_text())
    assert (written["bench"], written["suite"]) == ("ops", "embedded")
    assert set(written["systems"]) == {"fold", "remember", "listen"}
    assert written["systems"]["fold"]["operations"] == 3000
    assert written["systems"]["listen"]["turns"] == 6
    assert all(isinstance(number, float) for metrics in written["systems"].values() for number in metrics.values())
    assert written["manifest"]["versions"]["treering"]
    assert results.Results.model_validate(written)


@pytest.mark.slow
def test_the_ledger_bench_writes_its_numbers(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "READS", 3)
    monkeypatch.setattr(ledger, "CHANGES", 1)
    file = tmp_path / "ledger.json"
    lengths = ["--operations", "600", "--operations", "660"]
    done = CliRunner().invoke(app, ["bench", "ledger", *lengths, "--postgres", postgres_url, "--json", str(file)])
    assert done.exit_code == 0, done.output
    written = json.loads(file.read_text())
    assert set(written["systems"]) == {f"{name} {length}" for name in ("sqlite", "postgres") for length in (600, 660)}
    for metrics in written["systems"].values():
        assert all(metrics[f"{step}_p50_ms"] > 0 for step in ("as_of", "present", "undo", "redo", "retract", "forget"))
        assert metrics["export_mb"] > 0
    assert results.Results.model_validate(written)


@pytest.mark.slow
def test_the_bench_of_new_processes_writes_its_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What each takes when it is first started is told as its number: a second start of it would tell no more."""
    run, spent = start.run, {}

    def run_once(command: Sequence[str], environment: Mapping[str, str]) -> start.Spent:
        if command not in spent:
            spent[command] = run(command, environment)
        return spent[command]

    monkeypatch.setattr(start, "run", run_once)
    file = tmp_path / "start.json"
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["bench", "start", "--rounds", "1", "--json", str(file)])
    assert done.exit_code == 0, done.output
    assert "sdk recall, with model model" in " ".join(done.output.split())
    written = json.loads(file.read_text())
    assert set(written["systems"]) == set(start.BESIDE)
    assert all(metrics["ratio"] > 0 and metrics["cpu_ratio"] > 0 for metrics in written["systems"].values())
    assert results.Results.model_validate(written)


def test_the_interval_of_a_median_narrows_with_the_number_of_pairs() -> None:
    few, many = timing.ratio_of([1 + n % 5 for n in range(10)]), timing.ratio_of([1 + n % 5 for n in range(1000)])
    assert few.median == many.median == 3
    assert few.high - few.low > many.high - many.low


def test_the_two_take_turns_and_take_turns_in_going_first() -> None:
    order: list[str] = []
    timing.interleaved(lambda n: order.append(f"a{n}"), lambda n: order.append(f"b{n}"), repeats=3)
    assert order == ["b0", "a0", "a1", "b1", "b2", "a2"]


def test_the_ledger_that_is_folded_keeps_its_size_and_its_kinds() -> None:
    ledger = list(long_ledger.long_ledger(ops.load_trunk("core"), 5_000))
    kinds = {operation.kind for operation in ledger}
    assert len(ledger) == 5_000
    assert kinds == {"ADD", "UPDATE", "DELETE"}
    assert len(ops.fold(ops.load_trunk("core"), ledger)["self"].claims) <= long_ledger.LIVE_CLAIMS + 2


def test_small_talk_is_the_same_for_the_same_seed() -> None:
    assert small_talk(20) == small_talk(20)
    assert small_talk(20) != small_talk(20, seed=8)
    assert len({turn.message.content for turn in small_talk(100).turns if turn.message.role == "user"}) == 50
