"""Stretches of time: what they hold, and what they meet."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.times.interval import Interval

START = datetime(2020, 1, 1, tzinfo=UTC)
MOMENTS = st.timedeltas(timedelta(0), timedelta(days=3000)).map(lambda length: START + length)
INTERVALS = st.builds(Interval, begin=st.none() | MOMENTS, end=st.none() | MOMENTS)


@given(INTERVALS, MOMENTS)
def test_an_interval_meets_a_moment_that_it_holds_and_no_other(interval: Interval, moment: datetime) -> None:
    assert interval.meets(moment, moment) is interval.holds(moment)


@given(
    INTERVALS,
    MOMENTS,
    st.timedeltas(timedelta(0), timedelta(days=900)),
    st.timedeltas(timedelta(0), timedelta(days=900)),
)
def test_what_meets_part_of_a_stretch_meets_all_of_it(
    interval: Interval, begin: datetime, first: timedelta, more: timedelta
) -> None:
    if interval.meets(begin, begin + first):
        assert interval.meets(begin, begin + first + more)
        assert interval.meets(begin, None)


def test_seconds_for_an_index_keep_the_bounds() -> None:
    at = datetime(2024, 3, 5, tzinfo=UTC)
    during = Interval(begin=at).during()
    assert (during.begin, during.end) == (int(at.timestamp()), None)


def test_what_ended_when_it_begins_is_not_met() -> None:
    following = START + timedelta(days=1)
    assert not Interval(begin=following).meets(START, following)
    assert Interval(begin=following).meets(START, following + timedelta(seconds=1))
    assert not Interval(end=START).meets(START, following)


def test_open_ends_are_infinite_in_seconds_and_none_for_an_index() -> None:
    at = START.timestamp()
    assert Interval(begin=START).seconds() == (at, math.inf)
    assert Interval(end=START).seconds() == (-math.inf, at)
    during = Interval(end=START + timedelta(seconds=0.5)).during()
    assert (during.begin, during.end) == (None, int(at) + 1)
