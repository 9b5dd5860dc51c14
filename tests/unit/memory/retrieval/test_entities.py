"""What texts mention: names, pairs of words, dates."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from treering.memory.retrieval.entities import MAX_CHARS, entities, entity_of

MARCH = datetime(2024, 3, 15, tzinfo=UTC)


def names(*words: str) -> set[int]:
    return {entity_of("name", word) for word in words}


def pairs(*both: str) -> set[int]:
    return {entity_of("pair", one) for one in both}


def dates(*iso: str) -> set[int]:
    return {entity_of("date", one) for one in iso}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I met Ana at the Blue Note.", names("ana", "blue", "note") | pairs("met ana", "blue note")),
        ("I saw Ana's sister.", names("ana") | pairs("saw ana", "ana sister")),
        ("Was it with Zoë or O\u2019Brien?", names("zoe", "o'brien")),
        ("Is it Bo? Sure. Then: Yes!", names("bo")),
        ("and then I said I'm off", set()),
        ("Jazz helps", pairs("jazz help")),
        ("They run 3 miles", pairs("run 3", "3 mile")),
        ("Her part-time job", pairs("part time", "time job")),
        ("the pottery, classes", set()),
        ("", set()),
    ],
)
def test_names_and_pairs(text: str, expected: set[int]) -> None:
    assert set(entities(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was in May", dates("2024-05")),
        ("It was in December", dates("2023-12")),
        ("It was in September", dates("2023-09")),
        ("on 7th of June, 2021", dates("2021", "2021-06", "2021-06-07")),
        ("on July 4", dates("2024-07", "2024-07-04")),
        ("by 2022-11-05", dates("2022", "2022-11", "2022-11-05")),
        ("since 2019", dates("2019")),
        ("since 2019, and in May", dates("2019", "2024-05")),
        ("may I come in May", dates("2024-05")),
        ("last Sept. 2022", dates("2022", "2022-09")),
        ("We may march", set()),
        ("and June came", set()),
        ("at 20199 or 2019x", set()),
    ],
)
def test_dates_are_resolved_to_months_and_days(text: str, expected: set[int]) -> None:
    said = entities(text, at=MARCH)
    everything = {entity_of("date", f"{year}{rest}") for year in range(2018, 2027) for rest in _rests()}
    assert set(said) & everything == expected


def _rests() -> list[str]:
    months = [f"-{month:02}" for month in range(1, 13)]
    return ["", *months, *(f"{month}-{day:02}" for month in months for day in range(40))]


def test_a_month_without_a_year_is_nothing_when_nobody_knows_the_time() -> None:
    assert not set(entities("It was in May")) & dates("2023-05", "2024-05", "2025-05")


def test_the_nearest_month_is_at_most_half_a_year_away() -> None:
    for month in range(1, 13):
        said = datetime(2024, month, 1, tzinfo=UTC)
        near = {(year, number) for year in (2023, 2024, 2025) for number in range(1, 13)}
        near = {one for one in near if -6 <= (one[0] - 2024) * 12 + one[1] - month <= 5}
        for year, number in near:
            text = f"in {said.replace(month=number):%B}"
            assert entity_of("date", f"{year}-{number:02}") in entities(text, at=said)


def test_the_speaker_is_mentioned_too() -> None:
    speakers = {entity_of("speaker", word) for word in ("ana", "ribeiro")}
    assert set(entities("no", speaker="Ana Ribeiro")) == names("ana", "ribeiro") | speakers


def test_what_is_said_twice_counts_twice() -> None:
    assert entities("with Ana, for Ana") == {entity_of("name", "ana"): 2}


def test_endings_and_possessives_do_not_part_what_is_the_same() -> None:
    assert set(entities("a pottery class")) == set(entities("the Pottery classes")) - names("pottery")
    assert entity_of("name", "ana") in entities("It is Ana's.")


def test_hashes_are_what_stores_hold_already() -> None:
    assert entity_of("name", "ana") == 153_986_249
    assert entity_of("pair", "pottery class") != entity_of("name", "pottery class")


def test_a_long_text_is_looked_through_up_to_a_length() -> None:
    assert entities("x. " * MAX_CHARS + "with Ana") == {}


@given(st.text(max_size=200), st.none() | st.text(max_size=20), st.none() | st.datetimes())
def test_any_text_mentions_numbers_that_fit_32_bits(text: str, speaker: str | None, at: datetime | None) -> None:
    said = entities(text, speaker, at)
    assert all(0 <= entity < 2**32 and count > 0 for entity, count in said.items())
    assert said == entities(text, speaker, at)
