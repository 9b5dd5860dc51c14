"""Words that bound a question in time, also by what happened to the person, seen from Tuesday, 5 March 2024, noon."""

from __future__ import annotations

from datetime import datetime

import pytest

from treering.memory.retrieval.times.phrases import (
    LAST_TALK,
    MAX_CLAUSES,
    MAX_STARTS,
    Phrase,
    best_phrase,
    points,
)
from treering.memory.retrieval.times.points import View

# ruff: noqa: DTZ001  # times have no zone here

VIEW = View(at=datetime(2024, 3, 5, 12))
HAPPENED = {
    LAST_TALK: (datetime(2024, 3, 1), datetime(2024, 3, 2)),
    "I moved": (datetime(2022, 9, 10), None),
    "I lived in Rome": (datetime(2008, 1, 1), datetime(2010, 6, 1)),
    "I lived in Faro": (datetime(2020, 1, 1), None),
    "my trip": (datetime(2019, 5, 2), datetime(2019, 5, 20)),
    "my wedding": (datetime(2018, 6, 9), None),
    "my birthday": (datetime(2024, 2, 1), datetime(2024, 2, 2)),
}


def told(found: Phrase) -> str:
    """A stretch in short: its ends, open ones as dots, and what else is known of it."""
    ends = [f"{end:%Y-%m-%d}" if end else "…" for end in (found.begin, found.end)]
    flags = {"vague": found.is_vague, "absolute": found.is_absolute, "occasion": found.names_occasion}
    return " ".join([*ends, *(flag for flag, holds in flags.items() if holds)])


@pytest.mark.parametrize(
    ("question", "words", "expected"),
    [
        ("What did we say in our last conversation?", "in our last conversation", "2024-03-01 2024-03-02 vague"),
        ("What have you said since our last chat?", "since our last chat", "2024-03-01 … vague"),
        ("What did I say the last time we met?", "the last time we met", "2024-03-01 2024-03-02 vague"),
        ("What did I eat since I moved?", "since I moved", "2022-09-10 … vague"),
        ("What did I eat after I moved?", "after I moved", "2022-09-10 … vague"),
        ("What did I eat before I moved?", "before I moved", "… 2022-09-10 vague"),
        ("What did I eat until I moved?", "until I moved", "… 2022-09-10 vague"),
        ("What did I eat while I lived in Rome?", "while I lived in Rome", "2008-01-01 2010-06-01 vague"),
        ("What did I eat while I lived in Faro?", "while I lived in Faro", "2020-01-01 … vague"),
        ("What did I eat after I lived in Rome?", "after I lived in Rome", "2010-06-01 … vague"),
        ("What did I eat around my wedding?", "around my wedding", "2018-06-08 2018-06-11 vague occasion"),
        ("What did I eat at my wedding?", "at my wedding", "2018-06-09 … vague occasion"),
        ("What did I get for my birthday?", "for my birthday", "2024-02-01 2024-02-02 vague occasion"),
        ("Did I cry during my trip?", "during my trip", "2019-05-02 2019-05-20 vague occasion"),
        ("Whom did I meet throughout my trip?", "throughout my trip", "2019-05-02 2019-05-20 vague occasion"),
        ("What did I do since the week after I moved?", "since the week after I moved", "2022-09-11 …"),
        ("Do you remember when I moved?", None, None),
        ("Remember when I moved?", None, None),
        ("What did I eat when I moved?", "when I moved", "2022-09-10 … vague"),
        ("What did I do last May and June?", "last May and June", "2023-05-01 2023-07-01"),
        ("What did I do in early 2021 and 2022?", "in early 2021", "2021-01-01 2021-05-01 vague"),
        ("What did I do in 2023 and 2021?", "in 2023", "2023-01-01 2024-01-01 absolute"),
        ("What did I do in 2021 and last week?", "in 2021", "2021-01-01 2022-01-01 absolute"),
        ("What did I do in 2021, 2022 or 2023?", "in 2021, 2022 or 2023", "2021-01-01 2024-01-01 absolute"),
        ("What did I do after 2021 and 2022?", "after 2021", "2022-01-01 … absolute"),
        ("What did I do in May on Sundays?", "in May", "2023-05-01 2023-06-01"),
        ("What changed starting June onwards?", "starting June onwards", "2023-06-01 …"),
        ("What changed from June on?", "from June on", "2023-06-01 …"),
        ("From Monday on I ate what?", "From Monday on", "2024-03-04 …"),
        ("What changed from May onwards", "from May onwards", "2023-05-01 …"),
        ("What did I hear from May?", None, None),
        ("Was there a letter from May on Friday?", "on Friday", "2024-03-01 2024-03-02"),
        ("Was there a letter from May on tax?", None, None),
        ("What changed by June on?", "by June", "… 2023-07-01"),
        ("What do I think of May?", None, None),
        ("Is it for Sunday?", None, None),
        ("What comes two days after ?", None, None),
        ("What comes two days after ---?", None, None),
        ("What did I do while I lived there in May?", "while I lived there in May", "2023-05-01 2023-06-01"),
        (
            "What did I see during my trip to Peru in May?",
            "during my trip to Peru in May",
            "2023-05-01 2023-06-01 occasion",
        ),
        ("How many did I see between 2 and 5 people?", None, None),
        ("What did I do between 2 and 5 January?", "between 2 and 5 January", "2024-01-02 2024-01-06"),
        ("What did I do from the 3rd to the 5th?", "from the 3rd to the 5th", "2024-03-03 2024-03-06"),
        ("What did I do between today and yesterday?", "today", "2024-03-05 2024-03-06"),
        ("What did I do between yesterday and right now?", "between yesterday and right now", "2024-03-04 2024-03-05"),
        ("What did I do between early May and July?", "between early May and July", "2023-05-01 2023-08-01 vague"),
        ("What did I do from 3 May 2022 until 2023?", "from 3 May 2022 until 2023", "2022-05-03 2024-01-01 absolute"),
        ("What did I do around Christmas?", "around Christmas", "2023-12-21 2023-12-30 vague occasion"),
        ("What did I do on Christmas Eve?", "on Christmas Eve", "2023-12-24 2023-12-25 occasion"),
        ("What did I do over the last Christmas?", "over the last Christmas", "2023-12-24 2023-12-27"),
        ("What did I see around 3 June 2022?", "around 3 June 2022", "2022-06-02 2022-06-05 vague absolute"),
        ("What did I do last week or on 6 May 2023?", "on 6 May 2023", "2023-05-06 2023-05-07 absolute"),
        ("What did I do lately or last week?", "last week", "2024-02-26 2024-03-04"),
        ("What did I do as soon as I moved?", "as soon as I moved", "2022-09-10 … vague"),
        ("What was it by the time I moved?", "by the time I moved", "… 2022-09-10 vague"),
        ("What did I do ever since 2020?", "ever since 2020", "2020-01-01 … absolute"),
        ("What did I plan ahead of my trip?", "ahead of my trip", "… 2019-05-02 vague"),
        ("What did I do in a week?", None, None),
        ("What did I do earlier than 2020?", "earlier than 2020", "… 2020-01-01 absolute"),
        ("What did I do through June?", None, None),
    ],
)
def test_words_bound_a_stretch(question: str, words: str | None, expected: str | None) -> None:
    found = best_phrase(question, VIEW, HAPPENED.get)
    if found is None:
        assert words is None
    else:
        assert (question[found.start : found.stop], told(found)) == (words, expected)


