"""Which option is right, for suites whose questions have options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.bench.gold.quartet import read_items
from treering.bench.suites.files import WrongShape, read_table, written_list
from treering.bench.suites.personamem_choices import questions_file, size_in, without_letter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet


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
    cluster: str = ""
    """What it shares with other questions, where that is more than the conversation: standard errors go by it."""


ChoiceKey = Mapping[tuple[str, str], RightChoice]
"""From the ids of a conversation and of a question in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A question with options of which no single one is right: it is told, and not scored."""

    reason: str
    """Why."""
    type: str
    """What kind of question the authors call it."""
    evidence: frozenset[str] = frozenset()
    """Turns that hold the answer, where the suite names them; these can still be found or not."""


SAME_OPTIONS = "two of its options are the same"
NO_CHOICE = "it has fewer than two options"
NO_RIGHT_OPTION = "what is right is none of its options"
_FEWEST = 2


def choice_of(
    options: Sequence[str], right: str | None, kind: str, evidence: frozenset[str] = frozenset()
) -> RightChoice | Broken:
    """What is right among options in the order in which they are asked, or why nothing is.

    Example:
        >>> choice_of(["tea", "milk"], "milk", "drink").option
        1
        >>> choice_of(["tea", "milk"], "beer", "drink").reason
        'what is right is none of its options'
    """
    if len(options) < _FEWEST:
        return Broken(reason=NO_CHOICE, type=kind, evidence=evidence)
    if len(set(options)) < len(options):
        return Broken(reason=SAME_OPTIONS, type=kind, evidence=evidence)
    if right not in options:
        return Broken(reason=NO_RIGHT_OPTION, type=kind, evidence=evidence)
    return RightChoice(option=options.index(right), type=kind, evidence=evidence)


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
            cluster=one.quartet,
        )
        for one in read_items(data)
    }


def read_personamem_key(data: Path, size: str | None = None) -> AnswerSheet:
    """The answer key of PersonaMem.

    Args:
        data: The folder.
        size: One of `SIZES`; None: the only one that lies there.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    file = questions_file(data, size_in(data, size))
    try:
        return {(row["shared_context_id"], row["question_id"]): _right(row) for row in read_table(file)}
    except (KeyError, ValueError, TypeError, AttributeError, SyntaxError) as error:
        raise WrongShape(file, "PersonaMem", error) from error


def _right(row: Mapping[str, str]) -> RightChoice | Broken:
    """The right answer is a letter; the options begin with theirs."""
    options = written_list(row["all_options"])
    right = {one[:3]: without_letter(one) for one in options}.get(row["correct_answer"].strip())
    return choice_of([without_letter(one) for one in options], right, row["question_type"])
