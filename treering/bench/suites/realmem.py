"""RealMem: months of project work with an assistant, and the messages that need what was said before (AvatarMemory)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import WrongShape, data_files, read_json
from treering.bench.suites.source import Source
from treering.bench.suites.turns import turn_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REALMEM = Source(
    name="RealMem",
    url="https://github.com/AvatarMemory/RealMemBench",
    licence="Apache-2.0",
    files=("*.json",),
    measures="requests in long projects, answered by what was settled in earlier sessions",
    tried="4 of the people",
)
"""The suite of AvatarMemory (2026)."""

_DAY_BEGINS = timedelta(hours=8)
_BETWEEN_TURNS = timedelta(minutes=1)
_DAY = len("2025-12-24")


def read_realmem(data: Path) -> list[Conversation]:
    """The conversations of one RealMem file, or of every one in a folder.

    Each user turn marked as a query is a question, asked where it stands: over all earlier turns, those of its own
    session included. After it was asked, it is a turn like the others. The files name days only: sessions of a day
    follow one another, a minute a turn. Turns without a word, of which there are a few, are left out.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    return [_conversation(file) for file in data_files(data, "*.json")]


def _conversation(file: Path) -> Conversation:
    document = read_json(file)
    try:
        steps = tuple(_steps(document["dialogues"]))
        return Conversation(id=document["_metadata"]["person_name"], steps=steps)
    except (KeyError, TypeError, ValueError) as error:
        raise WrongShape(file, "RealMem", error) from error


def _steps(dialogues: list[dict[str, object]]) -> Iterator[SaidTurn | Question]:
    last = datetime.min.replace(tzinfo=UTC)
    for dialogue in dialogues:
        session, day, turns = dialogue["session_uuid"], dialogue["current_time"], dialogue["dialogue_turns"]
        if not (isinstance(session, str) and isinstance(day, str) and isinstance(turns, list)):
            raise TypeError("a session has no id, no day, or no turns")
        begin = datetime.fromisoformat(day[:_DAY]).replace(tzinfo=UTC) + _DAY_BEGINS
        last = max(begin, last)
        for place, turn in enumerate(turns):
            last += _BETWEEN_TURNS
            if not turn["content"].strip():
                continue
            identity = turn_id(session, place)
            if turn["is_query"]:
                yield Question(id=identity, text=turn["content"], at=last, session=session, is_request=True)
            yield SaidTurn(
                id=identity,
                session=session,
                role="user" if turn["speaker"] == "User" else "assistant",
                speaker=turn["speaker"],
                text=turn["content"],
                at=last,
            )
