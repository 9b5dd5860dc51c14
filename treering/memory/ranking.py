"""Turns in the order in which they answer a question: the blend of the lists, then what only the turns can tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from treering.memory.retrieval.rank import TURN_FLOOR, Ranked, Weights, best_first, blend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from treering.memory.asking import Question
    from treering.memory.ports import Reranker, UnitOfWork
    from treering.memory.reading import Query, Reading
    from treering.schemas.dialogue import Turn

MAX_READ = 60
"""Turns of the blend that are read, best first: about 15 µs each."""

MAX_RERANKED = 20
"""Turns that a cross-encoder reads once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedTurn:
    """A turn with its score, and the text it had at the moment asked about."""

    turn: Turn
    ranked: Ranked


def rank_turns(
    unit: UnitOfWork, query: Query, reading: Reading, question: Question, weights: Weights
) -> list[RankedTurn]:
    """The best turns that may be read out at all under the question's terms, best first."""
    lifted = _with_unheard(blend(reading.turn_lists, weights.turns), reading.unheard)
    allowed = [one for one in lifted if one.ref not in question.exclude]
    read = allowed if question.where else allowed[:MAX_READ]
    turns = _as_known(unit, query, question, unit.turns.get(query.scope, [one.ref for one in read]))
    named = _named_speakers(question.read_part, turns.values())
    found = [
        RankedTurn(turn=turn, ranked=_by_speaker(one, turn, named, weights))
        for one in read
        if (turn := turns.get(one.ref)) is not None and turn.at <= query.as_of and question.admits(turn)
    ]
    order = {one.ref: place for place, one in enumerate(best_first(one.ranked for one in found))}
    return sorted(found, key=lambda one: order[one.ranked.ref])


def rerank(ranked: Sequence[RankedTurn], question: str, reranker: Reranker, weights: Weights) -> list[RankedTurn]:
    """The best turns in the order of a blend with what a cross-encoder makes of them; the others stay behind them."""
    best, rest = ranked[:MAX_RERANKED], ranked[MAX_RERANKED:]
    scores = reranker.rerank(question, [one.turn.content for one in best])
    weight = weights.turns.get("reranker", 0.0)
    again = [
        replace(one, ranked=one.ranked.scaled(1 - weight).with_("reranker", score, weight))
        for one, score in zip(best, scores, strict=True)
    ]
    return [*sorted(again, key=lambda one: (-one.ranked.score, one.ranked.ref)), *rest]


def _with_unheard(ranked: Iterable[Ranked], unheard: Sequence[str]) -> list[Ranked]:
    """Best first; turns that nobody has listened to yet are lifted to the floor.

    What such a turn means for the question shows only once it was heard: "I'm allergic to peanuts" is nothing like
    "Where should we eat?". So a listener that is behind costs a few tokens, and never an answer.
    """
    found = {one.ref: one for one in ranked}
    for place, ref in enumerate(reversed(unheard), start=1):
        one = found.get(ref) or Ranked(ref=ref, score=0.0)
        recent = one.with_("recent", 1.0, TURN_FLOOR, rank=place)
        found[ref] = replace(recent, score=max(one.score, TURN_FLOOR))
    return best_first(found.values())


def _as_known(unit: UnitOfWork, query: Query, question: Question, turns: Mapping[str, Turn]) -> dict[str, Turn]:
    """The turns that have a text, as it was when the knowledge asked for was had."""
    present = {ref: turn for ref, turn in turns.items() if turn.content}
    if question.known_at is None:
        return present
    for ref, changes in unit.turns.former(query.scope, list(present)).items():
        later = next((one for one in changes if one.replaced_at > question.known_at), None)
        if later is not None:
            present[ref] = present[ref].model_copy(update={"content": later.content})
    return {ref: turn for ref, turn in present.items() if turn.content}


def _named_speakers(question: str, turns: Iterable[Turn]) -> frozenset[str]:
    """Who of those that speak is named in the question."""
    speakers = {turn.speaker for turn in turns if turn.speaker}
    return frozenset(
        speaker
        for speaker in speakers
        if any(re.search(rf"\b{re.escape(word)}\b", question, re.IGNORECASE) for word in speaker.split())
    )


def _by_speaker(one: Ranked, turn: Turn, named: frozenset[str], weights: Weights) -> Ranked:
    weight = weights.turns.get("speaker", 0.0)
    return one.with_("speaker", 1.0, weight) if weight and turn.speaker in named else one
