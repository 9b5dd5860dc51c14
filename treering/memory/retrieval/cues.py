"""What a question asks for beside its subject: whose words, which kind of turn, how fresh. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.rank import normal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from treering.memory.retrieval.hits import Place
    from treering.memory.retrieval.rank import Lists
    from treering.schemas.recall import ListName

ASKER_SHARE = 0.5
"""What a turn of the user counts where a question speaks of "I" and names nobody, beside one of a named speaker."""

HALF_LIFE_DAYS = 14.0
"""How soon a turn loses half of its freshness for a message that goes on with a conversation."""

FADE_DAYS = 14.0
"""How far beyond the time that is asked for a turn still counts something."""

_SECONDS_A_DAY = 86_400
_FIRST_PERSON = re.compile(r"\b(?:i|me|my|mine|myself|we|us|our)\b", re.IGNORECASE)
_LOOK_UP = re.compile(
    r"^\W*(?:(?:in|on|at|from|for|to|by|with|around|about|of|during) )?"
    r"(?:who|whom|whose|what|which|when|where|why|how|did|do|does|is|are|was|were|has|have|had|can|could|will|would"
    r"|should)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_NAME = re.compile(r"[^\W\d_]{2,}")
_BOTH = re.compile(r"\b(?:both|between)\b", re.IGNORECASE)
_JOINS = re.compile(r"(?:['\u2019]s)?,? and ", re.IGNORECASE)


def is_look_up(question: str) -> bool:
    """Whether this is one sentence that begins like a question; anything else goes on with a conversation.

    Example:
        >>> is_look_up("When did I move?"), is_look_up("I'm back! When did I move?")
        (True, False)
    """
    text = question.strip()
    return _LOOK_UP.match(text) is not None and len([one for one in _SENTENCE_END.split(text) if one]) == 1


def named_in(question: str, speakers: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """The words that name somebody who speaks, and those of them that name whom the question is about.

    It is about the only one who is named, or the first of several; about nobody in particular where they are joined.

    Args:
        question: The question.
        speakers: Whether a word, in any case, is part of a speaker's name.

    Example:
        >>> known = {"ana", "ribeiro", "jon"}.__contains__
        >>> named_in("What did Ana Ribeiro give Jon?", lambda word: known(word.casefold()))
        (['Ana', 'Ribeiro', 'Jon'], ['Ana', 'Ribeiro'])
        >>> named_in("What did Ana and Jon eat?", lambda word: known(word.casefold()))
        (['Ana', 'Jon'], [])
    """
    found = [word for word in _NAME.finditer(question) if word[0][0].isupper() and speakers(word[0])]
    names: list[list[re.Match[str]]] = []
    for word in found:
        if names and question[names[-1][-1].end() : word.start()] == " ":
            names[-1].append(word)
        else:
            names.append([word])
    about = [word[0] for word in names[0]] if names else []
    if len(names) > 1:
        between = question[names[0][-1].end() : names[1][0].start()]
        if _BOTH.search(question) or _JOINS.fullmatch(between):
            about = []
    return [word[0] for word in found], about


@dataclass(frozen=True, slots=True, kw_only=True)
class Cues:
    """What is known of the turns that are wanted."""

    is_look_up: bool
    """Whether something is looked up; else a conversation goes on."""
    is_of_user: bool
    """Whether the question speaks of "I" and names nobody."""
    now: int
    """The moment asked about, in seconds since 1970."""
    interval: tuple[float, float] | None
    """The stretch of time asked about, likewise; open ends are infinite."""

    @classmethod
    def of(cls, question: str, *, names_somebody: bool, now: int, interval: tuple[float, float] | None) -> Cues:
        """Those of a question."""
        return cls(
            is_look_up=is_look_up(question),
            is_of_user=not names_somebody and _FIRST_PERSON.search(question) is not None,
            now=now,
            interval=interval,
        )

    def lists(self, places: Mapping[str, Place], lists: Lists) -> dict[ListName, dict[str, float]]:
        """By cue, what each turn has of it: 0 to 1. Turns that have nothing of it are left out; `speaker` by the user.

        Args:
            places: Where the candidates were said, by message id.
            lists: The lists that found them.
        """
        found: dict[ListName, dict[str, float]] = {
            "opening": {ref: 1.0 for ref, place in places.items() if not place.index}
        }
        if self.is_of_user:
            found["speaker"] = {ref: ASKER_SHARE for ref, place in places.items() if place.is_users}
        if not self.is_look_up:
            return found | {"recency": self._freshness(places)}
        found["asking"] = {ref: 1.0 for ref, place in places.items() if place.asks}
        found["reply"] = dict(_replies(places, lists))
        if self.interval is not None:
            near = {ref: self._nearness(place.at) for ref, place in places.items()}
            found["time"] = {ref: share for ref, share in near.items() if share}
        return found

    def _freshness(self, places: Mapping[str, Place]) -> dict[str, float]:
        ages = np.maximum(0, self.now - np.array([place.at for place in places.values()], np.float64))
        return dict(zip(places, np.exp2(-ages / _SECONDS_A_DAY / HALF_LIFE_DAYS).tolist(), strict=True))

    def _nearness(self, at: int) -> float:
        begin, end = self.interval or (0.0, 0.0)
        away = max(begin - at, at - end, 0.0) / _SECONDS_A_DAY
        return max(0.0, 1.0 - away / FADE_DAYS)


def _replies(places: Mapping[str, Place], lists: Lists) -> Iterator[tuple[str, float]]:
    """Turns that follow one that asks, with how well that one matches: 0 to 1."""
    matches = _matches(lists.get("dense", ()), lists.get("sparse", ()))
    asked = {(place.session, place.index): ref for ref, place in places.items() if place.asks}
    for ref, place in places.items():
        before = asked.get((place.session, place.index - 1))
        if before is not None and matches.get(before):
            yield ref, matches[before]


def _matches(dense: Sequence[tuple[str, float]], sparse: Sequence[tuple[str, float]]) -> dict[str, float]:
    near, alike = normal(dense), normal(sparse)
    return {ref: (near.get(ref, 0.0) + 0.4 * alike.get(ref, 0.0)) / 1.4 for ref in {*near, *alike}}
