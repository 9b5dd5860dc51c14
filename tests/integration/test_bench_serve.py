"""`treering bench serve` loads a real server and restarts it: nothing that was acknowledged is lost, nothing cut."""

from __future__ import annotations

import pytest

from treering.bench.results import Results
from treering.bench.serve import Wishes, bench_serve, faults

WISHES = Wishes(seconds=0.4, clients=(1, 4), restarts=1, turns=40, claims=20, rounds=1)
LOADS = {"live, 8 clients", "recall, 1 clients", "recall, 4 clients", "remember, 1 clients", "remember, 4 clients"}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, list[str]]:
    steps: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TREERING_EMBEDDER", "hash")
        patch.setenv("TREERING_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        return bench_serve(WISHES, steps.append), steps


def test_recalls_and_writes_are_measured_beside_the_sdk(measured: tuple[Results, list[str]]) -> None:
    results, steps = measured
    systems = results.systems
    assert set(systems) == LOADS | {
        "recall, 4 threads in process",
        "recall, 4 clients beside threads in process",
        "memory while recalling",
        "memory while remembering",
        "restarts",
    }
    for name in LOADS:
        assert systems[name]["errors"] == 0, name
        assert systems[name]["requests_per_s"] > 0, name
        assert 0 < systems[name]["p50_ms"] <= systems[name]["p95_ms"] <= systems[name]["p99_ms"], name
    assert systems["recall, 4 clients beside threads in process"]["ratio"] > 0
    assert len(steps) == WISHES.steps


def test_a_restart_under_load_loses_and_cuts_nothing(measured: tuple[Results, list[str]]) -> None:
    restarts = measured[0].systems["restarts"]
    assert restarts["acknowledged"] > 0
    assert {name: restarts[name] for name in ("lost", "cut", "wrong", "stored_twice")} == {
        "lost": 0,
        "cut": 0,
        "wrong": 0,
        "stored_twice": 0,
    }
    assert not faults(measured[0])
