"""`treering bench proxy` measures streams of a real server."""

from __future__ import annotations

from treering.bench.proxy import bench_proxy


def test_the_same_streams_are_measured_with_and_without_the_proxy() -> None:
    steps: list[str] = []
    results = bench_proxy(requests=2, turns=4, progress=steps.append)
    metrics = results.systems["proxy"]
    assert set(metrics) == {
        "direct_p50_ms",
        "off_p50_ms",
        "on_p50_ms",
        "recall_p50_ms",
        "added_p50_ms",
        "added_p95_ms",
    }
    assert 0 < metrics["direct_p50_ms"] < metrics["off_p50_ms"]
    assert 0 < metrics["recall_p50_ms"] < metrics["on_p50_ms"]
    assert results.manifest.settings["history"] == 20
    assert len(steps) == 3
