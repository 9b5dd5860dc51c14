"""Chooses how to recall, before any answer exists. The rule that decided is recorded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from treering.memory.retrieval.times.kinds import asks_about_change
from treering.schemas.recall import Decision, Mode

if TYPE_CHECKING:
    from collections.abc import Callable

STRONG_MATCH = 0.62
"""Cosine of question and claim from which the tree alone answers: MiniLM gives paraphrases of one fact .6 and up."""


def _has(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern, re.IGNORECASE).search


_NEEDS_TURNS: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("asks-for-wording", _has(r"\b(exact(ly)?|word for word|verbatim|quote|did (i|we|you) (say|tell|mention|talk))\b")),
    (
        "asks-about-time",
        _has(r"\b(when|how long|since|before|after|last (time|week|month|year)|date|first time|ago)\b"),
    ),
    ("asks-about-change", asks_about_change),
    ("asks-for-a-reason", _has(r"\bwhy\b")),
    ("asks-for-a-count", _has(r"\b(how (many|much|often)|count|list|all( the)?|every)\b")),
)


def decide(query: str, mode: Mode, best_claim: float, *, is_all_heard: bool = True) -> Decision:
    """The mode to recall by.

    Args:
        query: The question.
        mode: What the caller wants; anything but `auto` is taken as it is.
        best_claim: Cosine of the question and the nearest current claim that will be shown, -1 to 1.
        is_all_heard: Whether the listener has heard every turn, so that the tree is up to date.
    """
    if mode != "auto":
        return Decision(mode=mode, rule="asked-for")
    for rule, needs_turns in _NEEDS_TURNS:
        if needs_turns(query):
            return Decision(mode="hybrid", rule=rule)
    if not is_all_heard:
        return Decision(mode="hybrid", rule="not-all-is-heard-yet")
    if best_claim >= STRONG_MATCH:
        return Decision(mode="tree", rule="strong-match-in-tree")
    return Decision(mode="hybrid", rule="no-strong-match-in-tree")
