"""Stretches of time: what they hold, and what they meet."""

from __future__ import annotations

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
