"""What a statement says of its own."""

from __future__ import annotations

import pytest

from treering.memory.listeners.substance import names, substance


@pytest.mark.parametrize(
    "empty",
    [
        "should have been more specific",
        "will go ahead with the booking",
        "is looking for some recommendations",
        "wants to compare the options",
        "is planning another trip",
    ],
)
def test_talk_about_the_talk_has_no_substance(empty: str) -> None:
    assert not substance(empty)


@pytest.mark.parametrize("own", ["is a nurse", "has two cats", "is planning a trip to Rome", "wakes up at 6", "is 34"])
def test_facts_have_some(own: str) -> None:
    assert substance(own)


def test_names_titles_and_measures_are_counted() -> None:
    assert names("wants a flat in Porto under $900 near the Old Mill") == 3
    assert names("read 'Solaris' at 7:30") == 2
    assert names("Wants a flat") == 0
