"""Which way a statement points, and what it is about: enough to see that two agree or contradict."""

from __future__ import annotations

import re

from treering.memory.listeners.lexicon import NO_TOPIC
from treering.memory.retrieval.sparse import stem
from treering.memory.word_caches import word_cache

TOPIC_CACHE = 65_536
"""Statements whose topic words are remembered: the claims of a hundred people. A miss costs some 50 µs."""

_NEGATIVE = re.compile(
    r"\b(?:not|no longer|never|neither|nor|without|dislikes?|disliked|hates?|hated|hating|loathes?|detests?"
    r"|despises?|avoids?|avoided|avoiding"
    r"|refuses?|refused|quit|quits|stopped|stops|gave up|given up|gives up|cancelled|canceled|lost interest"
    r"|can't stand|cannot stand|fed up"
    r"|tired of|sick of|bored (?:of|by|with)|boring|overrated|awful|terrible|horrible|annoying|unable|cannot"
    r"|used to|ended|regrets?"
    r"|left|lost|went off|grew out of|over with|too (?:much|many)|averse|opposed|against)\b"
    r"|n't\b",
    re.IGNORECASE,
)
#: Negations that deny nothing: "can't wait", "not only … but also".
_NO_DENIAL = re.compile(
    r"can't (?:wait|help|get enough|resist|live without|stop)|not only|couldn't be happier|never (?:misses|miss"
    r"|stops|get tired|gets tired)"
    r"|not just|no matter|nothing beats|don't mind|doesn't mind|lost in\b|left (?:hand|foot|ear|side|eye|knee)"
    r"|without (?:sugar|milk)",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"[a-zà-ÿ0-9]+(?:'t)?", re.IGNORECASE)
#: What only one of two statements names tells them apart, however alike they sound.
_SPECIFIC = re.compile(r"(?<![.!?] )(?<!^)\b[A-ZÀ-Þ][\w'-]+|\b\d[\d.,:-]*\b")


@word_cache(maxsize=TOPIC_CACHE)
def is_negative(text: str) -> bool:
    """Whether a statement denies, dislikes or gives up something.

    Example:
        >>> is_negative("can't stand jazz"), is_negative("can't wait for jazz"), is_negative("doesn't dislike jazz")
        (True, False, False)
    """
    return len(_NEGATIVE.findall(_NO_DENIAL.sub(" ", text))) % 2 == 1


@word_cache(maxsize=TOPIC_CACHE)
def topic(text: str) -> frozenset[str]:
    """Stems of the words that say what a statement is about, without likes, negations and small words.

    Example:
        >>> sorted(topic("loves hiking with their dog"))
        ['dog', 'hike']
    """
    words = (word.lower() for word in _TOKEN.findall(text))
    return frozenset(stem(word) for word in words if word not in NO_TOPIC and (len(word) > 1 or word.isdigit()))


@word_cache(maxsize=TOPIC_CACHE)
def specifics(text: str) -> frozenset[str]:
    """Names and numbers in a statement."""
    return frozenset(hit.lower().rstrip(".,:-") for hit in _SPECIFIC.findall(text))


def shared(left: frozenset[str], right: frozenset[str]) -> float:
    """Share of the shorter topic that the other has too, 0 to 1."""
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0
