"""The evidence turns of LoCoMo, corrected by the public audit where it lies beside the data."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.bench.gold.key import Target
from treering.bench.suites.files import WrongShape, data_files, read_json
from treering.bench.suites.locomo import ADVERSARIAL, question_id

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.gold.key import AnswerKey

AUDIT = "audit_errors.json"
"""Known faults of the evidence; an entry with `correct_evidence` replaces it (dial481/locomo-audit)."""

CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}
"""What the authors call them."""

_TURN = re.compile(r"D\d+:\d+")


def read_locomo_gold(data: Path) -> AnswerKey:
    """The evidence of every question that has some, as ids of turns that exist.

    Raises:
        InvalidInput: A file cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], Target] = {}
    for file in data_files(data, "locomo*.json"):
        corrected = _audit(file.with_name(AUDIT))
        try:
            for sample in read_json(file):
                known = {turn["dia_id"] for part in sample["conversation"].values() for turn in _turns_of(part)}
                for number, one in enumerate(sample["qa"]):
                    said = corrected.get((sample["sample_id"], number), one["evidence"])
                    turns = frozenset(found for text in said for found in _TURN.findall(text)) & known
                    if turns and one["category"] != ADVERSARIAL:
                        target = Target(turns=turns, category=CATEGORIES[one["category"]])
                        key[sample["sample_id"], question_id(number)] = target
        except (KeyError, TypeError) as error:
            raise WrongShape(file, "LoCoMo", error) from error
    return key


def _turns_of(part: object) -> list[dict[str, str]]:
    return part if isinstance(part, list) else []


def _audit(file: Path) -> dict[tuple[str, int], list[str]]:
    if not file.exists():
        return {}
    try:
        return {
            (one["sample_id"], one["qa_index"]): one["correct_evidence"]
            for one in read_json(file)
            if one.get("correct_evidence")
        }
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongShape(file, "LoCoMo audit", error) from error
