"""What a question says about time: its kind, how strictly it bounds, and what is left of it without the words."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from treering.memory.retrieval.times.interval import Interval
from treering.memory.retrieval.times.kinds import wants_overview
from treering.memory.retrieval.times.timing import timed

NOW = datetime(2024, 3, 5, 12, tzinfo=UTC)
ZONES = [UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-11)), ZoneInfo("Europe/Lisbon")]
FIRST, LAST = datetime(1902, 1, 1), datetime(2098, 1, 1)  # noqa: DTZ001  # their zone is drawn
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.sampled_from(ZONES))
CARRIERS = ["What did I tell you about Ana {}?", "Where have I hiked {}?", "{} what rent did I pay?"]
PHRASES = [
    "last summer", "since March", "before 2019", "between May and July", "two weeks ago", "yesterday", "in 2016",
    "on 7 May 2015", "the weekend before 3 June", "this year", "lately", "in the last three months", "in Q3 2018",
    "until last Friday", "early in 2020", "the week before last", "from 2012 to 2015",
    "on the first Monday of May 2021",
]  # fmt: skip
WORDS = st.sampled_from(
    """
    the in on of before after since until between and from to last next this week weekend year May march 2020 99 3 3rd
    two few days ago end early Monday summer Q3 I moved my ? . , ' - when now January 29 February
    """.split()  # noqa: SIM905
)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("What did I tell you about Ana in March?", "said-in"),
        ("Which of the things I told you last month are about work?", "said-in"),
        ("What were we talking about on Monday?", "said-in"),
        ("What did Tom tell me in March?", "held-at"),
        ("Where did I live in 2019?", "held-at"),
        ("What did I say about Ana?", None),
        ("What is my name?", None),
        ("When did I move?", "when"),
        ("Do you remember when I moved?", "when"),
        ("On which day did I meet Tom?", "when"),
        ("How long have I known Tom?", "when"),
        ("When I was a child, where did I live?", None),
        ("How did my diet change since March?", "change"),
        ("Do I still live in Porto?", "change"),
        ("What did I use to drink?", "change"),
        ("What did I eat before I used to be vegan?", "change"),
        ("Am I used to the cold?", None),
        ("Is my diet different from before?", "change"),
        ("I still eat meat. What is my name?", None),
        ("What do I still eat when I am in the south for a long weekend?", "change"),
        ("What do I still eat when I am in the south for a very long weekend?", None),
    ],
)
def test_a_question_has_the_kind_that_its_words_ask_for(question: str, kind: str | None) -> None:
    assert timed(question, NOW).kind == kind


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("When was the last time I went hiking?", "last"),
        ("When did I last see Tom?", "last"),
        ("What is my most recent job?", "last"),
        ("What was my first job?", "first"),
        ("What did I eat in the last three weeks?", None),
        ("Where did I go last week?", None),
        ("What was my first job in 2019?", "first"),
    ],
)
def test_the_first_or_the_last_is_told_from_a_stretch(question: str, order: str | None) -> None:
    assert timed(question, NOW).order == order


@pytest.mark.parametrize(
    ("question", "is_strict"),
    [
        ("What did I tell you last week?", True),
        ("What did we talk about on 3 March?", True),
        ("What did I tell you about a month ago?", False),  # nobody counts that from the first on
        ("What did I tell you lately?", False),
        ("What did I do last week?", False),  # it may have been told since
        ("What did I tell you about my trip in May last week?", False),  # which of them is when it was told?
    ],
)
def test_only_a_sure_time_of_talking_leaves_anything_out(question: str, is_strict: bool) -> None:
    assert timed(question, NOW).is_strict is is_strict


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("What did I tell you about Ana last week?", "What did I tell you about Ana?"),
        ("Since March, what have I cooked?", "What have I cooked?"),
        ("What was last week's recipe?", "What was recipe?"),
        ("Last summer in Rome, whom did I meet?", "In Rome, whom did I meet?"),
        ("Which soup, last week, did I eat?", "Which soup, did I eat?"),
        ("Did I visit SpaceX last week?", "Did I visit SpaceX?"),
        ("Last year Xavier came, who was it?", "Xavier came, who was it?"),
        ("Did I see Tom last week, or Ana?", "Did I see Tom, or Ana?"),
        ("What soup did I eat last week ?", "What soup did I eat?"),
        ("what soup did i eat last week", "what soup did i eat"),
        ("What soup (last week) did I eat?", "What soup () did I eat?"),
        ("What did I do last summer?", "What did I do last summer?"),  # nothing would be left to look for
    ],
)
def test_the_words_about_time_are_taken_out(question: str, rest: str) -> None:
    assert timed(question, NOW).question == rest


def test_days_begin_at_midnight_of_the_person() -> None:
    late = datetime(2024, 3, 31, 23, 30, tzinfo=UTC).astimezone(ZoneInfo("Europe/Lisbon"))  # half past midnight there
    timing = timed("What did I eat today?", late)
    assert timing.interval == Interval(
        begin=datetime(2024, 4, 1, tzinfo=late.tzinfo), end=datetime(2024, 4, 2, tzinfo=late.tzinfo)
    )
    assert timing.interval.during().begin == int(datetime(2024, 3, 31, 23, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("now", "question", "begin"),
    [
        (datetime(2024, 2, 29, tzinfo=UTC), "What did I eat a year ago?", "2023-01-01"),
        (datetime(2024, 2, 29, tzinfo=UTC), "Where was I in the last twelve months?", "2023-02-28"),
        (datetime(2023, 3, 1, tzinfo=UTC), "What did I eat on 29 February?", "2020-02-29"),
        (datetime(2024, 3, 1, tzinfo=UTC), "What did I eat yesterday?", "2024-02-29"),
        (datetime(2024, 1, 31, tzinfo=UTC), "Where have I been in the last eleven months?", "2023-02-28"),
        (datetime(2024, 1, 10, tzinfo=UTC), "What did I read this winter?", "2023-12-01"),
        (datetime(2024, 1, 10, tzinfo=UTC), "What did I read last winter?", "2022-12-01"),
    ],
)
def test_leap_days_and_winters_are_where_the_calendar_has_them(now: datetime, question: str, begin: str) -> None:
    interval = timed(question, now).interval
    assert interval is not None
    assert interval.begin is not None
    assert f"{interval.begin:%Y-%m-%d}" == begin


@given(st.sampled_from(CARRIERS), st.sampled_from(PHRASES), MOMENTS)
def test_the_question_without_its_phrase_names_no_time(carrier: str, phrase: str, now: datetime) -> None:
    once = timed(carrier.format(phrase), now)
    assert once.phrase is not None
    again = timed(once.question, now)
    assert (again.question, again.phrase, again.interval) == (once.question, None, None)


@given(st.sampled_from(CARRIERS), st.sampled_from(PHRASES), MOMENTS)
def test_an_interval_has_a_length_and_its_zone(carrier: str, phrase: str, now: datetime) -> None:
    interval = timed(carrier.format(phrase), now).interval
    assert interval is not None
    for bound in (interval.begin, interval.end):
        assert bound is None or bound.tzinfo is now.tzinfo
    if interval.begin and interval.end:
        assert interval.begin < interval.end


@given(MOMENTS)
def test_before_and_since_share_out_all_time(now: datetime) -> None:
    before, since = timed("Where was I before 2019?", now).interval, timed("Where was I since 2019?", now).interval
    assert before is not None
    assert since is not None
    assert before.holds(now) is not since.holds(now)


@given(
    st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join)), st.datetimes(timezones=st.just(UTC))
)
@example("What did I do in the last 999 decades?", datetime(1, 1, 1, tzinfo=UTC))
@example("Where will I be in 999 years, around 31 December?", datetime(9999, 12, 31, tzinfo=UTC))
def test_any_text_at_any_time_is_read(text: str, now: datetime) -> None:
    timing = timed(text, now, lambda _clause: Interval(begin=now, end=None))
    assert (timing.phrase is None) == (timing.interval is None)


def calls(text: str) -> int:
    """How many functions it takes to read a text."""
    count = 0

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        timed(text, NOW)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("text", ["x", "before I moved ", "two days after the end of early ", "the last ", "1 "])
def test_a_long_question_costs_no_more_than_its_beginning(text: str) -> None:
    long = text * (100_000 // len(text))
    assert calls(long) <= 1.1 * calls(long[:4_000])
    assert calls(long[:4_000]) <= 10 * calls(long[:1_000])


def test_little_is_asked_of_the_person_s_life() -> None:
    asked: list[str] = []
    timed("Did I eat before I moved, after I moved, until I moved or while I moved?", NOW, asked.append)
    assert len(asked) == 2


def test_what_happened_is_told_in_the_person_s_zone() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    now = datetime(2024, 3, 5, 12, tzinfo=lisbon)
    lasted = Interval(
        begin=datetime(2023, 7, 10, 23, 30, tzinfo=UTC), end=datetime(2023, 8, 1, 23, 30, tzinfo=UTC)
    )  # an hour later there, in summer
    for question, end in [
        ("before I moved", datetime(2023, 7, 11, 0, 30, tzinfo=lisbon)),
        ("until I moved", datetime(2023, 8, 2, 0, 30, tzinfo=lisbon)),
    ]:
        found = timed(f"What soup did I eat {question}?", now, lambda _clause: lasted).interval
        assert found == Interval(end=end)


@pytest.mark.parametrize(("number", "is_read"), [(1899, False), (1900, True), (2100, True), (2101, False)])
def test_times_are_read_within_a_life(number: int, *, is_read: bool) -> None:
    timing = timed("What soup did I eat in 2019?", datetime(number, 3, 5, tzinfo=UTC))
    assert (timing.interval is not None) is is_read


@pytest.mark.parametrize(
    ("question", "expected"),
    [("Give me an overview of our talks.", True), ("What is it all ABOUT?", True), ("What is the dog called?", False)],
)
def test_a_question_for_an_overview_says_so(question: str, *, expected: bool) -> None:
    assert wants_overview(question) is expected
