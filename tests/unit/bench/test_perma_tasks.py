"""The tasks of PERMA are asked when their domain was talked of and at the end; gold is what was told by then."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering.bench.choice.folder import Heard, Recalled
from treering.bench.choice.metrics.contexts import context_marks
from treering.bench.gold.answers import RightText
from treering.bench.gold.perma_tasks import read_perma_tasks_key
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.perma_tasks import read_perma_tasks
from treering.errors import InvalidInput


def test_dialogs_come_by_the_timeline_and_tasks_after_the_last_one_of_their_domain_and_at_the_end(perma: Path) -> None:
    [mia] = read_perma_tasks(perma)
    order = [step.id if isinstance(step, Question) else step.session for step in mia.steps]
    assert list(dict.fromkeys(order)) == [
        *("0.1", "1.0"),
        *("Restaurants-1 soon", "Restaurants-2 soon"),
        *("0.0", "Hotels-1 soon", "Restaurants-1 late", "Restaurants-2 late"),
    ]
    turns = [step for step in mia.steps if isinstance(step, SaidTurn)]
    assert turns[0].at == datetime(2023, 3, 1, 8, 1, tzinfo=UTC)
    assert turns[2].at.date().isoformat() == "2023-05-02"
    assert [step.at for step in mia.steps] == sorted(step.at for step in mia.steps)
    questions = [step for step in mia.steps if isinstance(step, Question)]
    assert [one.at - turns[-1].at for one in questions[2:]] == [timedelta(days=1)] * 3
    assert questions[0].text == "Plan your dinner for tonight."
    assert all(one.is_request for one in questions)
    assert "Goal" not in repr(mia)


def test_what_a_reply_has_to_honour_is_what_of_the_profile_was_told_by_then(perma: Path) -> None:
    key = read_perma_tasks_key(perma)
    assert {question: one.aspects for (_, question), one in key.items() if isinstance(one, RightText)} == {
        # of "4 star" too few words stand in "Four stars would be nice"; a pool was never told
        "Hotels-1 soon": (frozenset({"0.0:0"}), frozenset({"0.0:0"}), frozenset({"0.1:0"})),
        "Restaurants-1 soon": (frozenset({"1.0:0"}),),  # the profile spells "Favourite", the task "Favorite"
        "Restaurants-1 late": (frozenset({"1.0:0"}),),
    }
    hotel = key["mia", "Hotels-1 soon"]
    assert isinstance(hotel, RightText)
    assert hotel.rubric.startswith("Goal: A hotel is found.")
    assert "- Amenity Preference: quiet rooms; sea view\n" in hotel.rubric
    assert "- Star Rating Preference: 4 star" in hotel.rubric
    assert "pool" not in hotel.rubric


@pytest.mark.parametrize(("turns", "recall"), [((), 0.0), (("c",), 0.0), (("b",), 0.5), (("b", "d"), 1.0)])
def test_a_context_holds_a_value_when_it_holds_one_of_the_turns_that_say_it(
    turns: tuple[str, ...], recall: float
) -> None:
    right = RightText(texts=(), type="soon", aspects=(frozenset({"a", "b"}), frozenset({"d"})))
    asked = Recalled(question="task", memory="", tokens=0, turns=turns, seconds=0.0)
    heard = Heard(conversation="mia", turns=6, ingest_s=1.0, asked=(asked,))
    [mark] = context_marks([heard], {("mia", "task"): right})
    assert mark.values["context_recall"] == recall
    assert mark.category == "soon"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tasks.json", [7]),
        ("tasks.json", {"Task 1": {"task_id": "x"}}),
        ("interleaved_timeline.json", [{"date": "soon", "task_id": "event_2 (Hotels)", "relevant_domain": "Hotels"}]),
        ("interleaved_timeline.json", [{"date": "2023-03-01 Morning", "task_id": "?", "relevant_domain": "Hotels"}]),
    ],
)
def test_another_shape_says_where_the_files_are(name: str, content: object, perma: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(perma, tmp_path / "perma"))
    (data / "mia" / name).write_text(json.dumps(content))
    with pytest.raises(InvalidInput, match="PolarisLiu1"):
        read_perma_tasks(data)
    with pytest.raises(InvalidInput, match="PolarisLiu1"):
        read_perma_tasks_key(data)


def test_the_noisy_dialogs_are_asked_the_same_tasks(perma: Path) -> None:
    [clean], [noisy] = read_perma_tasks(perma), read_perma_tasks(perma, noisy=True)
    assert [step.id for step in clean.steps] == [step.id for step in noisy.steps]
    assert clean != noisy
    assert read_perma_tasks_key(perma, noisy=True).keys() == read_perma_tasks_key(perma).keys()


def test_what_is_told_after_the_question_does_not_count(perma: Path, tmp_path: Path) -> None:
    data = Path(shutil.copytree(perma, tmp_path / "perma"))
    profile, dialogs = data / "mia" / "profile.json", data / "mia" / "raw_dialogues_c.json"
    profile.write_text(profile.read_text().replace('"soup, stew, and bread"', '"soup, stew, and bread", "sea view"'))
    dialogs.write_text(dialogs.read_text().replace("4 star", "4 star, Restaurants-Favourite Dishes-sea view"))
    key = read_perma_tasks_key(data)
    soon, late = key["mia", "Restaurants-1 soon"], key["mia", "Restaurants-1 late"]
    assert isinstance(soon, RightText)
    assert isinstance(late, RightText)
    assert soon.aspects == (frozenset({"1.0:0"}),)
    assert late.aspects == (frozenset({"1.0:0"}), frozenset({"0.0:0"}))
    assert "sea view" not in soon.rubric


@pytest.mark.skipif("TREERING_DATA" not in os.environ, reason="TREERING_DATA names no folder with public data")
def test_nearly_all_tasks_of_the_published_people_rest_on_something_they_said() -> None:
    data = Path(os.environ["TREERING_DATA"], "perma")
    asked = {(one.id, step.id) for one in read_perma_tasks(data) for step in one.steps if isinstance(step, Question)}
    key = read_perma_tasks_key(data)
    assert key.keys() <= asked
    said = sum(bool(one.aspects) for one in key.values() if isinstance(one, RightText))
    assert said > 0.9 * len(asked)
