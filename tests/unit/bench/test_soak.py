"""The arithmetic of a soak: what grows is told from what does not."""

from __future__ import annotations

import math
import random

import pytest

from treering.bench.soak import Series, floor
from treering.bench.soak_trend import trend

TIMES = [10.0 * number for number in range(180)]
"""Half an hour, a sample every ten seconds."""


def noisy(values: list[float], by: float = 1.0) -> list[float]:
    dice = random.Random(1)
    return [value + dice.uniform(-by, by) for value in values]


def test_what_grows_steadily_is_told_with_its_slope() -> None:
    found = trend(TIMES, noisy([100 + 0.02 * time for time in TIMES]), floor=8)
    assert found.verdict == "grows"
    assert found.per_hour == pytest.approx(72, rel=0.05)
    assert found.first < found.middle < found.last


def test_noise_spikes_and_a_saw_are_steady() -> None:
    assert trend(TIMES, noisy([100.0] * 180, by=4)).verdict == "steady"
    spikes = [1_000.0 if number % 50 == 7 else 100.0 for number in range(180)]
    assert trend(TIMES, spikes).verdict == "steady"
    saw = [100.0 * (number % 12) for number in range(180)]
    assert trend(TIMES, saw, floor=200).verdict == "steady"


def test_what_falls_is_steady() -> None:
    assert trend(TIMES, noisy([500 - 0.1 * time for time in TIMES])).verdict == "steady"


def test_the_time_of_warming_up_is_not_judged() -> None:
    found = trend(TIMES, [float(min(number, 30)) * 10 for number in range(180)])
    assert (found.verdict, found.per_hour) == ("steady", 0.0)


def test_what_levels_off_is_told_from_what_goes_on() -> None:
    saturating = [100 + 200 * (1 - math.exp(-time / 300)) for time in TIMES]
    assert trend(TIMES, noisy(saturating)).verdict == "levels off"
    late = [100.0] * 120 + [100 + 5.0 * step for step in range(60)]
    assert trend(TIMES, late).verdict != "levels off"


def test_growth_within_the_floor_is_none() -> None:
    slow = noisy([10 + 0.001 * time for time in TIMES], by=0.1)
    assert trend(TIMES, slow).verdict == "grows"
    assert trend(TIMES, slow, floor=4).verdict == "steady"


def test_what_is_to_grow_is_kept() -> None:
    assert trend(TIMES, list(TIMES), is_kept=True).verdict == "kept"


def test_of_a_few_samples_nothing_is_judged() -> None:
    assert trend([0, 1, 2], [1, 100, 10_000]).verdict == "steady"
    assert trend([], []).last == 0.0


def test_a_series_that_comes_late_began_with_nothing_and_one_that_lacks_a_sample_is_as_it_was() -> None:
    series = Series()
    series.add(0, {"a": 1})
    series.add(10, {"a": 2, "b": 5})
    series.add(20, {"b": 6})
    assert series.values == {"a": [1, 2, 2], "b": [0, 5, 6]}
    assert series.times_s == [0, 10, 20]
    assert list(series.trends()) == ["a", "b"]


def test_what_is_never_anything_is_left_out() -> None:
    series = Series()
    series.add(0, {"dead rows: a": 0, "dead rows: b": 1})
    assert list(series.trends()) == ["dead rows: b"]


def test_a_floor_goes_by_the_beginning_of_a_name() -> None:
    assert floor("memory MB: worker 0.1") == 8.0
    assert floor("something else") == 0.0
