"""What is right in LongMemEval, and the turns that hold it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.gold.answers import RightText
from treering.bench.suites.longmemeval import PREFERENCE, QUESTION, entries
from treering.bench.suites.shape import shape_of
from treering.bench.suites.turns import turn_id

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet
    from treering.bench.suites.files import JsonObject
    from treering.bench.suites.source import Source

_UNKNOWABLE = "_abs"
"""How the ids of questions end whose answer was never told."""

_ALLOWED = {
    "temporal-reasoning": "A number of days, weeks or months that is off by one is right too.",
    "knowledge-update": "What was so before may stand beside what is so now, when it is told as that.",
    PREFERENCE: "It need not keep to every point of this: it is right when it uses what the person told of themselves.",
}
"""What the authors have their judge let pass, by type."""


def read_longmemeval_key(source: Source, data: Path) -> AnswerSheet:
    """The answer key: of preferences a rubric, of what was never told an explanation, of the rest an answer.

    Raises:
        InvalidInput: There is no file or several, or one cannot be read, or has another shape.
    """
    key: dict[tuple[str, str], RightText] = {}
    for item in entries(source, data):
        with shape_of(source, data):
            key[item["question_id"], QUESTION] = _right(item)
    return key


def _right(item: JsonObject) -> RightText:
    answer, kind = str(item["answer"]), item["question_type"]
    evidence = frozenset(
        turn_id(number, place)
        for number, session in enumerate(item["haystack_sessions"])
        for place, turn in enumerate(session)
        if turn.get("has_answer") and turn["content"].strip()
    )
    if item["question_id"].endswith(_UNKNOWABLE):
        return RightText(texts=(), type="abstention", is_unknowable=True, rubric=answer)
    if kind == PREFERENCE:
        return RightText(texts=(), type=kind, evidence=evidence, rubric=f"{_ALLOWED[kind]}\n{answer}")
    return RightText(texts=(answer,), type=kind, evidence=evidence, rubric=_ALLOWED.get(kind, ""))
