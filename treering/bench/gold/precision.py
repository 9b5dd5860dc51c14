"""What a context has to hold, and must not hold, by the cases of PrecisionMemBench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from treering.bench.suites.files import JsonObject, WrongShape, read_json
from treering.bench.suites.precision import CASES, SESSIONS, Section, turn_question

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Rule = Literal["exactly", "include", "exclude", "says", "never_says", "something", "nothing"]

_SECTIONS: Mapping[str, Section | None] = {
    "personaPrelude": "prelude",
    "pinnedFacts": "pinned",
    "openQuestions": "questions",
    "relevantBeliefs": "relevant",
    "noiseCheck": None,
}
_RULES: Mapping[str, Rule] = {
    "shouldOnlyInclude": "exactly",
    "mustInclude": "include",
    "mustExclude": "exclude",
    "mustNotSurface": "exclude",
    "contains": "says",
    "mustNotContain": "never_says",
    "nonEmpty": "something",
    "isNull": "nothing",
}
_NOT_CHECKED = ("topicRetrieval", "_note")
"""Retrieval of turns by topic, which the suite leaves empty, and remarks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """One thing that a case expects."""

    section: Section | None
    """The part of the context; None: all of it."""
    rule: Rule
    names: frozenset[str]
    """Ids of beliefs, or words."""


def read_expectations(folder: Path) -> dict[str, tuple[Expectation, ...]]:
    """What each question expects, by its id.

    Raises:
        InvalidInput: A file is missing, cannot be read, or has another shape.
    """
    file = folder / CASES
    try:
        found = {one["caseId"]: tuple(_expectations(one["expect"])) for one in read_json(file)}
        file = folder / SESSIONS
        for one in read_json(file):
            for turn in one["turns"]:
                found[turn_question(one["caseId"], turn["turnIndex"])] = tuple(_expectations(turn["expect"]))
    except (KeyError, TypeError, AttributeError) as error:
        raise WrongShape(file, "PrecisionMemBench", error) from error
    return found


def _expectations(expect: JsonObject) -> Iterator[Expectation]:
    for section, rules in expect.items():
        if section in _NOT_CHECKED:
            continue
        for rule, value in rules.items():
            if rule in _SECTIONS:  # a section within a section, as one turn of the sessions has it
                yield from _expectations({rule: value})
            elif rule not in _NOT_CHECKED:
                names = frozenset(value) if isinstance(value, list) else frozenset()
                yield Expectation(section=_SECTIONS[section], rule=_RULES[rule], names=names)
