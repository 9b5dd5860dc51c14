"""Quartet: the suite of our own, as `treering bench make` writes it down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from treering.bench.samples import Conversation, Question, SaidTurn
from treering.bench.suites.files import WrongShape, data_files, read_lines
from treering.schemas.value import Instant, Value

if TYPE_CHECKING:
    from pathlib import Path

PEOPLE = "people.jsonl"
"""A line a person: all that they say, and what they are asked where they are asked it."""


class Said(Value):
    """A turn."""

    id: str
    """Unique in the life."""
    session: str
    """The conversation."""
    role: Literal["user", "assistant"]
    """Who says it."""
    speaker: str
    """By name: the person, a guest, or `assistant`."""
    text: str
    """What is said."""
    at: Instant
    """When."""


class Asked(Value):
    """A question with its options; what stands behind it is not to be known yet."""

    id: str
    """Unique in the life."""
    question: str
    """In the words of the person."""
    options: tuple[str, ...]
    """What can be answered."""
    at: Instant
    """When."""


class Person(Value):
    """A line of the file."""

    person: str
    """Their name."""
    steps: tuple[Said | Asked, ...]
    """Their life."""


def read_quartet(data: Path) -> list[Conversation]:
    """The people of a folder, or of one file.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    found = []
    for file in data_files(data, PEOPLE):
        try:
            people = [Person.model_validate_json(line) for line in read_lines(file)]
        except ValidationError as error:
            raise WrongShape(file, "Quartet", error) from error
        found += [Conversation(id=one.person, steps=tuple(_step(step) for step in one.steps)) for one in people]
    return found


def _step(step: Said | Asked) -> SaidTurn | Question:
    if isinstance(step, Asked):
        return Question(id=step.id, text=step.question, options=step.options, at=step.at)
    return SaidTurn(id=step.id, session=step.session, role=step.role, speaker=step.speaker, text=step.text, at=step.at)
