"""The answer key of a suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a question has to find."""

    turns: frozenset[str]
    """Ids of the turns that hold the answer; at least one."""
    category: str
    """What kind of question the authors call it."""
    cluster: str = ""
    """What it shares with other questions, where that is more than the conversation: standard errors go by it."""


AnswerKey = Mapping[tuple[str, str], Target]
"""From the ids of a conversation and of a question in it; questions without a resolvable answer are not in it."""
