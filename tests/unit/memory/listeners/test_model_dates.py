"""Dates as a model writes them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.listeners.model_dates import since, until

SAID = datetime(2024, 3, 4, 9, 30, tzinfo=UTC)


def utc(year: int, month: int = 1, day: int = 1, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("2019", utc(2019), utc(2020)),
        ("2023-12", utc(2023, 12), utc(2024)),
        (" 2024-2 ", utc(2024, 2), utc(2024, 3)),
        ("2024-02-29", utc(2024, 2, 29), utc(2024, 3)),
        ("2025-01", utc(2025), utc(2025, 2)),
        ("2024-03-01T12:00:00+02:00", utc(2024, 3, 1, 10), utc(2024, 3, 1, 10)),
        ("2024-03-01 12:00", utc(2024, 3, 1, 12), utc(2024, 3, 1, 12)),
    ],
)
def test_a_period_begins_and_ends(text: str, begin: datetime, end: datetime) -> None:
    assert since(text, SAID) == begin
    assert until(text, SAID) == end


@pytest.mark.parametrize("text", ["2024", "2024-03", "2024-03-04"])
def test_a_period_that_is_going_on_says_no_more_than_the_message(text: str) -> None:
    """Else "since March" would come before what was said on the second of March."""
    assert since(text, SAID) is None
    assert until(text, SAID) == SAID


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-13", "2023-02-29", "0000", "9999", "0001-01-01T00:00+14:00", "x" * 99]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no date like"):
        since(text, SAID)
