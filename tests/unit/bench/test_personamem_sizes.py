"""A size of PersonaMem is named where several lie in a folder, and its histories are read one at a time."""

from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path
from weakref import WeakSet

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treering.bench.choice.catalogue import read_choice_suite
from treering.bench.choice.folder import RunFolder
from treering.bench.gold.choices import (
    NO_RIGHT_OPTION,
    SAME_OPTIONS,
    Broken,
    RightChoice,
    choice_of,
    read_personamem_key,
)
from treering.bench.results import LeftOut
from treering.bench.suites.personamem import Place, places
from treering.bench.suites.personamem_choices import PERSONAMEM
from treering.bench.suites.shelf import Shelf
from treering.cli.choosing import show
from treering.errors import InvalidInput


@pytest.fixture
def sizes(personamem: Path, tmp_path: Path) -> Path:
    """The tiny suite as 32k, and half of it as 128k."""
    for size in ("32k", "128k"):
        shutil.copy(personamem / "questions_tiny.csv", tmp_path / f"questions_{size}.csv")
        shutil.copy(personamem / "shared_contexts_tiny.jsonl", tmp_path / f"shared_contexts_{size}.jsonl")
    file = tmp_path / "questions_128k.csv"
    file.write_text("\n".join(file.read_text().splitlines()[:2]) + "\n")
    return tmp_path


def test_one_size_is_read_and_named_where_several_lie_in_a_folder(sizes: Path, personamem: Path) -> None:
    assert [read_choice_suite(name, sizes).questions for name in ("personamem-32k", "personamem-128k")] == [2, 1]
    with pytest.raises(InvalidInput, match=r"several sizes; name one as the suite: personamem-128k, personamem-32k"):
        read_choice_suite("personamem", sizes)
    (sizes / "questions_128k.csv").unlink()
    assert read_choice_suite("personamem", sizes).questions == 2
    with pytest.raises(InvalidInput, match=r"questions_1M\.csv.*huggingface\.co/datasets/bowen-upenn"):
        read_choice_suite("personamem-1m", personamem)


def test_files_that_are_called_as_published_ones_and_hold_something_else_are_known(sizes: Path) -> None:
    suite = read_choice_suite("personamem-32k", sizes)
    sums = suite.about("hash", None).sha256
    assert PERSONAMEM.changed(sums) == ["questions_32k.csv", "shared_contexts_32k.jsonl"]
    assert not PERSONAMEM.changed({**PERSONAMEM.sha256, "notes.txt": "0"})


def test_broken_questions_are_told_by_id_and_reason(sizes: Path) -> None:
    file = sizes / "questions_32k.csv"
    file.write_text(file.read_text().replace("now?,(a)", "now?,(e)"))
    suite = read_choice_suite("personamem-32k", sizes)
    assert {at: one.reason for at, one in suite.broken.items()} == {
        ("mia", "broken"): SAME_OPTIONS,
        ("mia", "late"): NO_RIGHT_OPTION,
    }


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.sampled_from("abcd"))
def test_an_option_is_right_where_it_alone_says_so(options: list[str], right: str) -> None:
    found = choice_of(options, right, "kind")
    if isinstance(found, RightChoice):
        assert [place for place, one in enumerate(options) if one == right] == [found.option]
    else:
        assert right not in options or len(set(options)) < len(options) or len(options) < 2
        assert found == Broken(reason=found.reason, type="kind")


class Made:
    """Something that can be seen to be gone."""

    def __init__(self, weight: int) -> None:
        self.weight = weight


@settings(max_examples=30)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 40))
def test_a_shelf_holds_what_its_plans_make_and_keeps_no_more_than_it_may(weights: list[int], keeps: int) -> None:
    made: WeakSet[Made] = WeakSet()

    def make(weight: int) -> Made:
        one = Made(weight)
        made.add(one)
        return one

    shelf = Shelf(weights, make, weigh=int, keeps=keeps)
    assert [one.weight for one in shelf] == weights
    assert sum(one.weight for one in made) <= max(keeps, weights[-1])
    assert (len(made) == len(weights)) is (sum(weights) <= keeps or len(weights) == 1)
    assert shelf[-1] is shelf[len(weights) - 1]


def test_a_history_stands_where_its_place_says_also_in_another_process(tmp_path: Path) -> None:
    said = [{"role": "user", "content": "User: Grüße!"}]
    file = tmp_path / "shared_contexts_x.jsonl"
    file.write_text("\n".join(["", json.dumps({"ö": said}, ensure_ascii=False), "", json.dumps({"b": said})]) + "\n")
    found = dict(places(file))
    shelf = pickle.loads(pickle.dumps(Shelf(list(found.values()), Place.read, weigh=hash)))  # noqa: S301 - our own
    assert [one.id for one in shelf[:2]] == list(found) == ["ö", "b"]
    assert shelf[0].turns[0].message.content == "Grüße!"
    file.write_text("[]\n")
    with pytest.raises(InvalidInput, match="is no PersonaMem file"):
        dict(places(file))


def test_a_run_tells_files_that_are_not_the_published_ones_and_questions_that_are_not_scored(
    sizes: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = read_choice_suite("personamem-32k", sizes)
    folder = RunFolder(tmp_path / "run", suite.about("hash", None))
    results = show((), suite, folder, None)
    assert results.left_out == (LeftOut(conversation="mia", question="broken", reason=SAME_OPTIONS),)
    assert results.manifest.settings["not the published file"] == "questions_32k.csv, shared_contexts_32k.jsonl"
    assert json.loads(results.model_dump_json())["left_out"][0]["question"] == "broken"
    told = " ".join(capsys.readouterr().out.split())
    assert "questions_32k.csv is not the published file" in told
    assert f"1 questions are not scored: {SAME_OPTIONS}" in told


def test_messages_without_a_word_are_no_turns_and_move_no_question(sizes: Path) -> None:
    file = sizes / "shared_contexts_32k.jsonl"
    [(identity, messages)] = json.loads(file.read_text()).items()
    before = read_choice_suite("personamem-32k", sizes).conversations[0]
    messages[1:1] = [{"role": "assistant", "content": "Assistant: "}, {"role": "user", "content": " "}]
    file.write_text(json.dumps({identity: messages}))
    table = sizes / "questions_32k.csv"
    table.write_text(table.read_text().replace("mia,2", "mia,4").replace("mia,7", "mia,9"))
    after = read_choice_suite("personamem-32k", sizes).conversations[0]
    assert [replace(one, id="") for one in after.steps] == [replace(one, id="") for one in before.steps]


def test_a_row_that_ends_too_early_is_no_question(sizes: Path) -> None:
    (sizes / "questions_32k.csv").write_text(
        "question_id,question_type,all_options,shared_context_id,correct_answer\n1\n"
    )
    with pytest.raises(InvalidInput, match=r"questions_32k\.csv: is no PersonaMem file"):
        read_choice_suite("personamem-32k", sizes)
    (sizes / "questions_32k.csv").write_text(
        'question_id,question_type,all_options,shared_context_id,correct_answer\n1,t,"[""(a) x""]",mia\n'
    )
    with pytest.raises(InvalidInput, match="is no PersonaMem file"):
        read_personamem_key(sizes, "32k")
