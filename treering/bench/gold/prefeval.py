"""What is right in PrefEval, and which turn tells the preference where one does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.bench.gold.choices import choice_of
from treering.bench.suites.prefeval import TOLD, read_items

if TYPE_CHECKING:
    from pathlib import Path

    from treering.bench.gold.answers import AnswerSheet

_TELLING = {"explicit": frozenset({f"{TOLD}:0"}), "choice": frozenset({f"{TOLD}:2"})}
"""The turn that states the preference, or that chooses; files do not say where in a talk it is shown in passing."""


def read_prefeval_key(data: Path, form: str) -> AnswerSheet:
    """The answer key of PrefEval.

    Args:
        data: The folder `benchmark_dataset`.
        form: One of `FORMS`.

    Raises:
        InvalidInput: A file is missing, cannot be read or has another shape.
    """
    evidence = _TELLING.get(form, frozenset())
    return {
        (one.conversation, "asked"): choice_of(one.options, next(iter(one.published), None), one.topic, evidence)
        for one in read_items(data, form)
    }
