"""Recall: a question in, a token-budgeted context out, with the reason for every line."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from treering.memory.line_writing import LineWriter, back_doors
from treering.memory.overviews import summary_lines
from treering.memory.querying import Querying
from treering.memory.ranking import MAX_READ, RankedTurn, rank_turns, rerank
from treering.memory.reading import MAX_HITS
from treering.memory.retrieval.decide import decide
from treering.memory.retrieval.fit import arrange, fit, write
from treering.memory.retrieval.rank import TURN_FLOOR, Weights
from treering.schemas.recall import Decision, Recall, RecallLine, SearchHit
from treering.telemetry.happenings import Recalled
from treering.telemetry.stages import Stopwatch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from treering.memory.asking import Question
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Embedder, Reranker, Store, TokenCounter, UnitOfWork
    from treering.memory.reading import Query, Reader, Reading
    from treering.memory.retrieval.fit import Draft, Line
    from treering.schemas.dialogue import Scope
    from treering.schemas.trunk import Trunk
    from treering.telemetry.happenings import Hear


class Recalling:
    """Answers questions about one scope at a time."""

    def __init__(
        self,
        *,
        store: Store,
        reader: Reader,
        embedder: Embedder,
        trunk: Trunk,
        counter: TokenCounter,
        clock: Clock,
        weights: Weights | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._store = store
        self._reader = reader
        self._count: Callable[[str], int] = counter.count
        self._weights = weights or Weights()
        self._querying = Querying(
            reader=reader,
            embedder=embedder,
            clock=clock,
            ranks_by_summaries=bool(self._weights.turns.get("summary")),
        )
        self._reranker = reranker
        self._writer = LineWriter(trunk, self._count, self._weights, explains=False)
        self._explainer = LineWriter(trunk, self._count, self._weights)
        self._slot_order = {slot.path: number for number, slot in enumerate(trunk.slots)}

    def recall(self, scope: Scope, question: Question, *, tell: Hear | None = None) -> Recall:
        """The context for a question. An unknown person has an empty one.

        Args:
            scope: Whose memory is asked.
            question: The question.
            tell: Told what came of it; none: nobody wants to know.
        """
        watch = Stopwatch("recall")
        with self._store.begin(write=False) as unit:
            forest, version = _known(unit, scope, question.known_at)
            watch.lap("search")
            query = self._querying.query(
                unit, scope, question, forest=forest, version=version, with_turns=question.mode != "tree"
            )
            watch.lap("embed")
            reading = self._reader.read(unit, query, forest)
            watch.lap("search")
            decision, lines = self._lines(unit, query, reading, question)
            all_lines: list[Line] = []
            if question.explain and reading.held_back:
                everything = self._reader.read(unit, query, forest, holds_back=False)
                all_lines = self._lines(unit, query, everything, question)[1]
        watch.lap("rank")
        fitted = self._fitted(lines, question)
        stays_out = reading.held_back.lines_of(self._fitted(all_lines, question), fitted) if all_lines else ()
        watch.lap("fit")
        recalled = self._compose(
            question, query, decision=decision, reading=reading, lines=fitted, timings_ms=watch.laps_ms
        )
        if stays_out:
            recalled = recalled.model_copy(update={"held_back": stays_out})
        if tell is not None:
            tell(_told(recalled, reading, watch))
        return recalled

    def search(self, scope: Scope, question: Question, limit: int) -> tuple[SearchHit, ...]:
        """The turns that answer a question best, best first, whether or not they are still true.

        What is special stays out unless the question concerns it, as in a recall.
        """
        with self._store.begin(write=False) as unit:
            forest, version = _known(unit, scope, question.known_at)
            query = self._querying.query(
                unit, scope, question, forest=forest, version=version, with_turns=True, hits=max(MAX_HITS, limit)
            )
            reading = self._reader.read(unit, query, forest)
            claims = {line.ref: line for line in self._writer.claims(reading, query.as_of)}
            doors = back_doors(reading, claims)
            count = max(MAX_READ, limit + len(doors.withheld))
            ranked = list(self._ranked(unit, query, reading, reading.held_back.outside_of(question), count=count))
        allowed = [one for one in ranked if doors.admits(one.ranked.ref, about_change=True)]
        return tuple(
            SearchHit(
                message_id=one.turn.message_id,
                session=one.turn.session,
                at=one.turn.at,
                role=one.turn.role,
                speaker=one.turn.speaker,
                text=one.turn.content,
                score=min(1.0, one.ranked.score),
                found_by=one.ranked.found_by if question.explain else (),
            )
            for one in allowed[:limit]
        )

    def _lines(
        self, unit: UnitOfWork, query: Query, reading: Reading, question: Question
    ) -> tuple[Decision, list[Line]]:
        """How to recall, and all lines that this brings."""
        writer = self._explainer if question.explain else self._writer
        claims = self._claim_lines(writer, unit, query, reading, question)
        best = reading.best_claim({line.ref for line in claims})
        decision = decide(question.read_part, question.mode, best, is_all_heard=not reading.unheard)
        lines: list[Line] = [*claims]
        if decision.mode != "tree":
            question = reading.held_back.outside_of(question)
            turns = self._ranked(unit, query, reading, question, least=TURN_FLOOR)
            doors = back_doors(reading, {line.ref: line for line in claims})
            summaries = summary_lines(unit, query, reading, question=question, doors=doors, cost=self._writer.cost)
            lines += [
                *writer.turns(turns, query, reading, claims, doors=doors, budget=question.budget_tokens),
                *(line for line in summaries if not reading.held_back.is_told_in(line.text)),
            ]
        return decision, lines

    def _fitted(self, lines: Sequence[Line], question: Question) -> tuple[RecallLine, ...]:
        return arrange(fit(lines, budget_tokens=question.budget_tokens, count=self._count), self._slot_order)

    def _ranked(
        self,
        unit: UnitOfWork,
        query: Query,
        reading: Reading,
        question: Question,
        *,
        least: float = 0.0,
        count: int = MAX_READ,
    ) -> Iterable[RankedTurn]:
        floor = least if self._reranker is None else 0.0  # any of them may rise
        ranked: Iterable[RankedTurn]
        ranked = rank_turns(unit, query, reading, question, self._weights, least=floor, count=count)
        if held := reading.held_back:
            ranked = (one for one in ranked if not held.is_told_in(one.turn.content))
        if self._reranker is None:
            return ranked
        return rerank(list(ranked), question.read_part, self._reranker, self._weights)

    @staticmethod
    def _claim_lines(
        writer: LineWriter, unit: UnitOfWork, query: Query, reading: Reading, question: Question
    ) -> list[Draft]:
        lines = writer.claims(reading, query.as_of)
        if not question.where:
            return lines
        sources = unit.turns.get(query.scope, list({ref for line in lines for ref in line.message_ids}))
        admitted = {ref for ref, turn in sources.items() if question.admits(turn)}
        return [line for line in lines if admitted.intersection(line.message_ids)]

    def _compose(
        self,
        question: Question,
        query: Query,
        *,
        decision: Decision,
        reading: Reading,
        lines: tuple[RecallLine, ...],
        timings_ms: dict[str, float],
    ) -> Recall:
        if not question.explain:  # summaries say it always
            lines = tuple(line.model_copy(update={"found_by": ()}) if line.found_by else line for line in lines)
        context = write(lines)
        return Recall(
            query=question.text,
            context=context,
            lines=lines,
            decision=decision,
            tokens=self._count(context),
            budget_tokens=question.budget_tokens,
            as_of=query.as_of,
            version=reading.head.version if query.version is None else query.version,
            degraded=reading.degraded,
            timings_ms=timings_ms if question.explain else {},
        )


def _told(recalled: Recall, reading: Reading, watch: Stopwatch) -> Recalled:
    """What came of a recall, in numbers."""
    return Recalled(
        mode=recalled.decision.mode,
        seconds=watch.seconds,
        stages=watch.laps,
        lines=Counter(line.kind for line in recalled.lines),
        tokens=recalled.tokens,
        found_by=reading.lists_of(frozenset(line.ref for line in recalled.lines)),
        is_degraded=bool(recalled.degraded),
    )


def _known(unit: UnitOfWork, scope: Scope, known_at: datetime | None) -> tuple[Forest, int | None]:
    """The trees at a moment of the past with their version, or the present ones."""
    if known_at is None:
        return unit.ledger.trees(scope), None
    version = unit.ledger.version_at(scope, known_at)
    return unit.ledger.trees(scope, version=version), version
