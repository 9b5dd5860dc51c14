"""What a question asks for beside its subject: whose words, which kind of turn, how fresh. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.speech_line import PLACE_BITS

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.retrieval.candidates import Candidates, Scores, Spots
    from treering.schemas.recall import ListName

ASKER_SHARE = 0.5
"""What a turn of the user counts where a question speaks of "I" and names nobody, beside one of a named speaker."""

HALF_LIFE_DAYS = 14.0
"""How soon a turn loses half of its freshness for a message that goes on with a conversation."""

FADE_DAYS = 14.0
"""How far beyond the time that is asked for a turn still counts something."""

SPARSE_SHARE = 0.4
"""What common words count in how well a question of the conversation matches, beside what it means."""

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

    def columns(self, candidates: Candidates) -> dict[ListName, Scores]:
        """By cue, what each candidate has of it, shape (candidates,): 0 to 1. `speaker` is the user's alone here."""
        spots, is_known = candidates.spots, candidates.spots["is_known"]
        found: dict[ListName, Scores] = {"opening": (is_known & (spots["index"] == 0)).astype(np.float64)}
        if self.is_of_user:
            found["speaker"] = ASKER_SHARE * spots["is_users"]
        if not self.is_look_up:
            return found | {"recency": np.where(is_known, self._freshness(spots["at"]), 0.0)}
        found["asking"] = spots["asks"].astype(np.float64)
        found["reply"] = _replies(candidates)
        if self.interval is not None:
            found["time"] = np.where(is_known, _nearness(spots["at"], *self.interval), 0.0)
        return found

    def _freshness(self, at: Spots) -> Scores:
        ages: Scores = np.maximum(0, self.now - at) / _SECONDS_A_DAY
        return np.exp2(-ages / HALF_LIFE_DAYS)


def _nearness(at: Spots, begin: float, end: float) -> Scores:
    away: Scores = np.maximum(np.maximum(begin - at, at - end), 0.0) / _SECONDS_A_DAY
    return np.maximum(0.0, 1.0 - away / FADE_DAYS)


def _replies(candidates: Candidates) -> Scores:
    """For turns that follow one that asks: how well that one matches, 0 to 1; of several at one place, the best."""
    spots, matches = candidates.spots, _matches(candidates)
    keys = (spots["session"] << PLACE_BITS) + spots["index"]
    asking = np.flatnonzero(spots["asks"] & (matches > 0))
    if not len(asking):
        return np.zeros(len(candidates))
    asking = asking[np.lexsort((matches[asking], keys[asking]))]
    before = np.maximum(0, np.searchsorted(keys[asking], keys - 1, side="right") - 1)
    follows = spots["is_known"] & (keys[asking][before] == keys - 1)
    return np.where(follows, matches[asking][before], 0.0)


def _matches(candidates: Candidates) -> Scores:
    return (candidates.shares("dense") + SPARSE_SHARE * candidates.shares("sparse")) / (1 + SPARSE_SHARE)
