"""Times that are counted from others, seen from Tuesday, 5 March 2024, noon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from treering.memory.retrieval.times.moments import moment
from treering.memory.retrieval.times.points import Point, View

# ruff: noqa: DTZ001  # times have no zone here

NOW = datetime(2024, 3, 5, 12)
BEGIN, END = datetime(2023, 5, 10), datetime(2023, 5, 20)


def happened(text: str, at: int) -> Point | None:
    """A trip of ten days from a Wednesday on, and a move on its first day, of which no end is known."""
    words, stop = text[at:], len(text)
    if words == "my trip":
        return Point(start=BEGIN, end=END, stop=stop)
    return Point(start=BEGIN, end=BEGIN + timedelta(days=1), stop=stop, is_open=True) if words == "I moved" else None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("the end of the day", None),
        ("the end of yesterday", "2024-03-04 2024-03-05 vague"),
        ("the start of 2023", "2023-01-01 2023-05-01 vague"),
        ("early last quarter", "2023-10-01 2023-11-01 vague"),
        ("mid-March", "2024-03-11 2024-03-22 vague"),
        ("late in 2019", "2019-09-01 2020-01-01 vague"),
        ("the very beginning of last week", "2024-02-26 2024-02-28 vague"),
        ("the first half of January", "2024-01-01 2024-01-17 vague"),
        ("the second half of Q1 2023", "2023-03-01 2023-04-01 vague"),
        ("the middle of the year", "2024-05-01 2024-09-01 vague"),
        ("the first week of May", "2023-05-01 2023-05-08"),
        ("the 2nd Friday of May 2023", "2023-05-12 2023-05-13"),
        ("the second weekend in January", "2024-01-13 2024-01-15"),
        ("the fourth Monday of January", "2024-01-22 2024-01-23"),
        ("the last Friday of May 2023", "2023-05-26 2023-05-27"),
        ("the last weekend of May 2023", "2023-05-27 2023-05-29"),
        ("the third month of 2023", "2023-03-01 2023-04-01"),
        ("the last month of 2023", "2023-12-01 2024-01-01"),
        ("the fourth Friday of last week", None),
        ("the fourth week of last week", None),
        ("the second day of last week", "2024-02-27 2024-02-28"),
        ("the night of 3 June", "2023-06-03 2023-06-04"),
        ("the week of 3 June", "2023-05-29 2023-06-05"),
        ("the month of 3 June 2022", "2022-06-01 2022-07-01"),
        ("a few days before my trip", "2023-05-05 2023-05-11 vague"),
        ("a few days after my trip", "2023-05-20 2023-05-26 vague"),
        ("some weeks after I moved", None),
        ("several months before 3 June", "2023-01-03 2023-06-04 vague"),
        ("two days after my trip", "2023-05-22 2023-05-23"),
        ("two days after I moved", "2023-05-12 2023-05-13"),
        ("two days before my trip", "2023-05-08 2023-05-09"),
        ("two days following 3 June", "2023-06-05 2023-06-06"),
        ("two days prior to 3 June", "2023-06-01 2023-06-02"),
        ("a week after my trip", "2023-05-22 2023-05-29"),
        ("the day after I moved", "2023-05-11 2023-05-12"),
        ("the day before I moved", "2023-05-09 2023-05-10"),
        ("the day after my trip", "2023-05-20 2023-05-21"),
        ("the night after my trip", "2023-05-20 2023-05-21"),
        ("the Friday after my trip", "2023-05-26 2023-05-27"),
        ("the Saturday after my trip", "2023-05-20 2023-05-21"),
        ("the Wednesday after I moved", "2023-05-17 2023-05-18"),
        ("the Thursday after I moved", "2023-05-11 2023-05-12"),
        ("the Wednesday before I moved", "2023-05-03 2023-05-04"),
        ("the Tuesday before my trip", "2023-05-09 2023-05-10"),
        ("the summer after my trip", "2023-06-01 2023-09-01"),
        ("the summer before my trip", "2022-06-01 2022-09-01"),
        ("the summer after Christmas 2022", "2023-06-01 2023-09-01"),
        ("the weekend before my trip", "2023-05-06 2023-05-08"),
        ("the weekend after my trip", "2023-05-20 2023-05-22"),
        ("the weekend before 6 May 2023", "2023-04-29 2023-05-01"),
        ("the weekend before 8 May 2023", "2023-05-06 2023-05-08"),
        ("the weekend before 7 May 2023", "2023-04-29 2023-05-01"),
        ("the weekend after 6 May 2023", "2023-05-13 2023-05-15"),
        ("the weekend after 7 May 2023", "2023-05-13 2023-05-15"),
        ("the weekend after 5 May 2023", "2023-05-06 2023-05-08"),
        ("the month after I moved", "2023-05-11 2023-06-11"),
        ("the month before my trip", "2023-04-10 2023-05-10"),
        ("the week prior to my trip", "2023-05-03 2023-05-10"),
        ("the evening before my trip", "2023-05-09 2023-05-10"),
        ("shortly before my trip", "2023-04-10 2023-05-10 vague"),
        ("shortly after my trip", "2023-05-20 2023-06-19 vague"),
        ("soon after I moved", "2023-05-10 2023-06-09 vague"),
        ("right before 3 June", "2023-05-04 2023-06-03 vague"),
        ("not long following my trip", "2023-05-20 2023-06-19 vague"),
        ("two days after the end of last week", "2024-03-06 2024-03-07 vague"),
        ("two days after about 5 days ago", "2024-03-04 2024-03-05 vague"),
        ("the week after lately", "2024-03-06 2024-03-13"),
        ("the week", None),
        ("the month before the year", "2023-12-01 2024-01-01"),
        ("the beginning of the weekend before the end of the week of 3 June", None),
        ("May last year", "2023-05-01 2023-06-01"),
        ("last week on Monday", "2024-02-26 2024-02-27"),
        ("Monday of last week", "2024-02-26 2024-02-27"),
        ("last year in May", "2023-05-01 2023-06-01"),
        ("Sunday, last week", "2024-03-03 2024-03-04"),
        ("in May in March", None),
        ("3 May last year", "2023-05-03 2023-05-04"),
        ("2 May of 2019", "2019-05-02 2019-05-03"),
        ("Monday in May 2023", "2023-05-29 2023-05-30"),
        ("the 5th of last month", "2024-02-05 2024-02-06"),
        ("summer last year", "2023-06-01 2023-09-01"),
        ("Q1 last year", "2023-01-01 2023-04-01"),
        ("two centuries after my trip", None),
        ("999 decades after my trip", None),
    ],
)
def test_words_count_from_another_time(
    words: str, expected: str | None, told: Callable[[Point | None], str | None]
) -> None:
    found = moment(words, 0, View(at=NOW), happened)
    assert told(found) == expected
    assert found is None or found.stop == len(words)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("May last May", "May"),
        ("the 31st of last month", "the 31st"),
    ],
)
def test_of_two_times_that_do_not_fit_the_first_is_meant(words: str, named: str) -> None:
    found = moment(words, 0, View(at=NOW), happened)
    assert found is not None
    assert words[: found.stop] == named
