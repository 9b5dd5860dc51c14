"""What is left of a statement beside talk about the talk, task words and things that everybody asks for."""

from __future__ import annotations

import re

from treering.memory.listeners.lexicon import ASKED_FOR, NO_SUBSTANCE
from treering.memory.listeners.polarity import topic
from treering.memory.retrieval.sparse import stem

_TALK = frozenset(stem(word) for word in NO_SUBSTANCE)
_ASKED_FOR = frozenset(stem(word) for word in ASKED_FOR)
_TITLE = re.compile(r"(?<![\w'])['\"\u201c][A-ZÀ-Þ0-9][^'\"\u201d]{2,60}['\"\u201d]")
_NAME = re.compile(
    r"(?<![.!?] )(?<!^)(?<!['\"\u201c])\b(?!I\b)[A-ZÀ-Þ][\w'&-]+(?: (?:of |the |de |la )?[A-ZÀ-Þ][\w'&-]+)*"
)
_MEASURE = re.compile(
    r"[$\u20ac£¥]\s?\d|\b\d[\d.,:]*\s?(?:%|am|pm|km|miles?|minutes?|hours?|days?|weeks?|stars?|people|persons?|kg"
    r"|dollars|euros|francs|pounds)\b|\b\d{1,2}[:.]\d\d\b|\b\d-star\b",
    re.IGNORECASE,
)


def substance(text: str) -> frozenset[str]:
    """Stems of the words that say something of one's own: what, which kind, where, when, how much.

    Example:
        >>> sorted(substance("should have been more specific")), sorted(substance("wants a vegan restaurant near home"))
        ([], ['home', 'vegan'])
    """
    return told(text) - _ASKED_FOR


def told(text: str) -> frozenset[str]:
    """The same with the things that everybody asks for: "likes films" tells more than "wants films".

    Example:
        >>> sorted(told("likes films")), sorted(substance("wants films"))
        (['film'], [])
    """
    return topic(text) - _TALK


def names(text: str) -> int:
    """How many names, titles and measures it holds: "Lisbon", "'Dune'", "under $50", "7:30 AM"."""
    return len(_TITLE.findall(text)) + len(_NAME.findall(text)) + len(_MEASURE.findall(text))
