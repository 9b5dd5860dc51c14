"""HaluMem: 20 people who talk with an assistant for years, asked after each session (Chen et al. 2025)."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import JsonObject, data_files
from treering.bench.suites.shape import shape_of
from treering.bench.suites.source import Source
from treering.bench.suites.turns import turn_id
from treering.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DATE = "%b %d, %Y, %H:%M:%S"
_BETWEEN_TURNS = timedelta(seconds=1)
_INSERTED = "is_generated_qa_session"
"""Marks a session of talk about other things, which the long form has in between."""

_NAME = re.compile(r"Name:\s*([^;]+)")


def _source(file: str, measures: str, sha256: str) -> Source:
    return Source(
        name="HaluMem",
        url="https://huggingface.co/datasets/IAAR-Shanghai/HaluMem",
        licence="CC BY-NC-ND 4.0",
        files=(file,),
        measures=measures,
        sha256={file: sha256},
    )


HALUMEM_MEDIUM = _source(
    "HaluMem-Medium.jsonl",
    "what a memory makes up, keeps though it changed, or misses, over years of talk",
    "486fbc130a5c8781a2af27ffa508a1d7855245137aa449c193ac4d29c45634e7",
)
"""Some 70 sessions and 160,000 tokens a person; 34 MB."""

HALUMEM_LONG = _source(
    "HaluMem-Long.jsonl",
    "the same with five times as much talk of other things in between",
    "dfdbed570b402b7b8c17e0d7808fc6f3ae7a53b6144f18feb16bbdd3f55cb0c9",
)
"""The same with talk about facts and sums in between: some 120 sessions and 1 million tokens a person; 107 MB."""

HALUMEM = {"medium": HALUMEM_MEDIUM, "long": HALUMEM_LONG}
"""By the names that the authors give their files."""


def read_halumem(source: Source, data: Path) -> list[Conversation]:
    """The people of a file, with the questions after the session behind which they stand.

    The person is called by the name in their description, as the questions name them; the rest of it is left behind.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    found = []
    for person in people(source, data):
        with shape_of(source, data):
            found.append(Conversation(id=person["uuid"], steps=tuple(_steps(person))))
    return found


def people(source: Source, data: Path) -> Iterator[JsonObject]:
    """The people of a file as they are written, one at a time.

    Raises:
        InvalidInput: The file cannot be read, or a line of it is no JSON.
    """
    for file in data_files(data, source.files[0]):
        try:
            with file.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.strip())
        except (OSError, ValueError) as error:
            raise InvalidInput(str(file), f"cannot be read as JSON lines ({error})") from error


def question_id(session: int, place: int) -> str:
    """The id of a question, from its session's place in the file and its own there, counted from 0."""
    return f"{session}:q{place}"


def _steps(person: JsonObject) -> Iterator[SaidTurn | Question]:
    named = _NAME.search(person["persona_info"])
    name = named[1].strip() if named else "user"
    last = datetime.min.replace(tzinfo=UTC)
    for number, session in enumerate(person["sessions"]):
        for place, turn in enumerate(session["dialogue"]):
            if not turn["content"].strip():
                continue
            last += _BETWEEN_TURNS
            if not session.get(_INSERTED):  # what was put in between has dates from anywhere in the life
                last = max(last, _moment(turn["timestamp"]))
            is_user = turn["role"] == "user"
            yield SaidTurn(
                id=turn_id(number, place),
                session=f"session {number}",
                role="user" if is_user else "assistant",
                speaker=name if is_user else "assistant",
                text=turn["content"],
                at=last,
            )
        for place, one in enumerate(session.get("questions") or ()):
            at = max(last, _moment(session["end_time"]))
            yield Question(id=question_id(number, place), text=one["question"], at=at)


def _moment(date: str) -> datetime:
    """From `Dec 15, 2025, 06:11:23`."""
    return datetime.strptime(date, _DATE).replace(tzinfo=UTC)
