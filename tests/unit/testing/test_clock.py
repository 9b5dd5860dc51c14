"""The manual clock moves only when told to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from treering.errors import InvalidInput
from treering.memory.ports import Clock
from treering.testing import ManualClock

START = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


def test_it_stands_still_until_moved() -> None:
    clock: Clock = ManualClock(START)
    assert clock.now() == clock.now() == START


def test_it_advances_by_seconds_and_by_durations_and_can_go_back() -> None:
    clock = ManualClock(START)
    assert clock.advance(90) == START + timedelta(seconds=90)
    assert clock.advance(timedelta(days=1)) == START + timedelta(days=1, seconds=90)
    assert clock.advance(-90) == clock.now() == START + timedelta(days=1)


def test_it_shows_utc_whatever_zone_it_is_set_in() -> None:
    clock = ManualClock(datetime(2024, 3, 1, 14, 0, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == START
    assert clock.now().utcoffset() == timedelta(0)
    assert clock.set(START + timedelta(hours=1)) == START + timedelta(hours=1)


def test_a_moment_without_zone_is_refused_and_changes_nothing() -> None:
    clock = ManualClock(START)
    naive = START.replace(tzinfo=None)
    with pytest.raises(InvalidInput, match="has no time zone"):
        clock.set(naive)
    with pytest.raises(InvalidInput, match="has no time zone"):
        ManualClock(naive)
    assert clock.now() == START


def test_its_repr_tells_the_time() -> None:
    assert repr(ManualClock(START)) == "ManualClock(2024-03-01T12:00:00+00:00)"
