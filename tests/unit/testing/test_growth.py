"""What the tests hold to the length of a text: in proportion passes, a square does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import growth
from tests.growth import assert_linear, repeated


@pytest.fixture
def spend(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Passes so many seconds of the processor."""
    now = 0.0

    def later(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(growth.time, "process_time", lambda: now)
    return later


def test_what_grows_with_the_text_passes(spend: Callable[[float], None]) -> None:
    assert_linear(lambda text: spend(1e-4 * len(text)), repeated("ab"), 10_000)


def test_what_grows_with_its_square_does_not(spend: Callable[[float], None]) -> None:
    with pytest.raises(AssertionError, match="none was quick enough"):
        assert_linear(lambda text: spend(1e-7 * len(text) ** 2), repeated("ab"), 10_000)


def test_the_quickest_of_several_readings_counts(spend: Callable[[float], None]) -> None:
    pauses = iter([9.0])  # of the machine, in the first reading of the long text
    assert_linear(
        lambda text: spend(1e-7 * len(text) + (next(pauses, 0.0) if len(text) == 10_000 else 0.0)),
        repeated("ab"),
        10_000,
    )
