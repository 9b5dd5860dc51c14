"""What is right in Quartet, for each person and question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import ValidationError

from treering.bench.gold.key import Target
from treering.bench.suites.files import WrongShape, read_lines
from treering.schemas.value import Value

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.gold.key import AnswerKey

GOLD = "gold.jsonl"
"""A line a person and question; it lies beside the people, and is read by the scorer alone."""


class GoldChange(Value):
    """What a turn ought to do to a memory."""

    turn: str
    """The turn."""
    kind: Literal["ADD", "UPDATE", "DELETE"]
    """The operation."""
    path: str
    """The slot, in the trunk `core`."""
    says: str
    """The claim in words; of a DELETE what goes."""


class GoldItem(Value):
    """What is right for one person and one question."""

    person: str
    """Who is asked."""
    question: str
    """The id of the question in their life."""
    quartet: str
    """The same for the four people who are asked."""
    type: str
    """What is asked for."""
    right: int
    """The option, counted from 0."""
    abstain: int | None
    """The option that says that nothing is known, if there is one."""
    stale: tuple[int, ...]
    """Options that were right once, or were told and forgotten."""
    evidence: tuple[str, ...]
    """Turns that hold the answer, together; none where nothing is to be known."""
    changes: tuple[GoldChange, ...]
    """What the turns behind the answer ought to do to a memory."""


def read_items(data: Path) -> list[GoldItem]:
    """The answer key of a folder, or of the folder of a file.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    file = (data if data.is_dir() else data.parent) / GOLD
    try:
        return [GoldItem.model_validate_json(line) for line in read_lines(file)]
    except ValidationError as error:
        raise WrongShape(file, "Quartet", error) from error


def read_quartet_gold(data: Path) -> AnswerKey:
    """The evidence of the questions that have some.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    return {
        (one.person, one.question): Target(turns=frozenset(one.evidence), category=one.type, cluster=one.quartet)
        for one in read_items(data)
        if one.evidence
    }
