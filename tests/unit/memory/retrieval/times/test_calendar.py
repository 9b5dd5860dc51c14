"""Dates that are written out are read as the library reads them, and seasons lie where the calendar has them."""

from __future__ import annotations

from datetime import datetime

import dateparser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from treering.memory.retrieval.times.calendar import season, written
from treering.memory.retrieval.times.vocabulary import MONTHS

# ruff: noqa: DTZ001  # periods have no zone

MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1))
YEARS = st.none() | st.integers(1950, 2040)
DAYS = st.none() | st.integers(1, 31)


@given(MOMENTS, st.sampled_from([*MONTHS, "Jan", "Feb", "Sept", "Dec"]), DAYS, YEARS, st.booleans())
def test_a_date_in_words_is_read_as_the_library_reads_it(
    at: datetime, month: str, day: int | None, year: int | None, future: bool
) -> None:
    # the library takes a February without a day for its 29th when it is asked for on a 29th
    assume(not (day is None and month.startswith("Feb") and at.day >= 29))
    parts = [month, str(day)] if day else [month]
    words = " ".join([*(reversed(parts) if future else parts), *([str(year)] if year else [])])
    expected = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "RELATIVE_BASE": at,
            "PREFER_DATES_FROM": "future" if future else "past",
            "PREFER_DAY_OF_MONTH": "first",
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    found = written(words, at, future=future)
    assert (found and found.start) == (expected and expected.replace(hour=0, minute=0, second=0, microsecond=0))
    assert not found or found.bare == (f"{found.start:%Y-%m-%d}" if day else f"{found.start:%B %Y}")


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("2023-06-01", "2023-06-01"),
        ("2023-02-29", None),
        ("25/7/2023", "2023-07-25"),
        ("5/7/2023", "2023-05-07"),
        ("the 3rd of June, 2020", "2020-06-03"),
        ("31 April", None),
        ("3 May 1066", None),
    ],
)
def test_dates_of_other_forms_are_read_if_they_exist(words: str, begins: str | None) -> None:
    found = written(words, datetime(2024, 3, 5), future=False)
    assert (f"{found.start:%Y-%m-%d}" if found else None) == begins


@given(MOMENTS, st.sampled_from(["spring", "summer", "autumn", "winter"]))
def test_the_last_this_and_the_next_season_follow_one_another(at: datetime, name: str) -> None:
    last, this, following = (season(at, name, step) for step in (-1, 0, 1))
    assert last.end <= at < following.start
    assert last.start <= this.start <= following.start
    if this.start <= at < this.end:
        assert (last.start.year + 1, following.start.year - 1) == (this.start.year, this.start.year)
