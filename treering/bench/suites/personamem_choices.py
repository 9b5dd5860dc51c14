"""The questions of PersonaMem: four options each, asked at a point of a history that others share."""

from __future__ import annotations

import ast
import csv
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import WrongShape, data_files
from treering.bench.suites.personamem import CONTEXTS, read_personamem
from treering.bench.suites.source import Source
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from treering.bench.replaying import History, RecordedTurn

QUESTIONS = "questions_*.csv"
"""The files with the questions."""

PERSONAMEM = Source(
    name="PersonaMem",
    url="https://huggingface.co/datasets/bowen-upenn/PersonaMem",
    licence="MIT",
    files=(QUESTIONS, CONTEXTS),
)
"""The suite of Jiang et al. (2025), in its lengths of 32k, 128k and 1M tokens."""

_LETTERED = re.compile(r"^\([a-z]\)\s*")
_ASKER = re.compile(r"^User:\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A question, and how many messages are said before it."""

    question_id: str
    text: str
    options: tuple[str, ...]
    after: int


def read_personamem_choices(data: Path) -> list[Conversation]:
    """The histories of a folder, with each question where it is asked: after `end_index_in_shared_context` messages.

    Questions with two options that are the same have no single right answer, and are left out.

    Raises:
        InvalidInput: A file cannot be read or has another shape, or a question is of a history that is not there.
    """
    if not data.is_dir():
        raise InvalidInput(str(data), "is no folder; name the one with questions_*.csv and shared_contexts_*.jsonl")
    asked = _questions(data)
    histories = {one.id: one for one in read_personamem(data)}
    missing = sorted(set(asked) - set(histories))
    if missing:
        raise InvalidInput(str(data), f"has no history {missing[0]}, of which there are questions")
    return [
        Conversation(id=identity, steps=tuple(_steps(history, asked[identity])))
        for identity, history in histories.items()
        if identity in asked
    ]


def question_rows(data: Path) -> Iterator[Mapping[str, str]]:
    """The rows of the files, one a question.

    Raises:
        InvalidInput: A file cannot be read.
    """
    csv.field_size_limit(2**24)
    for file in data_files(data, QUESTIONS):
        try:
            with file.open(encoding="utf-8", newline="") as lines:
                yield from csv.DictReader(lines)
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            raise InvalidInput(str(file), f"cannot be read ({type(error).__name__})") from error


def lettered_options(row: Mapping[str, str]) -> list[str]:
    """The options of a row, with their letters: a list as JSON or as Python writes it; the files have both.

    Raises:
        ValueError: They are none.
        SyntaxError: Likewise.
    """
    written = row["all_options"]
    try:
        options = json.loads(written)
    except ValueError:
        options = ast.literal_eval(written)
    if not isinstance(options, list) or not all(isinstance(one, str) for one in options):
        raise ValueError("all_options is no list of texts")
    return options


def _questions(data: Path) -> dict[str, list[_Asked]]:
    found: dict[str, list[_Asked]] = defaultdict(list)
    try:
        for row in question_rows(data):
            options = tuple(_LETTERED.sub("", one) for one in lettered_options(row))
            if len(set(options)) < len(options):
                continue
            asked = _Asked(
                question_id=row["question_id"],
                text=_ASKER.sub("", row["user_question_or_message"]),
                options=options,
                after=int(row["end_index_in_shared_context"]),
            )
            found[row["shared_context_id"]].append(asked)
    except (KeyError, ValueError, TypeError, SyntaxError) as error:
        raise WrongShape(data, "PersonaMem", error) from error
    return found


def _steps(history: History, asked: Iterable[_Asked]) -> Iterator[SaidTurn | Question]:
    turns = [_said(turn) for turn in history.turns]
    by_place: dict[int, list[_Asked]] = defaultdict(list)
    for one in asked:
        by_place[min(one.after, len(turns))].append(one)
    for place in range(len(turns) + 1):
        last = turns[max(0, place - 1)]
        for one in by_place[place]:
            session = last.session if place < len(turns) else None
            yield Question(id=one.question_id, text=one.text, options=one.options, at=last.at, session=session)
        yield from turns[place : place + 1]


def _said(turn: RecordedTurn) -> SaidTurn:
    message = turn.message
    if message.role == "tool" or message.at is None or message.id is None:
        raise InvalidInput("a PersonaMem history", f"has a message that nobody says, in {turn.session}")
    return SaidTurn(
        id=message.id,
        session=turn.session,
        role=message.role,
        speaker="User" if message.role == "user" else message.role.capitalize(),
        text=message.content,
        at=message.at,
    )
