"""Which option is right, for suites whose questions have options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.gold.quartet import read_items
from treering.bench.suites.files import WrongShape
from treering.bench.suites.personamem_choices import lettered_options, question_rows

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class RightChoice:
    """What is right for one question."""

    option: int
    """Counted from 0."""
    type: str
    """What kind of question the authors call it."""
    evidence: frozenset[str] = frozenset()
    """Turns that hold the answer, where the suite names them."""
    abstain: int | None = None
    """The option that says that nothing is known, if there is one."""
    stale: frozenset[int] = frozenset()
    """Options that were right once, or were told and forgotten."""
    is_forgotten: bool = False
    """Whether the person asked to forget the answer."""


ChoiceKey = Mapping[tuple[str, str], RightChoice]
"""From the ids of a conversation and of a question in it."""


def read_quartet_choices(data: Path) -> ChoiceKey:
    """The answer key of Quartet.

    Raises:
        InvalidInput: The file cannot be read, or has another shape.
    """
    return {
        (one.person, one.question): RightChoice(
            option=one.right,
            type=one.type,
            evidence=frozenset(one.evidence),
            abstain=one.abstain,
            stale=frozenset(one.stale),
            is_forgotten=any(change.kind == "DELETE" for change in one.changes),
        )
        for one in read_items(data)
    }


def read_personamem_key(data: Path) -> ChoiceKey:
    """The answer key of PersonaMem.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    try:
        return {
            (row["shared_context_id"], row["question_id"]): RightChoice(
                option=[one[:3] for one in lettered_options(row)].index(row["correct_answer"].strip()),
                type=row["question_type"],
            )
            for row in question_rows(data)
        }
    except (KeyError, ValueError, TypeError, SyntaxError) as error:
        raise WrongShape(data, "PersonaMem", error) from error
