"""Times that a turn speaks of, seen from Tuesday, 5 March 2024."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.times.mentions import mentioned_days

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("I ran the marathon yesterday!", [("yesterday", "2024-03-04", "2024-03-05")]),
        ("I'm flying to Rome next Friday.", [("next Friday", "2024-03-08", "2024-03-09")]),
        ("In 2022 I lived in Porto. I moved in May.", [
            ("2022", "2022-01-01", "2023-01-01"), ("May", "2023-05-01", "2023-06-01"),
        ]),
        ("We met on 3 June 2019 and married last summer", [
            ("3 June 2019", "2019-06-03", "2019-06-04"), ("last summer", "2023-06-01", "2023-09-01"),
        ]),
        ("I like tea. I saw Tom this weekend.", [("this weekend", "2024-03-02", "2024-03-04")]),
        ("I will see her on Sunday.", [("Sunday", "2024-03-10", "2024-03-11")]),
        ("I saw her on Sunday. I will see her in May.", [
            ("Sunday", "2024-03-03", "2024-03-04"), ("May", "2024-05-01", "2024-06-01"),
        ]),
        ("Two weeks ago Tom fell.", [("Two weeks ago", "2024-02-19", "2024-02-26")]),
        ("I feel bad lately, and I may march.", []),
        ("I pay 2000 euros for 3 rooms.", []),
    ],
)  # fmt: skip
def test_the_times_of_a_turn_are_resolved(said: str, days: list[tuple[str, str, str]]) -> None:
    found = mentioned_days(said, AT)
    assert [(one.text, f"{one.begin:%Y-%m-%d}", f"{one.end:%Y-%m-%d}") for one in found] == days


@given(st.text(max_size=300))
def test_any_text_is_read_in_its_own_words(text: str) -> None:
    for found in mentioned_days(text, AT):
        assert found.text in text
        assert found.begin < found.end


@pytest.mark.parametrize(("year", "is_read"), [(1899, False), (1900, True), (2100, True), (2101, False)])
def test_times_are_read_within_a_life(year: int, *, is_read: bool) -> None:
    assert bool(mentioned_days("I ran yesterday.", AT.replace(year=year))) is is_read
