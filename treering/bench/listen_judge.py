"""The judge of contradictions: can two claims about one person both hold now. Rules of the scorer's own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from treering.bench.listen_opposites import judge_words
from treering.bench.listen_words import stems, without_idioms

if TYPE_CHECKING:
    from collections.abc import Iterator

SAME_TOPIC = 0.6
"""Share of the smaller claim's words of content that both must have, to be about the same thing."""

MANY = 3
"""Words of content in common that are enough however long both are."""

REACH = 25
"""Characters that a negation reaches ahead to turn a word of aversion round: `does not really hate`."""

_NUMBERS = {
    word: str(number)
    for number, word in enumerate(
        ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
    )
}
_NUMBER_STEMS = stems(" ".join(_NUMBERS))
_CLAUSES = re.compile(r"[.;!?\u2014]|,|\b(?:but|although|though|whereas|while|because|since)\b", re.IGNORECASE)
_COMPARISON = re.compile(
    r"\bprefers?\s+(?P<more>.+?)\s+(?:to|over|rather than|instead of)\s+(?P<less>.+)", re.IGNORECASE
)
_INSTEAD = re.compile(r"\b(?:rather than|instead of|without)\b", re.IGNORECASE)
_USED_TO = re.compile(r"\b(?:used to|no longer|stopped)\b", re.IGNORECASE)
_FIGURE = re.compile(r"\d+(?::\d\d)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What one clause of a claim says."""

    topic: frozenset[str]
    """Stems of the words of content."""
    is_for: bool
    """Whether it is for it, or says that it is so; else it is against it, or says that it is not so, or over."""
    numbers: frozenset[str]
    """Numbers in it, in figures."""
    frame: str
    """The frame it is said in, where only one thing at a time can be (`lives`); empty elsewhere."""


def contradict(one: str, other: str) -> bool:
    """Whether two claims cannot both hold now.

    They do where a clause of each is about the same thing, and one is for it and the other against it; or they say
    opposite words (`early`, `late`), different numbers, or different things in a frame where only one can be.

    Example:
        >>> contradict("loves spicy food", "does not enjoy spicy food anymore")
        True
        >>> contradict("loves spicy food", "loves mild cheese")
        False
        >>> contradict("lives in Lisbon", "lives in Porto")
        True
    """
    return any(_clash(mine, yours) for mine in views(one) for yours in views(other))


@lru_cache(maxsize=8_192)
def views(text: str) -> tuple[View, ...]:
    """What the clauses of a claim say."""
    return tuple(_views(without_idioms(text)))


def _views(text: str) -> Iterator[View]:
    compared = _COMPARISON.search(text)
    if compared:
        yield _view(compared["more"], is_for=True)
        yield _view(compared["less"], is_for=False)
        return
    for clause in _CLAUSES.split(text):
        chosen, *declined = _INSTEAD.split(clause)
        if stems(chosen) - judge_words().hollow:
            yield _view(chosen, is_for=_is_for(chosen))
        for part in declined:
            if stems(part) - judge_words().hollow:
                yield _view(part, is_for=not _is_for(chosen))


def _view(clause: str, *, is_for: bool) -> View:
    words = re.findall(r"[\w:]+", clause.lower())
    return View(
        topic=frozenset(word for word in stems(clause) - judge_words().hollow - _NUMBER_STEMS if not word.isdigit()),
        is_for=is_for,
        numbers=frozenset(_NUMBERS.get(word, word) for word in words if word in _NUMBERS or _FIGURE.fullmatch(word)),
        frame=next((name for name, frame in judge_words().frames.items() if frame.search(clause)), ""),
    )


def _is_for(clause: str) -> bool:
    """Whether an even number of words turns the clause round: negations, aversion, endings."""
    words = judge_words()
    aversions = list(words.against.finditer(clause))
    negations = [
        hit
        for hit in words.negations.finditer(clause)
        if not any(a.start() <= hit.start() < a.end() for a in aversions)
    ]
    turned = any(0 <= aversion.start() - hit.end() <= REACH for aversion in aversions for hit in negations)
    if turned:
        return True
    if aversions:
        return _USED_TO.search(clause) is not None and not negations
    if words.ended.search(clause):  # "does not drink any more" says it once, not twice
        return False
    return len(negations) % 2 == 0


def _clash(one: View, other: View) -> bool:
    if one.frame and one.frame == other.frame and one.is_for and other.is_for:
        return _differ(one, other)
    if one.is_for != other.is_for:
        return _share_topic(one.topic, other.topic)
    return _say_opposites(one, other) or (one.topic == other.topic and _numbers_differ(one, other))


def _share_topic(one: frozenset[str], other: frozenset[str]) -> bool:
    common, smaller = len(one & other), min(len(one), len(other))
    return smaller > 0 and (common >= SAME_TOPIC * smaller or common >= MANY)


def _differ(one: View, other: View) -> bool:
    if one.numbers or other.numbers:
        return _numbers_differ(one, other)
    return not (one.topic <= other.topic or other.topic <= one.topic)


def _numbers_differ(one: View, other: View) -> bool:
    return bool(one.numbers and other.numbers) and not one.numbers & other.numbers


def _say_opposites(one: View, other: View) -> bool:
    """Whether they say opposite words, and the same otherwise."""
    for left, right in judge_words().opposites:
        for mine, yours in ((left, right), (right, left)):
            if mine in one.topic - other.topic and yours in other.topic - one.topic:
                rest, others = one.topic - {mine}, other.topic - {yours}
                if len(rest & others) >= SAME_TOPIC * min(len(rest), len(others)):
                    return True
    return False
