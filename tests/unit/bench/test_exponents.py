"""An exponent that was put in comes out again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.bench.exponents import fitted

SIZES = (100.0, 316.0, 1_000.0, 3_162.0, 10_000.0)


@settings(max_examples=50)
@given(exponent=st.floats(-2, 3), factor=st.floats(1e-6, 1e6))
def test_a_power_law_is_recovered_and_has_no_error(exponent: float, factor: float) -> None:
    law = fitted(SIZES, [factor * size**exponent for size in SIZES])
    assert law is not None
    assert law.exponent == pytest.approx(exponent, abs=1e-6)
    assert law.factor == pytest.approx(factor, rel=1e-4)
    assert law.exponent_se == pytest.approx(0, abs=1e-6)
    assert law.at(50_000) == pytest.approx(factor * 50_000**exponent, rel=1e-4)


def test_two_standard_errors_hold_the_true_exponent_about_as_often_as_they_should() -> None:
    dice = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        sizes = np.repeat(SIZES, 4)
        law = fitted(list(sizes), list(2 * sizes**0.5 * np.exp(dice.normal(0, 0.2, sizes.size))))
        assert law is not None
        held += abs(law.exponent - 0.5) <= 2 * law.exponent_se
    assert 0.90 <= held / 300 <= 0.99


def test_what_was_too_small_to_measure_is_left_out_and_too_few_sizes_have_no_exponent() -> None:
    law = fitted([1, 10, 100, 1_000], [0, 10, 100, 1_000])
    assert law is not None
    assert law.exponent == pytest.approx(1)
    assert fitted([1, 10, 100], [0, 10, 100]) is None
    assert fitted([10, 10, 100, 100], [1, 2, 3, 4]) is None
