"""Benchmark files are read as their authors meant them, and what is gold about them apart from the rest."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from treering.bench.gold.locomo import read_locomo_gold
from treering.bench.gold.realmem import read_realmem_gold
from treering.bench.recall import read_suite
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.locomo import read_locomo
from treering.bench.suites.realmem import read_realmem
from treering.errors import InvalidInput


def test_sessions_of_locomo_come_in_order_of_their_number_and_questions_after_all_of_them(locomo: Path) -> None:
    first, second = read_locomo(locomo)
    turns = [step for step in first.steps if isinstance(step, SaidTurn)]
    assert [turn.id for turn in turns] == ["D1:1", "D1:2", "D1:3", "D2:1", "D2:2", "D10:1", "D10:2"]
    assert turns[1].at == datetime(2023, 5, 8, 13, 57, tzinfo=UTC)
    assert turns[1].line == "Bo: Lovely! I am repairing my old sailing boat."
    assert {turn.role for turn in turns} == {"user"}
    questions = first.steps[len(turns) :]
    assert [one.id for one in questions] == ["q0", "q1", "q2", "q4"]  # the adversarial one is left out
    assert all(one.at == turns[-1].at + timedelta(days=1) for one in questions)
    assert (second.id, second.questions) == ("pair-2", 1)


def test_the_evidence_of_locomo_is_corrected_by_the_audit_beside_it(locomo: Path, tmp_path: Path) -> None:
    key = read_locomo_gold(locomo)
    assert {question: (set(one.turns), one.category) for (_, question), one in key.items() if _ == "pair-1"} == {
        "q0": ({"D1:1"}, "single-hop"),
        "q1": ({"D1:2", "D10:1"}, "multi-hop"),
        "q2": ({"D2:1"}, "temporal"),
    }  # q4 has no evidence that exists, so it cannot be scored
    [alone] = [shutil.copy(file, tmp_path) for file in locomo.glob("locomo*.json")]
    assert read_locomo_gold(Path(alone))["pair-1", "q2"].turns == {"D2:2"}


def test_a_query_of_realmem_is_asked_before_it_is_said(realmem: Path) -> None:
    [mia] = read_realmem(realmem)
    kinds = [(type(step).__name__, step.id) for step in mia.steps]
    assert kinds[4:7] == [("Question", "s2:0"), ("SaidTurn", "s2:0"), ("SaidTurn", "s2:1")]
    times = [step.at for step in mia.steps]
    assert times == sorted(times), "two sessions of a day do not overlap"
    assert [one.session for one in mia.steps if isinstance(one, Question)] == ["s2"] * 3


def test_the_gold_of_realmem_is_where_the_memory_was_said_word_for_word(realmem: Path) -> None:
    assert {question: (set(one.turns), one.category) for (_, question), one in read_realmem_gold(realmem).items()} == {
        "s2:0": ({"s1:1"}, "Dynamic Updating"),
        # its words outweigh a wrong number, a number stands in for missing words, what is said later does not count
        "s2:2": ({"s1:2", "s1:3"}, "Implicit Preference"),
    }


def test_a_suite_keeps_questions_that_can_be_scored_and_as_many_as_were_asked_for(locomo: Path) -> None:
    assert [one.questions for one in read_suite("locomo", locomo).conversations] == [3, 1]
    limited = read_suite("locomo", locomo, limit=2)
    assert [one.questions for one in limited.conversations] == [2, 1]
    assert limited.steps == 7 + 2 + 2 + 1


@pytest.mark.parametrize("suite", ["locomo", "realmem"])
@pytest.mark.parametrize("content", [{}, [{}], {"dialogues": [1]}, {"dialogues": [{"session_uuid": 1}]}, 7, "no JSON"])
def test_a_file_of_another_shape_is_named_in_the_error(suite: str, content: object, tmp_path: Path) -> None:
    file = tmp_path / "locomo_other.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    with pytest.raises(InvalidInput, match=r"locomo_other\.json"):
        read_suite(suite, file)


def test_unknown_suites_and_missing_data_are_errors(tmp_path: Path, locomo: Path) -> None:
    with pytest.raises(InvalidInput, match="known are locomo, quartet, realmem, precision, "):
        read_suite("nothing", locomo)
    with pytest.raises(InvalidInput, match="holds no file"):
        read_suite("locomo", tmp_path)
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_suite("locomo", tmp_path / "nothing.json")
    empty = tmp_path / "locomo.json"
    empty.write_text("[]")
    with pytest.raises(InvalidInput, match="no question"):
        read_suite("locomo", empty)