def test_for_and_a_bare_name_are_a_time_of_plans_alone() -> None:
    ahead = View(at=VIEW.at, tense="future")
    for question, words in [("Is there a party for May?", "for May"), ("Is it for Sunday?", "for Sunday")]:
        found = best_phrase(question, ahead)
        assert found is not None
        assert question[found.start : found.stop] == words
        assert best_phrase(question, VIEW) is None
    assert best_phrase("Is it of May?", ahead) is None
    assert list(points("I cook for May", VIEW)) == []


def test_now_ends_at_this_moment() -> None:
    found = best_phrase("What did I do between yesterday and now?", VIEW)
    assert found is not None
    assert found.end == VIEW.at


def test_a_few_clauses_are_read_and_no_more() -> None:
    clauses = ["before I came", "after I went", "since I ate", "until I ran"]
    assert len(clauses) == MAX_CLAUSES
    trip = "during my trip in 2019"
    for earlier, words in [(clauses[:3], trip), (clauses, "in 2019")]:
        text = f"Was it {', '.join([*earlier, trip])}"
        found = best_phrase(text, VIEW)
        assert found is not None
        assert text[found.start : found.stop] == words


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("How was it before I knew what I wanted?", ["I knew what I wanted"]),
        ("Before I knew what did I want?", ["I knew"]),
        ("Was it two days after ---?", []),
    ],
)
def test_a_clause_ends_where_the_question_begins(question: str, asked: list[str]) -> None:
    clauses: list[str] = []
    best_phrase(question, VIEW, clauses.append)
    assert clauses == asked


def test_a_long_text_is_read_up_to_its_bound() -> None:
    assert len(list(points("the " * (MAX_STARTS - 1) + "in 2019", VIEW))) == 1
    assert list(points("the " * MAX_STARTS + "in 2019", VIEW)) == []
