"""Summaries as lines of a context, for questions about the whole of something or about how it changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.memory.repetition import Sought
from treering.schemas.claims import SELF
from treering.schemas.recall import Found, Passage, RecallLine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from treering.memory.asking import Question
    from treering.memory.line_writing import BackDoors
    from treering.memory.ports import UnitOfWork
    from treering.memory.reading import Query, Reading
    from treering.memory.retrieval.descend import SummaryTree

MAX_SUMMARIES = 5
"""Summaries of one context: some 150 tokens each."""

SUMMARY_FLOOR = 0.30
"""Cosine from which a summary concerns a question. An overview takes the top of the tree in any case."""

OVERVIEW_SCORES: Mapping[int, float] = {3: 0.8, 2: 0.6, 1: 0.4}
"""What the root, themes and sessions count for an overview, before what they have to do with its words."""

OVERVIEW_SHARE = 0.2
"""What that counts."""

SESSION, THEME = 1, 2


def summary_lines(
    unit: UnitOfWork,
    query: Query,
    reading: Reading,
    *,
    question: Question,
    doors: BackDoors,
    cost: Callable[[str], int],
) -> list[RecallLine]:
    """The summaries that concern a question, best first. There are none under a condition on metadata.

    A summary stays out that is made of words that must: what is special, excluded, or was said at another time; and one
    that says what is no longer so, unless that is asked for.

    Args:
        unit: Reads the summaries.
        query: The question as it was asked of the lists.
        reading: What it found.
        question: Its terms.
        doors: Turns that must not be read out.
        cost: Tokens of a line.
    """
    if not reading.summaries or question.where:
        return []
    tree = unit.passages.tree(query.scope)
    stale = _stale_words(reading) if not query.about_change else Sought()
    lines = []
    for passage, score, found in _candidates(unit, query, reading, tree):
        is_of_its_time = query.during.holds(passage.at) and query.during.holds(passage.until or passage.at)
        barred = doors.withheld | question.exclude
        if is_of_its_time and barred.isdisjoint(_turns_of(tree, passage.id)) and not stale.is_said_in(passage.text):
            lines.append(_line(passage, score, found, cost))
    return lines[:MAX_SUMMARIES]


def _candidates(
    unit: UnitOfWork, query: Query, reading: Reading, tree: SummaryTree
) -> Iterator[tuple[Passage, float, Found]]:
    """The nearest summaries that concern the question, for an overview also the top of the tree; best first."""
    cosines = dict(reading.summaries)
    ranks = {name: rank for rank, (name, _) in enumerate(reading.summaries, start=1)}
    tops = [*tree.roots, *(part for root in tree.roots for part in tree.parts.get(root, ()))]
    passages = unit.passages.get(query.scope, list(dict.fromkeys([*cosines, *(tops if query.wants_overview else ())])))
    scored = []
    for name, passage in passages.items():
        cosine = cosines.get(name, 0.0)
        is_a_step = passage.level < SESSION or (passage.level >= THEME and len(passage.parts) < THEME)
        if not is_a_step and query.wants_overview:
            scored.append((OVERVIEW_SCORES[passage.level] + OVERVIEW_SHARE * max(0.0, cosine), name, passage))
        elif not is_a_step and cosine >= SUMMARY_FLOOR:
            scored.append((cosine, name, passage))
    for score, name, passage in sorted(scored, key=lambda one: (-one[0], one[1])):
        rank = ranks.get(name, len(ranks) + 1)
        yield passage, score, Found(source="summary", rank=rank, score=cosines.get(name, 0.0), weight=1.0)


def _turns_of(tree: SummaryTree, passage_id: str) -> Collection[str]:
    """The turns that a passage is made of in the end."""
    below, turns = [passage_id], set[str]()
    while below:
        name = below.pop()
        turns.update(tree.turns.get(name, ()))
        below += tree.parts.get(name, ())
    return turns


def _stale_words(reading: Reading) -> Sought:
    """What was said and is no longer so."""
    gone = (
        claim for tree in reading.forest.values() for claim in tree.claims.values() if claim.id not in reading.claims
    )
    return Sought.of(text for claim in gone for text in (claim.text, *(one.quote for one in claim.evidence)))


def _line(passage: Passage, score: float, found: Found, cost: Callable[[str], int]) -> RecallLine:
    until = passage.until or passage.at
    when = f"{passage.at:%Y-%m-%d}" + (f" to {until:%Y-%m-%d}" if until.date() != passage.at.date() else "")
    text = f"{when}: {' '.join(passage.text.split())}"
    return RecallLine(
        id=passage.id,
        kind="summary",
        text=text,
        at=passage.at,
        score=min(1.0, score),
        tokens=cost(text),
        ref=passage.id,
        subject=SELF,
        message_ids=passage.message_ids,
        found_by=(found,),
    )
