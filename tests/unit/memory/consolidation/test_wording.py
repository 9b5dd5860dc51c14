"""Which statements say the same, more, the contrary, or another number."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from treering.memory.consolidation.case import branch_of
from treering.memory.consolidation.wording import (
    denies,
    gist_of,
    is_said_in,
    measures_anew,
    says_more,
    says_the_same,
)
from treering.schemas.claims import Claim, Evidence
from treering.schemas.trunks import load_trunk

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)


def claim(text: str) -> Claim:
    words = Evidence(message_id="m", quote=text, start=0)
    return Claim(id="0" * 24, path="a", text=text, valid_from=NOON, recorded_at=NOON, evidence=(words,))


def verdicts(left: str, right: str) -> set[str]:
    old, new = claim(left), claim(right)
    one, other = gist_of(old), gist_of(new)
    found = {
        "same": says_the_same(one, other),
        "more": says_more(other, one),
        "denies": denies(one, other) or denies(other, one),
        "measures": measures_anew(old, new),
    }
    return {name for name, holds in found.items() if holds}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("loves hiking", "really enjoys hiking"),
        ("loves hiking in the mountains", "Hiking in the mountains is their favourite thing"),
        ("is allergic to peanuts", "has a peanut allergy"),
        ("works as a nurse", "is a nurse"),
        ("lives in Lisbon", "resides in Lisbon"),
        ("loves dentists", "loves dentistry"),
        ("loves bakers", "loves bakeries"),
        ("runs an organisation", "runs an organization"),
        ("Cooking at home is fun", "cooking at home is fun"),
        ("has a dog named Rex", "owns a dog called Rex"),
        ("loves jazz", "is a big fan of jazz"),
        ("hates mornings", "can't stand mornings"),
        ("has two cats", "owns 2 cats"),
        ("has two cats", "has 2 cats"),
        ("eats fish when travelling", "eats fish when they travel"),
    ],
)
def test_the_same_in_other_words(left: str, right: str) -> None:
    assert verdicts(left, right) == {"same"} == verdicts(right, left)


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("loves hiking", "loves hiking in the mountains"),
        ("plays guitar", "plays guitar in a band"),
        ("works as a nurse", "works as a nurse in a children's hospital"),
        ("loves jazz", "enjoys jazz and blues"),
    ],
)
def test_a_statement_that_goes_on_says_more(less: str, more: str) -> None:
    assert verdicts(less, more) == {"more"}
    assert verdicts(more, less) == set()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("loves jazz", "loves rock"),
        ("loves jazz", "loves jazz dancing"),
        ("likes red wine", "likes white wine"),
        ("likes wine", "likes red wine"),
        ("likes cats", "likes dogs"),
        ("plays tennis", "watches tennis"),
        ("plays the guitar", "plays the piano"),
        ("wants to visit Japan", "visited Japan"),
        ("is allergic to peanuts", "is allergic to cats"),
        ("has a brother named Tom", "has a brother named Tim"),
        ("has a sister", "has a sister in Porto"),
        ("prefers tea to coffee", "prefers coffee to tea"),
        ("works before lunch", "works after lunch"),
        ("used to smoke", "smokes"),
        ("eats fish", "only eats fish"),
        ("drinks coffee at work", "drinks coffee at home"),
        ("doesn't like tea", "doesn't like tea with milk"),
        ("likes tea", "doesn't like green tea"),
        ("went to Rome", "went to Rome with Tom"),
        ("is a vet", "is a veteran"),
        ("has some things", "owns a lot"),
        ("has a cat", "has a car"),
        ("loves poets", "loves poetry"),
        ("loves guitars", "loves guitarists"),
        ("Rose smells nice", "rose smells nice"),
        ("hated school", "loves school"),
        ("loved school", "hates school"),
        ("hates jazz", "loves rock"),
        ("uses he/him pronouns", "uses she/her pronouns"),
        ("drinks wine", "drinks wine on Fridays"),
    ],
)
def test_what_is_alike_is_neither_the_same_nor_a_contradiction(left: str, right: str) -> None:
    assert verdicts(left, right) == set() == verdicts(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("loves jazz", "hates jazz"),
        ("likes tea", "doesn't like tea"),
        ("drinks coffee", "no longer drinks coffee"),
        ("enjoys crowded parties", "avoids crowded parties"),
        ("has a car", "has no car"),
        ("is patient", "is not patient"),
        ("is not allergic to peanuts", "has a peanut allergy"),
        ("eats meat when travelling", "doesn't eat meat on weekdays"),
    ],
)
def test_a_denial_is_seen_whatever_the_conditions_are(left: str, right: str) -> None:
    assert verdicts(left, right) == {"denies"} == verdicts(right, left)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("has two cats", "has three cats"),
        ("Has two cats", "has one cat"),
        ("weighs 80 kg", "weighs 78 kg"),
        ("drinks 3 cups a day", "drinks 2 cups a day"),
    ],
)
def test_another_number_after_the_verb_is_a_new_measure(left: str, right: str) -> None:
    assert verdicts(left, right) == {"measures"}


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("has a daughter who is 4", "has a daughter who is 7"),
        ("ran 5 km", "ran 10 km"),
        ("walked 5 km", "walks 10 km"),
        ("walks 10 km", "walked 5 km"),
        ("avoids 3 foods", "avoids 5 foods"),
        ("drinks 2 cups in 3 hours", "drinks 4 cups in 5 hours"),
        ("has two cats", "has three dogs"),
        ("has two cats at home", "has three cats at work"),
    ],
)
def test_two_numbers_of_two_things_stand_side_by_side(left: str, right: str) -> None:
    assert verdicts(left, right) == set()


@pytest.mark.parametrize(
    ("statement", "quote", "expected"),
    [
        ("has two cats", "2 cats", True),
        ("has 2 cats", "Two cats live with us, and a dog.", True),
        ("loves Murphy's stout", "One more Murphy\u2019s stout, please!", True),
        ("loves sushi", "Sushi!", True),
        ("knows O'Hara", "I know O\u2019Hara", True),
        ("has two cats", "We have cats.", False),
        ("loves it", "I love it.", False),
    ],
)
def test_a_quote_says_a_statement_that_has_no_telling_word_beside_its_own(
    statement: str, quote: str, *, expected: bool
) -> None:
    assert is_said_in(gist_of(claim(statement)), quote) is expected


def test_the_examples_of_the_trunk_are_all_different_things() -> None:
    """Some 19,000 pairs that were not written for this, each under one branch."""
    gists = [
        (branch_of(slot.path), example, gist_of(claim(example)))
        for slot in load_trunk("core").slots
        for example in slot.examples
    ]
    merged = [
        (left, right)
        for (branch, left, one), (other_branch, right, other) in combinations(gists, 2)
        if branch == other_branch and (says_the_same(one, other) or says_more(one, other) or says_more(other, one))
    ]
    assert merged == []
