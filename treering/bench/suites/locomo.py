"""LoCoMo: conversations of two people over months, and questions about them asked afterwards (Maharana et al. 2024)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import JsonObject, WrongShape, data_files, read_json
from treering.bench.suites.source import Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

LOCOMO = Source(
    name="LoCoMo",
    url="https://github.com/snap-research/locomo",
    licence="CC BY-NC 4.0",
    files=("locomo*.json",),
    beside=("audit_errors.json",),
    measures="facts of two people's talk over months, and what nobody said",
    tried="5 of the 10 conversations of locomo10.json, with the audit",
    sha256={"locomo10.json": "79fa87e90f04081343b8c8debecb80a9a6842b76a7aa537dc9fdf651ea698ff4"},
)
"""The suite of Maharana et al. (2024); the audit of its answers is at https://github.com/dial481/locomo-audit."""

ADVERSARIAL = 5
"""Category of questions without an answer: nothing is to be found, and it is right to say that nothing is known."""

ASKED_AFTER = timedelta(days=1)
"""Questions are asked so long after the last turn."""

_SESSION = re.compile(r"session_(\d+)")
_DATE = "%I:%M %p on %d %B, %Y"


def read_locomo(data: Path) -> list[Conversation]:
    """The conversations of a LoCoMo file, or of every `locomo*.json` in a folder, with questions that have an answer.

    Both people are speakers in the role of a user; turns are dated a minute apart from the session's date on.
    Captions of pictures, and turns without a word, are left out.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    return [one for file in data_files(data, "locomo*.json") for one in _conversations(file, {ADVERSARIAL})]


def read_locomo_whole(data: Path) -> list[Conversation]:
    """The same with all questions, those too that have no answer.

    Raises:
        InvalidInput: As above.
    """
    return [one for file in data_files(data, "locomo*.json") for one in _conversations(file, set())]


def question_id(number: int) -> str:
    """The id of a question, from its place in the file."""
    return f"q{number}"


def _conversations(file: Path, left_out: Collection[int]) -> Iterator[Conversation]:
    samples = read_json(file)
    try:
        for sample in samples:
            turns = tuple(_turns(sample["conversation"]))
            asked_at = turns[-1].at + ASKED_AFTER
            questions = (
                Question(id=question_id(number), text=one["question"], at=asked_at)
                for number, one in enumerate(sample["qa"])
                if one["category"] not in left_out
            )
            yield Conversation(id=sample["sample_id"], steps=(*turns, *questions))
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise WrongShape(file, "LoCoMo", error) from error


def _turns(conversation: JsonObject) -> Iterator[SaidTurn]:
    sessions = sorted((int(found[1]), name) for name in conversation if (found := _SESSION.fullmatch(name)))
    for _, session in sessions:
        began = datetime.strptime(conversation[f"{session}_date_time"], _DATE).replace(tzinfo=UTC)
        for minute, turn in enumerate(conversation[session]):
            if not turn["text"].strip():
                continue
            yield SaidTurn(
                id=turn["dia_id"],
                session=session,
                role="user",
                speaker=turn["speaker"],
                text=turn["text"],
                at=began + timedelta(minutes=minute),
            )
