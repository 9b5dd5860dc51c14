"""What is right where a question is answered freely."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from treering.bench.gold.choices import Broken, RightChoice


@dataclass(frozen=True, slots=True, kw_only=True)
class RightText:
    """What is right for one question that has no options."""

    texts: tuple[str, ...]
    """Answers, each of which is right; empty where only the rubric says what is."""
    type: str
    """What kind of question the authors call it."""
    evidence: frozenset[str] = frozenset()
    """Turns that hold the answer, where the suite names them."""
    aspects: tuple[frozenset[str], ...] = ()
    """Things that the answer rests on, where each was said more than once: of each the turns that say it."""
    cluster: str = ""
    """What it shares with other questions, where that is more than the conversation: standard errors go by it."""
    is_unknowable: bool = False
    """Whether it is right to say that nothing is known."""
    rubric: str = ""
    """What a judge holds an answer to, beside or in place of the texts."""


RightAnswer = RightChoice | RightText

AnswerSheet = Mapping[tuple[str, str], RightAnswer | Broken]
"""From the ids of a conversation and of a question in it; what is broken is told, and not scored."""
