"""Relative dates, seen from Tuesday, 5 March 2024."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from treering.memory.listeners.dates import is_time_phrase, resolve_dates

AT = datetime(2024, 3, 5, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "text", "since"),
    [
        ("I moved last week", "I moved in the week of 2024-02-26", "2024-02-26"),
        ("I saw Ana yesterday", "I saw Ana on 2024-03-04", "2024-03-04"),
        ("I saw Ana yesterday evening", "I saw Ana on the evening of 2024-03-04", "2024-03-04"),
        ("I cried last night", "I cried on the night of 2024-03-04", "2024-03-04"),
        ("I broke it the day before yesterday", "I broke it on 2024-03-03", "2024-03-03"),
        ("I woke at 5 this morning", "I woke at 5 on the morning of 2024-03-05", "2024-03-05"),
        ("I am sad today", "I am sad on 2024-03-05", "2024-03-05"),
        ("I start tomorrow", "I start on 2024-03-06", None),
        ("I start as a nurse in June", "I start as a nurse in June 2024", None),
        ("I started as a nurse in June", "I started as a nurse in June 2023", "2023-06-01"),
        ("I began two years ago", "I began in 2022", "2022-01-01"),
        ("I met her 3 days ago", "I met her on 2024-03-02", "2024-03-02"),
        ("I met her a month ago", "I met her in February 2024", "2024-02-01"),
        ("I met him a couple of months ago", "I met him around January 2024", "2024-01-01"),
        ("I fly to Rome next Friday", "I fly to Rome on 2024-03-08", None),
        ("I went out on Friday", "I went out on 2024-03-01", "2024-03-01"),
        ("I went out last Tuesday", "I went out on 2024-02-27", "2024-02-27"),
        ("I have an appointment on Friday", "I have an appointment on 2024-03-08", None),
        ("I swim every Friday", "I swim every Friday", None),
        ("I swim on Fridays", "I swim on Fridays", None),
        ("I've been vegan since January", "I've been vegan since January 2024", "2024-01-01"),
        ("I've been vegan since last year", "I've been vegan since 2023", "2023-01-01"),
        ("I have run for three years", "I have run since 2021", "2021-01-01"),
        ("I've lived here for a few months now", "I've lived here since December 2023", "2023-12-01"),
        ("I ran for three hours", "I ran for three hours", None),
        ("I cook for two people", "I cook for two people", None),
        ("I was there in 2012", "I was there in 2012", "2012-01-01"),
        ("I moved here in March 2021", "I moved here in March 2021", "2021-03-01"),
        ("I began in October", "I began in October 2023", "2023-10-01"),
        ("I'm going to Rome in October", "I'm going to Rome in October 2024", None),
        ("My exam is on June 3rd", "My exam is on 2024-06-03", None),
        ("I was born on 12 May 1990", "I was born on 12 May 1990", "1990-05-12"),
        ("I will leave in two weeks", "I will leave in the week of 2024-03-18", None),
        ("I read it in two weeks", "I read it in two weeks", None),
        ("I sailed last summer", "I sailed in summer 2023", "2023-06-01"),
        ("I will sail this summer", "I will sail in summer 2024", None),
        ("I will rest this weekend", "I will rest on the weekend of 2024-03-09", None),
        ("I graduated last May", "I graduated in May 2023", "2023-05-01"),
        ("I study until 2026", "I study until 2026", None),
        ("I may march", "I may march", None),
        ("I earn 2000 euros", "I earn 2000 euros", None),
        ("I did it 99999 years ago", "I did it 99999 years ago", None),
        ("I own 3 cats", "I own 3 cats", None),
    ],
)
def test_resolve_dates(said: str, text: str, since: str | None) -> None:
    dated = resolve_dates(said, AT)
    assert dated.text == text
    assert (dated.since.date().isoformat() if dated.since else None) == since


def test_both_ends_of_a_time_are_told() -> None:
    dated = resolve_dates("I lived in Porto from 2012 to 2015", AT)
    assert (dated.since, dated.until) == (datetime(2012, 1, 1, tzinfo=UTC), datetime(2016, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(("phrase", "says_when"), [("In 2018,", True), ("Last week", True), ("In my house", False)])
def test_a_time_phrase_says_when_and_nothing_else(phrase: str, says_when: bool) -> None:
    assert is_time_phrase(phrase) is says_when
