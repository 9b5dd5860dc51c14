"""Turns in the order in which they answer a question: the blend of the lists, then what only the turns can tell."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.associate import SEEDS
from treering.memory.retrieval.contest import Contest
from treering.memory.retrieval.cues import Cues
from treering.memory.retrieval.descend import descend
from treering.memory.retrieval.entities import entities
from treering.memory.retrieval.rank import TURN_FLOOR, Ranked, Weights, best_first

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from treering.memory.asking import Question
    from treering.memory.ports import Reranker, UnitOfWork
    from treering.memory.reading import Query, Reading
    from treering.memory.retrieval.candidates import Candidates
    from treering.schemas.dialogue import Turn

MAX_READ = 60
"""Turns of the blend that are read, best first: about 15 µs each."""

READ_FIRST = 32
"""Turns that are read before the rest of them: they fill the default budget more often than not."""

MAX_WALKS = 100
"""Turns that walks over the graph may bring."""

MAX_RERANKED = 20
"""Turns that a cross-encoder reads once more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedTurn:
    """A turn with its score, and the text it had at the moment asked about."""

    turn: Turn
    ranked: Ranked


def rank_turns(
    unit: UnitOfWork,
    query: Query,
    reading: Reading,
    question: Question,
    weights: Weights,
    *,
    least: float = 0.0,
    count: int = MAX_READ,
) -> Iterator[RankedTurn]:
    """The best turns that may be read out at all under the question's terms, best first; read as they are asked for.

    Args:
        unit: Reads them.
        query: What was asked.
        reading: What the lists found.
        question: The terms.
        weights: What each list counts.
        least: Turns below this score are of no use, and are not read.
        count: How many are read at most; all candidates where the terms leave some out.
    """
    candidates = _with_summarised(unit, query, reading, weights)
    contest = Contest(candidates, weights.turns, limit=query.limit)
    for source, shares in _cues(query, question).columns(candidates).items():
        contest.cue(source, shares)
    if query.spoken_by:
        spoken = set(unit.mentions.graph(query.scope).turns_of(query.spoken_by))
        contest.cue("speaker", np.array([float(ref in spoken) for ref in candidates.refs]))
    if weights.turns.get("graph"):
        contest.bring("graph", _walks(unit, query, contest))
    first = contest.best(len(contest) if question.where else count + len(question.exclude), explains=question.explain)
    best = _with_unheard(first, reading.unheard)
    if query.timing.asks_for_all:  # nothing but the time says what is wanted, and only turns of that time are here
        best = best_first(replace(one, score=max(one.score, TURN_FLOOR)) for one in best)
    read = [one for one in best if one.score >= least and one.ref not in question.exclude]
    for some in (read[:READ_FIRST], read[READ_FIRST:]):
        turns = _as_known(unit, query, question, unit.turns.get(query.scope, [one.ref for one in some]))
        for one in some:
            turn = turns.get(one.ref)
            if turn is not None and query.during.holds(turn.at) and question.admits(turn):
                yield RankedTurn(turn=turn, ranked=one)


def _with_summarised(unit: UnitOfWork, query: Query, reading: Reading, weights: Weights) -> Candidates:
    """The candidates, and the turns that the summary tree leads to."""
    if not weights.turns.get("summary") or not reading.summaries:
        return reading.turns
    led_to = descend(unit.passages.tree(query.scope), dict(reading.summaries))
    return reading.turns.with_list("summary", led_to)


def _cues(query: Query, question: Question) -> Cues:
    interval = query.timing.interval
    return Cues.of(
        question.read_part,
        names_somebody=query.names_somebody,
        now=int(query.as_of.timestamp()),
        interval=None if interval is None else interval.seconds(),
    )


def _walks(unit: UnitOfWork, query: Query, contest: Contest) -> tuple[tuple[str, float], ...]:
    """What walks over the entity-passage graph lead to, from the best turns so far."""
    seeds = {one.ref: one.score for one in contest.best(SEEDS)}
    asked = entities(query.text, at=query.as_of)
    return unit.mentions.graph(query.scope).associated(seeds, asked, limit=MAX_WALKS)


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
