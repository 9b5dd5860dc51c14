"""Dates that are written out are read as the library reads them, and seasons lie where the calendar has them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time

import dateparser
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from treering.memory.retrieval.times.calendar import (
    Period,
    day,
    decade,
    month,
    quarter,
    season,
    season_of,
    week,
    weekend,
    written,
    year,
)
from treering.memory.retrieval.times.holidays import holiday
from treering.memory.retrieval.times.vocabulary import MONTHS

# ruff: noqa: DTZ001  # periods have no zone

NOW = datetime(2024, 3, 5, 12, 30, 15, 7)
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
        ("3 May 1900", "1900-05-03"),
        ("3 May 2100", "2100-05-03"),
        ("1066-05-03", None),
        ("1900-05-03", "1900-05-03"),
        ("2100-05-03", "2100-05-03"),
        ("5/7/1066", None),
        ("5/7/1900", "1900-05-07"),
        ("5/7/2100", "2100-05-07"),
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


@pytest.mark.parametrize(("future", "begins"), [(False, "1999-05-07"), (True, "2000-05-07")])
def test_a_day_without_a_year_is_the_nearest_on_its_side(*, future: bool, begins: str) -> None:
    at = datetime(2000, 3, 5)
    for words in ("5/7", "7 May"):
        found = written(words, at, future=future)
        assert found is not None
        assert f"{found.start:%Y-%m-%d}" == begins


def test_today_is_behind_and_not_ahead() -> None:
    for future, number in ((False, 2024), (True, 2025)):
        found = written("5 March", datetime(2024, 3, 5), future=future)
        assert found is not None
        assert found.start.year == number


def test_a_season_is_on_to_the_end_of_its_last_month() -> None:
    starts = [season(datetime(2024, 8, 31), "summer", step).start.year for step in (-1, 0, 1)]
    assert starts == [2023, 2024, 2025]


@pytest.mark.parametrize(
    ("read", "bare", "named"),
    [
        (lambda: day(NOW), "2024-03-05", "on 2024-03-05"),
        (lambda: week(NOW), "the week of 2024-03-04", "in the week of 2024-03-04"),
        (lambda: weekend(NOW), "the weekend of 2024-03-09", "on the weekend of 2024-03-09"),
        (lambda: month(NOW), "March 2024", "in March 2024"),
        (lambda: quarter(NOW), "Q1 2024", "in Q1 2024"),
        (lambda: quarter(NOW, 3), "Q4 2024", "in Q4 2024"),
        (lambda: season_of(2024, "fall"), "fall 2024", "in fall 2024"),
        (lambda: decade(1990), "the 1990s", "in the 1990s"),
        (lambda: year(2024), "2024", "in 2024"),
        (lambda: holiday("Christmas Day", 2024, ahead=False), "christmas 2024", "at christmas 2024"),
    ],
)
def test_a_record_names_a_span_with_its_preposition_and_without(
    read: Callable[[], Period | None], bare: str, named: str
) -> None:
    period = read()
    assert period is not None
    assert (period.bare, period.named) == (bare, named)
    assert period.start.time() == period.end.time() == time.min


def test_a_life_has_the_years_from_1900_to_2100() -> None:
    assert [year(number) is not None for number in (1899, 1900, 2100, 2101)] == [False, True, True, False]
    assert [holiday("halloween", number, ahead=False) is not None for number in (1899, 1900, 2099, 2100)] == [
        False, True, True, False,
    ]  # fmt: skip
    assert holiday("christmas", datetime(2100, 5, 1), ahead=True) is None
    assert holiday("christmas", datetime(1900, 5, 1), ahead=False) is None


@pytest.mark.parametrize(
    ("name", "number", "begins", "days"),
    [
        ("New Year\u2019s Eve", 2022, "2022-12-31", 1),
        ("new year's", 2022, "2022-12-31", 2),
        ("Thanksgiving", 2019, "2019-11-28", 1),
        ("Thanksgiving", 2023, "2023-11-23", 1),
        ("Valentine", 2023, "2023-02-14", 1),
    ],
)
def test_holidays_have_their_day(name: str, number: int, begins: str, days: int) -> None:
    found = holiday(name, number, ahead=False)
    assert found is not None
    assert (f"{found.start:%Y-%m-%d}", (found.end - found.start).days) == (begins, days)


@pytest.mark.parametrize(
    ("at", "last", "following"),
    [
        (datetime(2023, 12, 23), "2022-12-24", "2023-12-24"),
        (datetime(2023, 12, 24), "2023-12-24", "2023-12-24"),
        (datetime(2023, 12, 27), "2023-12-24", "2024-12-24"),
    ],
)
def test_the_nearest_holiday_has_begun_or_has_not_ended(at: datetime, last: str, following: str) -> None:
    found = [holiday("christmas", at, ahead=ahead) for ahead in (False, True)]
    assert [f"{one.start:%Y-%m-%d}" for one in found if one] == [last, following]
