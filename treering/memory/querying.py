"""From a question to what the lists are asked: its time, whom it names, its words and its vector."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.memory.reading import MAX_HITS, Query, Reader
from treering.memory.retrieval.aspects import Aspect, extent_of, texts_of_aspects
from treering.memory.retrieval.cues import named_in
from treering.memory.retrieval.entities import entity_of
from treering.memory.retrieval.hits import During
from treering.memory.retrieval.naming import impersonal, names_of
from treering.memory.retrieval.persons import focus_on
from treering.memory.retrieval.sparse import terms
from treering.memory.retrieval.times.interval import Interval
from treering.memory.retrieval.times.kinds import wants_overview
from treering.memory.retrieval.times.timing import Timing, timed
from treering.schemas.claims import SELF

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from treering.memory.asking import Question
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Embedder, UnitOfWork
    from treering.memory.retrieval.times.interval import Anchors
    from treering.schemas.dialogue import Scope, Session

MANY = 100_000
"""Candidates of each list where a condition leaves out most of them: all that a person has said."""

_NAME = re.compile(r"[^\W\d_]{2,}")


class Querying:
    """Reads questions.

    Args:
        reader: Tells which claims are near the words of a clause ("before I moved").
        embedder: Makes the question's vector.
        clock: Says what "last week" is.
        ranks_by_summaries: Whether turns are ranked by the summary tree, so that it is searched for each question.
    """

    def __init__(self, *, reader: Reader, embedder: Embedder, clock: Clock, ranks_by_summaries: bool = False) -> None:
        self._reader = reader
        self._embedder = embedder
        self._clock = clock
        self._ranks_by_summaries = ranks_by_summaries

    def query(
        self,
        unit: UnitOfWork,
        scope: Scope,
        question: Question,
        *,
        forest: Forest,
        version: int | None,
        with_turns: bool,
        hits: int = MAX_HITS,
    ) -> Query:
        """What the lists are asked: for the best `hits` of each.

        The names of the person and of those who talk with them are taken out of the text: a name is most of a short
        sentence's meaning to an embedder, and who speaks is looked at by itself.
        """
        as_of = question.as_of or question.known_at or self._clock.now()
        timing = timed(question.read_part, as_of, self._anchors(unit, scope, forest, as_of))
        names, about = _speakers(unit, scope, question.read_part) if with_turns else ([], [])
        asked = timing.question if _looks_back(timing, as_of) else question.read_part
        own_names = names_of(scope.user, forest.get(SELF))
        text = impersonal(asked, [*own_names, *names])
        focus = focus_on(question.read_part, forest, text=text, own_names=[*own_names, *names])
        asked_for = texts_of_aspects(focus.text)
        whole = [] if focus.text == text else [text]
        vectors = self._embedder.embed([*whole, *asked_for])
        words = {one: terms(one) for one in {text, *asked_for}}
        is_overview = wants_overview(question.read_part)
        return Query(
            scope=scope,
            text=text,
            vector=vectors[0],
            terms=words[text],
            as_of=as_of,
            version=version,
            timing=timing,
            spoken_by=frozenset(map(_speaker, about)),
            names_somebody=bool(names),
            focus=focus,
            aspects=tuple(
                Aspect(vector=vector, terms=words[one], extent=extent_of(one))
                for one, vector in zip(asked_for, vectors[len(whole) :], strict=True)
            ),
            with_turns=with_turns,
            with_summaries=with_turns and (self._ranks_by_summaries or is_overview or timing.kind == "change"),
            wants_overview=is_overview,
            during=_during(question, timing, as_of),
            limit=MANY if question.where else hits,
        )

    def _anchors(self, unit: UnitOfWork, scope: Scope, forest: Forest, as_of: datetime) -> Anchors:
        def resolve(clause: str) -> Interval | None:
            from treering.memory.retrieval.times.anchors import (  # noqa: PLC0415 - few questions count from an event
                anchored,
                landmarks,
            )

            tree = forest.get(SELF)
            known = landmarks(tree, as_of) if tree else ()
            talk = _last_talk(unit.turns.sessions(scope))
            return anchored(known, lambda words: self._near(unit, scope, words), as_of, talk)(clause)

        return resolve

    def _near(self, unit: UnitOfWork, scope: Scope, words: str) -> Mapping[str, float]:
        return self._reader.near_claims(unit, scope, self._embedder.embed([words])[0], terms(words))


def _looks_back(timing: Timing, as_of: datetime) -> bool:
    """Whether the words about time are of the past, and say nothing of what is looked for: unlike "tonight"."""
    interval = timing.interval
    return interval is not None and (interval.begin is None or interval.begin <= as_of - timedelta(days=1))


def _speakers(unit: UnitOfWork, scope: Scope, question: str) -> tuple[list[str], list[str]]:
    """The words of a question that name somebody who speaks, and those that name whom it is about."""
    words = {word.casefold() for word in _NAME.findall(question) if word[0].isupper()}
    if not words:
        return [], []
    known = unit.mentions.graph(scope).mentioned_of(map(_speaker, words))
    return named_in(question, lambda word: _speaker(word) in known)


def _speaker(word: str) -> int:
    return entity_of("speaker", word.casefold())


def _last_talk(sessions: list[Session]) -> Interval | None:
    """When the person last talked with the assistant: the latest conversation that is over."""
    over = [session for session in sessions if session.ended]
    if not over:
        return None
    return Interval(begin=over[-1].started_at, end=over[-1].last_at + timedelta(seconds=1))


def _during(question: Question, timing: Timing, as_of: datetime) -> During:
    """When turns were said: within what was asked for, and not after the moment asked about."""
    ends = [int(as_of.timestamp()) + 1]
    if question.known_at is not None:
        ends.append(int(question.known_at.timestamp()) + 1)
    if question.until is not None:
        ends.append(int(question.until.timestamp()))
    begins = [] if question.since is None else [int(question.since.timestamp())]
    # what somebody will do in October was said before October
    is_told_then = timing.is_strict or (timing.asks_for_all and _looks_back(timing, as_of))
    if is_told_then and timing.interval is not None:
        bounds = timing.interval.during()
        begins += [] if bounds.begin is None else [bounds.begin]
        ends += [] if bounds.end is None else [bounds.end]
    return During(begin=max(begins, default=None), end=min(ends))
