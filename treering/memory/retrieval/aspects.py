"""What a question asks for: one thing, several ("Where do I live, and what can't I eat?"), or a whole area of a life.

Claims are short and of one subject, so a question that asks for two things is half as near to either as its part. And
"What do you know about my health?" is near no claim about an allergy: it means all that stands there. Pure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from treering.memory.retrieval.vector import Vector

Extent = Literal["thing", "area", "person"]
"""How much is asked for: one thing, a whole area of a life, or all that is known of somebody."""

_SEVERAL = re.compile(r"\b(?:and|or|but)\b|[?!]\s", re.IGNORECASE)
_KNOWING = (
    r"\b(?:knows?|remember(?:ed)?|recall|learn(?:ed|t)?|noticed|heard|gathered|told you|tell|say|said|list|remind me"
    r"|summar(?:y|i[sz]e)|overview|recap|anything|everything|something|all|much)\b"
)
_WHOSE = r"(?:my|our|his|her|their)"
_AREA = re.compile(
    rf"(?:{_KNOWING}[^.?!]*\b(?:about|of|on|regarding|concerning)|\b(?:what|how) about) (?:{_WHOSE}\b|where )",
    re.IGNORECASE,
)
_PERSON = re.compile(
    rf"{_KNOWING}[^.?!]*\b(?:about|of) (?:me|us|him|her|them|they|myself)(?: (?:so far|already|now|by now|yet))?\W*$"
    r"|\bwho am i\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aspect:
    """One thing that a question asks for, as claims are compared with it."""

    vector: Vector
    """Unit vector, shape (dimension,)."""
    terms: Mapping[int, int]
    """Hashed stems of its words, with how often each occurs."""
    extent: Extent = "thing"
    """How much it asks for."""


def texts_of_aspects(question: str) -> tuple[str, ...]:
    """The question, and its parts where it has several.

    The whole stays among them: of "Who is my boss, and what is she like?" only it says who "she" is.

    Example:
        >>> texts_of_aspects("Where do I live, and what can't I eat?")
        ("Where do I live, and what can't I eat?", 'Where do I live', "what can't I eat?")
        >>> texts_of_aspects("What can't I eat?")
        ("What can't I eat?",)
    """
    if not _SEVERAL.search(question):
        return (question,)
    from treering.memory.retrieval.rewriting import clauses  # noqa: PLC0415 - its patterns, where there may be parts

    several = clauses(question)
    return (question, *several) if len(several) > 1 else (question,)


def extent_of(question: str) -> Extent:
    """How much a question asks for.

    Example:
        >>> extent_of("What do you know about my health?"), extent_of("Tell me all that you know about me.")
        ('area', 'person')
        >>> extent_of("What do you know about volcanoes?"), extent_of("What is my job?")
        ('thing', 'thing')
    """
    if _PERSON.search(question):
        return "person"
    return "area" if _AREA.search(question) else "thing"
