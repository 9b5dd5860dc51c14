"""How worker runs are measured: rates over the middle, ratios of percentiles."""

from __future__ import annotations

import pytest

from treering.bench import queue_lag
from treering.bench.workers import rate_of


def test_a_rate_leaves_out_the_loading_and_the_last_few() -> None:
    seen = [(0.0, 0), (30.0, 5), (31.0, 10), (32.0, 55), (33.0, 96), (90.0, 100)]
    assert rate_of(seen, 100) == pytest.approx((96 - 10) / 2, abs=0.1)


def test_a_run_that_is_over_between_two_looks_has_a_rate_too() -> None:
    assert rate_of([(1.0, 0), (1.05, 100)], 100) == 0.0


def test_percentiles_are_in_milliseconds() -> None:
    spent = [number / 1_000 for number in range(1, 102)]
    assert (queue_lag.percentile_ms(spent, 50), queue_lag.percentile_ms(spent, 95)) == (51.0, 96.0)
