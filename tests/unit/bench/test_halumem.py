"""HaluMem is asked after each session; its gold knows in which session a memory was made."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from treering.bench.gold.answers import RightText
from treering.bench.gold.halumem import SessionChange, read_halumem_changes, read_halumem_key
from treering.bench.samples import Question, SaidTurn
from treering.bench.suites.halumem import HALUMEM_LONG, HALUMEM_MEDIUM, read_halumem
from treering.errors import InvalidInput

FISH, MEAT, RAIN = "Ada eats fish.", "Ada eats meat again.", "It rained."


def turn(role: str, content: str, at: str = "Sep 04, 2025, 18:42:18") -> dict[str, Any]:
    return {"role": role, "content": content, "timestamp": at, "dialogue_turn": 0}


def point(content: str, source: str = "primary", *former: str) -> dict[str, Any]:
    is_update = str(bool(former))
    return {
        "memory_content": content,
        "memory_source": source,
        "is_update": is_update,
        "original_memories": list(former),
    }


def asked(question: str, answer: str, kind: str, *evidence: str) -> dict[str, Any]:
    return {
        "question": question,
        "answer": answer,
        "evidence": [{"memory_content": one, "memory_type": "Persona Memory"} for one in evidence],
        "difficulty": "easy",
        "question_type": kind,
    }


ADA: dict[str, Any] = {
    "uuid": "u-1",
    "persona_info": "Name: Ada Lind; Gender: Female; Secret: climbs",
    "sessions": [
        {
            "start_time": "Sep 04, 2025, 18:42:18",
            "end_time": "Sep 04, 2025, 19:00:00",
            "memory_points": [point(FISH), point("Ada hates rain.", "interference")],
            "dialogue": [turn("user", "Fish again tonight!"), turn("assistant", "You hate rain, don't you?")],
            "questions": [asked("What does Ada Lind eat?", "Fish", "Basic Fact Recall", FISH)],
        },
        {  # as HaluMem-Long has them in between, with a date from anywhere in the life
            "start_time": "Nov 05, 2027, 18:00:00",
            "end_time": "Nov 05, 2027, 18:10:00",
            "is_generated_qa_session": True,
            "dialogue": [turn("user", "What is 2 + 2?", "Nov 05, 2027, 18:00:00")],
        },
        {
            "start_time": "Jan 02, 2026, 08:00:00",
            "end_time": "Jan 02, 2026, 08:30:00",
            "memory_points": [point(MEAT, "secondary", FISH), {**point(RAIN, "system", FISH), "is_update": "False"}],
            "dialogue": [
                turn("user", "I eat meat again.", "Jan 02, 2026, 08:00:00"),
                turn("assistant", " ", "Jan 02, 2026, 08:00:00"),
            ],
            "questions": [
                asked("What did Ada eat, and what does she now?", "Fish, then meat", "Dynamic Update", FISH, MEAT),
                asked("What is her middle name?", "Unknown; never told.", "Memory Boundary"),
            ],
        },
    ],
}


def written(folder: Path, *lines: object) -> Path:
    (folder / "HaluMem-Medium.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_questions_stand_behind_their_session_and_the_person_has_a_name(tmp_path: Path) -> None:
    [ada] = read_halumem(HALUMEM_MEDIUM, written(tmp_path, ADA))
    assert [step.id for step in ada.steps] == ["0:0", "0:1", "0:q0", "1:0", "2:0", "2:q0", "2:q1"]
    turns = [step for step in ada.steps if isinstance(step, SaidTurn)]
    assert [one.speaker for one in turns] == ["Ada Lind", "assistant", "Ada Lind", "Ada Lind"]
    assert [one.at for one in turns] == [
        datetime(2025, 9, 4, 18, 42, 18, tzinfo=UTC),
        datetime(2025, 9, 4, 18, 42, 19, tzinfo=UTC),
        datetime(2025, 9, 4, 18, 42, 20, tzinfo=UTC),
        datetime(2026, 1, 2, 8, 0, tzinfo=UTC),
    ]
    questions = [step for step in ada.steps if isinstance(step, Question)]
    assert questions[0].at == datetime(2025, 9, 4, 19, 0, tzinfo=UTC)
    heard = repr(ada)
    for hidden in ("climbs", "hates rain", "Dynamic Update", "then meat"):
        assert hidden not in heard


def test_a_memory_stands_for_the_turns_of_the_session_that_made_it(tmp_path: Path) -> None:
    first, last = frozenset({"0:0", "0:1"}), frozenset({"2:0"})
    assert read_halumem_key(HALUMEM_MEDIUM, written(tmp_path, ADA)) == {
        ("u-1", "0:q0"): RightText(texts=("Fish",), type="Basic Fact Recall", aspects=(first,)),
        ("u-1", "2:q0"): RightText(texts=("Fish, then meat",), type="Dynamic Update", aspects=(first, last)),
        ("u-1", "2:q1"): RightText(texts=(), type="Memory Boundary", is_unknowable=True, rubric="Unknown; never told."),
    }


def test_what_the_assistant_suggests_is_no_change_and_an_update_names_what_it_replaces(tmp_path: Path) -> None:
    assert read_halumem_changes(HALUMEM_MEDIUM, written(tmp_path, ADA)) == {
        "u-1": (
            SessionChange(turns=frozenset({"0:0", "0:1"}), kind="ADD", says=FISH, replaces=()),
            SessionChange(turns=frozenset({"2:0"}), kind="UPDATE", says=MEAT, replaces=(FISH,)),
            SessionChange(turns=frozenset({"2:0"}), kind="ADD", says=RAIN, replaces=()),
        )
    }


@pytest.mark.parametrize("broken", [7, {"uuid": "x"}, ADA | {"sessions": [{"dialogue": [turn("user", "a", "May")]}]}])
def test_another_shape_says_where_the_files_are(broken: object, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"huggingface\.co/datasets/IAAR-Shanghai"):
        read_halumem(HALUMEM_MEDIUM, written(tmp_path, broken))


def test_a_missing_or_torn_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="HaluMem-Long"):
        read_halumem(HALUMEM_LONG, written(tmp_path, ADA))
    (tmp_path / "HaluMem-Medium.jsonl").write_text('{"uuid": ')
    with pytest.raises(InvalidInput, match="JSON lines"):
        read_halumem_key(HALUMEM_MEDIUM, tmp_path)
