"""Evidence turns and answers of LoCoMo, corrected by the public audit where it lies beside the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.gold.key import Target
from treering.bench.suites.files import JsonObject, WrongShape, data_files, read_json
from treering.bench.suites.locomo import ADVERSARIAL, question_id

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.gold.key import AnswerKey

AUDIT = "audit_errors.json"
"""Known faults; `correct_evidence` and `correct_answer` of an entry replace the file's own (dial481/locomo-audit)."""

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop", ADVERSARIAL: "adversarial"}
"""What the authors call them."""

_TURN = re.compile(r"D\d+:\d+")
_REMARK = re.compile(r"\s*\([^()]*\)")


def read_locomo_gold(data: Path) -> AnswerKey:
    """The evidence of every question that has some, as ids of turns that exist.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    return {
        at: Target(turns=turns, category=CATEGORIES[one["category"]])
        for at, one, turns, _ in _questions(data)
        if turns and one["category"] != ADVERSARIAL
    }


def read_locomo_answers(data: Path) -> AnswerSheet:
    """What is right for every question, by the audit where it has another answer.

    An adversarial question is right where it is said that nothing is known; its evidence is of somebody else. What the
    audit remarks in parentheses need not be said.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    return {
        at: RightText(
            texts=_texts(one, audited),
            type=CATEGORIES[one["category"]],
            evidence=frozenset() if one["category"] == ADVERSARIAL else turns,
            is_unknowable=one["category"] == ADVERSARIAL,
        )
        for at, one, turns, audited in _questions(data)
    }


def _texts(one: JsonObject, audited: JsonObject) -> tuple[str, ...]:
    if corrected := audited.get("correct_answer"):
        return tuple(dict.fromkeys((corrected, _REMARK.sub("", corrected))))
    return (str(one["answer"]),) if "answer" in one else ()


def _questions(
    data: Path,
) -> Iterator[tuple[tuple[str, str], JsonObject, frozenset[str], JsonObject]]:
    """Where each question stands, itself, its evidence, and what the audit found.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    for file in data_files(data, "locomo*.json"):
        audit = _audit(file.with_name(AUDIT))
        try:
            for sample in read_json(file):
                known = {turn["dia_id"] for part in sample["conversation"].values() for turn in _turns_of(part)}
                for number, one in enumerate(sample["qa"]):
                    audited = audit.get((sample["sample_id"], number), {})
                    said = audited.get("correct_evidence") or one["evidence"]
                    turns = frozenset(found for text in said for found in _TURN.findall(text)) & known
                    yield (sample["sample_id"], question_id(number)), one, turns, audited
        except (KeyError, TypeError) as error:
            raise WrongShape(file, "LoCoMo", error) from error


def _turns_of(part: object) -> list[dict[str, str]]:
    return part if isinstance(part, list) else []


def _audit(file: Path) -> dict[tuple[str, int], JsonObject]:
    """What was found wrong, by conversation and place of the question; nothing where no audit lies there."""
    if not file.exists():
        return {}
    try:
        return {(one["sample_id"], one["qa_index"]): dict(one) for one in read_json(file)}
    except (KeyError, TypeError, ValueError) as error:
        raise WrongShape(file, "LoCoMo audit", error) from error
