"""Nobody without memory scores more or less than a quarter in Quartet; what is right was said before it is asked."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.bench.gold.quartet import GoldItem, read_items, read_quartet_gold
from treering.bench.quartet.dial import LEVELS, Dial
from treering.bench.quartet.dice import Dice
from treering.bench.quartet.making import Made, make
from treering.bench.quartet.noise import noisy
from treering.bench.quartet.words import words
from treering.bench.quartet.writing import write
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.quartet import read_quartet
from treering.errors import InvalidInput
from treering.schemas.trunks import load_trunk

SMALL = Dial(groups=2, sessions=10, talk=1)

Rule = Callable[[str, tuple[str, ...]], int]
"""Answers a question by its words and its options alone."""


def longest(_: str, options: tuple[str, ...]) -> int:
    return max(range(4), key=lambda one: len(options[one]))


def shortest(_: str, options: tuple[str, ...]) -> int:
    return min(range(4), key=lambda one: len(options[one]))


def closest(question: str, options: tuple[str, ...]) -> int:
    asked = set(question.lower().split())
    return max(range(4), key=lambda one: len(asked & set(options[one].lower().split())))


def alphabetical(_: str, options: tuple[str, ...]) -> int:
    return options.index(min(options))


def most_letters_e(_: str, options: tuple[str, ...]) -> int:
    return max(range(4), key=lambda one: options[one].count("e"))


def arbitrary(question: str, options: tuple[str, ...]) -> int:
    return hashlib.sha256(repr((question, options)).encode()).digest()[0] % 4


RULES: list[Rule] = [longest, shortest, closest, alphabetical, most_letters_e, arbitrary]


@pytest.fixture(scope="module")
def made() -> Made:
    return make(SMALL)


def questions(made: Made) -> dict[tuple[str, str], Question]:
    return {(one.id, step.id): step for one in made.conversations for step in one.steps if isinstance(step, Question)}


@pytest.mark.parametrize("rule", [*RULES, *(lambda _, __, place=place: place for place in range(4))])
def test_whatever_rule_answers_without_memory_is_right_exactly_once_in_four(made: Made, rule: Rule) -> None:
    asked = questions(made)
    right = sum(rule((one := asked[item.person, item.question]).text, one.options) == item.right for item in made.gold)
    assert 4 * right == len(made.gold)


@settings(max_examples=15)  # a dial is 44 or 88 questions
@given(
    dial=st.builds(
        Dial,
        seed=st.integers(0, 10**6),
        groups=st.just(1),
        rounds=st.sampled_from([1, 2]),
        talk=st.just(0),
        sessions=st.just(10),
    )
)
def test_each_four_share_question_and_options_and_each_option_is_right_for_one(dial: Dial) -> None:
    made = make(dial)
    asked = questions(made)
    fours: dict[str, list[GoldItem]] = defaultdict(list)
    for item in made.gold:
        fours[item.quartet].append(item)
    assert len(fours) == 11 * dial.rounds
    for four in fours.values():
        assert (
            len({(asked[one.person, one.question].text, asked[one.person, one.question].options) for one in four}) == 1
        )
        assert sorted(one.right for one in four) == [0, 1, 2, 3]
        assert len({one.type for one in four}) == 1
        assert len(set(asked[four[0].person, four[0].question].options)) == 4


def test_the_evidence_of_a_question_is_said_by_the_person_before_it_is_asked(made: Made) -> None:
    steps = {one.id: list(one.steps) for one in made.conversations}
    asked = questions(made)
    for item in made.gold:
        life = steps[item.person]
        before = life[: life.index(asked[item.person, item.question])]
        said = {step.id: step for step in before if isinstance(step, SaidTurn)}
        assert set(item.evidence) <= set(said)
        assert all((said[one].role, said[one].speaker) == ("user", item.person) for one in item.evidence)
        assert bool(item.evidence) == (item.right != item.abstain)
        assert item.right not in item.stale


def test_a_life_goes_forward_in_time(made: Made) -> None:
    for one in made.conversations:
        moments = [step.at for step in one.steps]
        assert moments == sorted(moments)
        turns = [step.id for step in one.steps if isinstance(step, SaidTurn)]
        assert len(set(turns)) == len(turns)


def test_what_was_right_last_turns_again_after_the_question_so_that_who_peeks_is_wrong(made: Made) -> None:
    asked = questions(made)
    for item in (one for one in made.gold if one.type == "latest preference"):
        life = next(one.steps for one in made.conversations if one.id == item.person)
        place = life.index(question := asked[item.person, item.question])
        later = " ".join(step.text.lower() for step in life[place:] if isinstance(step, SaidTurn))
        options = [
            option.lower().removeprefix("a ").removeprefix("the ").removeprefix("as a ") for option in question.options
        ]
        assert any(option in later for place, option in enumerate(options) if place != item.right)


def test_dates_lie_apart_as_many_weeks_as_the_right_option_says(made: Made) -> None:
    ago = {"two days ago": 2, "yesterday": 1, "today": 0}
    asked = questions(made)
    for item in (one for one in made.gold if one.type == "date arithmetic"):
        turns = {
            step.id: step
            for one in made.conversations
            if one.id == item.person
            for step in one.steps
            if isinstance(step, SaidTurn)
        }
        days = []
        for identity in item.evidence:
            since = next(days for words_, days in ago.items() if words_ in turns[identity].text.lower())
            days.append(turns[identity].at.date() - timedelta(days=since))
        weeks = int(asked[item.person, item.question].options[item.right].split()[0])
        assert days[1] - days[0] == timedelta(weeks=weeks)


def test_every_gold_operation_is_of_a_slot_that_exists(made: Made) -> None:
    known = load_trunk("core").by_path
    assert {one.path for item in made.gold for one in item.changes} <= set(known)
    assert {one.kind for item in made.gold for one in item.changes} == {"ADD", "UPDATE", "DELETE"}


def test_the_same_dial_makes_the_same_suite_and_another_seed_another() -> None:
    assert make(SMALL) == make(SMALL)
    assert make(SMALL) != make(SMALL.model_copy(update={"seed": 2}))


def test_what_is_written_is_read_back_and_a_second_suite_needs_another_folder(made: Made, tmp_path: Path) -> None:
    write(made, SMALL, tmp_path / "suite")
    assert read_quartet(tmp_path / "suite") == list(made.conversations)
    assert read_items(tmp_path / "suite") == list(made.gold)
    assert all(target.turns for target in read_quartet_gold(tmp_path / "suite").values())
    sums = json.loads((tmp_path / "suite" / "manifest.json").read_text())["sha256"]
    assert sums == {name: hashlib.sha256((tmp_path / "suite" / name).read_bytes()).hexdigest() for name in sums}
    with pytest.raises(InvalidInput, match="holds a suite already"):
        write(made, SMALL, tmp_path / "suite")


def test_a_file_of_another_shape_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.jsonl").write_text('{"person": "ada"}\n')
    (tmp_path / "gold.jsonl").write_text("{}\n")
    with pytest.raises(InvalidInput, match="Quartet"):
        read_quartet(tmp_path)
    with pytest.raises(InvalidInput, match="Quartet"):
        read_items(tmp_path)


@given(text=st.text("abcdefg .,!?", max_size=60), level=st.sampled_from([0, 1, 2, 3]), seed=st.text(max_size=3))
def test_noise_keeps_the_words_on_which_answers_hang(text: str, level: int, seed: str) -> None:
    kept = frozenset({"porto", "lighthouse"})
    typed = noisy(f"{text} Porto, the lighthouse.", level, kept, Dice(seed)).lower()
    assert "porto" in typed
    assert "lighthouse" in typed
    assert level or typed == f"{text} porto, the lighthouse.".lower()


def test_slips_and_fillers_come_with_the_louder_levels() -> None:
    said = "Yesterday somebody wonderful whispered something remarkable."
    typed = {level: {noisy(said, level, frozenset(), Dice(str(seed))) for seed in range(30)} for level in range(4)}
    assert typed[0] == {said}
    assert all("." not in one for one in typed[3])
    assert max(map(len, typed[2])) > len(said)
    assert len(typed[3]) > 10


def test_there_are_words_enough_for_two_rounds() -> None:
    all_words = words()
    for topics in (all_words.changes.topics, all_words.reasons, all_words.scenarios, all_words.plans, all_words.dates):
        assert len(topics) >= 2
    assert len(all_words.facts) >= 10
    assert all(len(set(fact.values)) >= 4 for fact in all_words.facts)
    assert {"easy", "medium", "hard"} == set(LEVELS)
