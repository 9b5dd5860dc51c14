"""LongMemEval is heard in the order of its dates, and nothing of the gold stands in what is heard."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treering.bench.gold.answers import RightText
from treering.bench.gold.longmemeval import read_longmemeval_key
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.longmemeval import LONGMEMEVAL_M, LONGMEMEVAL_S, read_longmemeval
from treering.errors import InvalidInput

PORTO = {"role": "user", "content": "I moved to Porto.", "has_answer": True}
NOTED = {"role": "assistant", "content": "Noted."}


def entry(identity: str = "one", kind: str = "single-session-user", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    return {
        "question_id": identity,
        "question_type": kind,
        "question": "Where do I live?",
        "answer": "Porto",
        "question_date": "2023/05/30 (Tue) 21:56",
        "haystack_session_ids": ["noise_1", "answer_7"],
        "haystack_dates": ["2023/05/24 (Wed) 03:21", "2023/05/20 (Sat) 02:21"],
        "haystack_sessions": [[{"role": "user", "content": "It rains."}, NOTED], [PORTO, {**NOTED, "content": " "}]],
        "answer_session_ids": ["answer_7"],
    } | more


def written(folder: Path, *entries: dict[str, Any], name: str = "longmemeval_s_cleaned.json") -> Path:
    (folder / name).write_text(json.dumps(entries))
    return folder


def test_sessions_come_by_date_and_the_question_after_them(tmp_path: Path) -> None:
    [life] = read_longmemeval(LONGMEMEVAL_S, written(tmp_path, entry()))
    *turns, question = life.steps
    assert [turn.id for turn in turns] == ["1:0", "0:0", "0:1"]
    assert [turn.session for turn in turns] == ["session 1", "session 0", "session 0"]
    assert [turn.at for turn in turns] == sorted({turn.at for turn in turns})
    assert question.at == datetime(2023, 5, 30, 21, 56, tzinfo=UTC)
    assert isinstance(question, Question)
    assert question.text == "Where do I live?"
    assert life.id == "one"


def test_a_question_that_is_dated_before_a_session_is_asked_after_it(tmp_path: Path) -> None:
    [life] = read_longmemeval(LONGMEMEVAL_S, written(tmp_path, entry(question_date="2023/05/24 (Wed) 03:00")))
    *turns, question = life.steps
    assert question.at == turns[-1].at
    assert len(turns) == 3


def test_neither_the_names_of_sessions_nor_the_answer_are_heard(tmp_path: Path) -> None:
    lives = read_longmemeval(LONGMEMEVAL_S, written(tmp_path, entry(answer="1 Gbps"), entry("two")))
    assert "answer" not in repr(lives)
    assert "Gbps" not in repr(lives)


def test_a_text_that_several_histories_have_is_held_once(tmp_path: Path) -> None:
    first, second = read_longmemeval(LONGMEMEVAL_S, written(tmp_path, entry(), entry("two")))
    [one], [other] = ([step for step in life.steps if step.id == "1:0"] for life in (first, second))
    assert isinstance(one, SaidTurn)
    assert one.text is other.text


PREFERENCE = "single-session-preference"
EVIDENCE = frozenset({"1:0"})


@pytest.mark.parametrize(
    ("asked", "right", "is_request"),
    [
        (entry(), RightText(texts=("Porto",), type="single-session-user", evidence=EVIDENCE), False),
        (entry(answer=15), RightText(texts=("15",), type="single-session-user", evidence=EVIDENCE), False),
        (
            entry("x_abs", answer="No such town was told."),
            RightText(texts=(), type="abstention", is_unknowable=True, rubric="No such town was told."),
            False,
        ),
        (
            entry(kind=PREFERENCE, answer="Would like the sea."),
            RightText(
                texts=(),
                type=PREFERENCE,
                evidence=EVIDENCE,
                rubric="It need not keep to every point of this: it is right when it uses what the person told of "
                "themselves.\nWould like the sea.",
            ),
            True,
        ),
        (
            entry(kind="temporal-reasoning", answer="18 days"),
            RightText(
                texts=("18 days",),
                type="temporal-reasoning",
                evidence=EVIDENCE,
                rubric="A number of days, weeks or months that is off by one is right too.",
            ),
            False,
        ),
    ],
    ids=["answer", "number", "abstention", "preference", "dates"],
)
def test_what_is_right_goes_by_the_type(
    asked: dict[str, Any], right: RightText, *, is_request: bool, tmp_path: Path
) -> None:
    data = written(tmp_path, asked)
    assert read_longmemeval_key(LONGMEMEVAL_S, data) == {(asked["question_id"], "q"): right}
    [life] = read_longmemeval(LONGMEMEVAL_S, data)
    question = life.steps[-1]
    assert isinstance(question, Question)
    assert question.is_request == is_request


@pytest.mark.parametrize(
    "broken", [{"question_id": "x"}, entry(haystack_dates=["May"] * 2), entry(haystack_sessions=[[7], [7]]), 7]
)
def test_another_shape_says_where_the_files_are(broken: Any, tmp_path: Path) -> None:  # noqa: ANN401
    data = written(tmp_path, broken)
    with pytest.raises(InvalidInput, match=r"huggingface\.co/datasets/xiaowu0162"):
        read_longmemeval(LONGMEMEVAL_S, data)


def test_of_several_files_of_a_size_one_has_to_be_named(tmp_path: Path) -> None:
    written(tmp_path, entry())
    written(tmp_path, entry(), name="longmemeval_s.json")
    with pytest.raises(InvalidInput, match="name one of them"):
        read_longmemeval(LONGMEMEVAL_S, tmp_path)
    assert len(read_longmemeval(LONGMEMEVAL_S, tmp_path / "longmemeval_s.json")) == 1
    with pytest.raises(InvalidInput, match="longmemeval_m"):
        read_longmemeval(LONGMEMEVAL_M, tmp_path)
