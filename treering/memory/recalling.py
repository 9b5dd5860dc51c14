"""Recall: a question in, a token-budgeted context out, with the reason for every line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

from treering.errors import InvalidInput
from treering.memory.reading import Query, Reader, Reading
from treering.memory.retrieval.decide import asks_about_change, decide
from treering.memory.retrieval.fit import MAX_TURN_TOKENS, arrange, excerpt, fit, write
from treering.memory.retrieval.naming import impersonal, names_of
from treering.memory.retrieval.rank import RELEVANCE_FLOOR, SPECIAL_FLOOR, TURN_FLOOR, Ranked, blend, freshness
from treering.memory.retrieval.sparse import terms
from treering.schemas.claims import SELF, Claim
from treering.schemas.recall import Decision, Found, Mode, Recall, RecallLine

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Embedder, Store, TokenCounter, UnitOfWork
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.trunk import Trunk

MAX_QUERY_CHARS = 4_000
"""What is embedded and matched of a question, in characters; the rest of a longer one is left unread."""

MOSTLY = 0.8
"""Share of a turn that its claims must quote before the turn adds nothing to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, and under which terms."""

    text: str
    mode: Mode
    budget_tokens: int
    as_of: datetime
    exclude: frozenset[str]
    explain: bool

    @property
    def read_part(self) -> str:
        """What is embedded and matched."""
        return self.text[:MAX_QUERY_CHARS]


class Recalling:
    """Answers questions about one scope at a time."""

    def __init__(
        self, *, store: Store, reader: Reader, embedder: Embedder, trunk: Trunk, counter: TokenCounter, clock: Clock
    ) -> None:
        self._store = store
        self._reader = reader
        self._embedder = embedder
        self._trunk = trunk
        self._count: Callable[[str], int] = counter.count
        self._clock = clock
        self._slot_order = {slot.path: number for number, slot in enumerate(trunk.slots)}

    def recall(
        self,
        scope: Scope,
        query: str,
        *,
        mode: Mode,
        budget_tokens: int,
        as_of: datetime | None,
        exclude: Collection[str],
        explain: bool,
    ) -> Recall:
        """The context for a question. An unknown person has an empty one.

        Raises:
            InvalidInput: The question is empty, or the budget negative.
        """
        if not query.strip():
            raise InvalidInput("query", "is empty; ask something")
        if budget_tokens < 0:
            raise InvalidInput("budget_tokens", f"is {budget_tokens}; give 0 or more")
        question = Question(
            text=query,
            mode=mode,
            budget_tokens=budget_tokens,
            as_of=as_of or self._clock.now(),
            exclude=frozenset(exclude),
            explain=explain,
        )
        return self._answer(scope, question)

    def _answer(self, scope: Scope, question: Question) -> Recall:
        watch = _Stopwatch()
        with self._store.begin(write=False) as unit:
            forest = unit.ledger.trees(scope)
            watch.lap("search")
            query = self._query(scope, question, forest)
            watch.lap("embed")
            reading = self._reader.read(unit, query, forest)
            watch.lap("search")
            decision = decide(question.read_part, question.mode, reading.best_claim, is_all_heard=not reading.unheard)
            lines = self._claim_lines(reading, question)
            if decision.mode != "tree":
                lines += self._turn_lines(unit, query, reading, question, lines)
        watch.lap("rank")
        fitted = arrange(fit(lines, budget_tokens=question.budget_tokens, count=self._count), self._slot_order)
        watch.lap("fit")
        return self._compose(question, decision, reading, fitted, watch.laps_ms)

    def _query(self, scope: Scope, question: Question, forest: Forest) -> Query:
        text = impersonal(question.read_part, names_of(scope.user, forest.get(SELF)))
        return Query(
            scope=scope,
            vector=self._embedder.embed([text])[0],
            terms=terms(text),
            as_of=question.as_of,
            about_change=asks_about_change(question.read_part),
            with_turns=question.mode != "tree",
        )

    def _compose(
        self,
        question: Question,
        decision: Decision,
        reading: Reading,
        lines: tuple[RecallLine, ...],
        timings_ms: dict[str, float],
    ) -> Recall:
        context = write(lines)
        return Recall(
            query=question.text,
            context=context,
            lines=lines if question.explain else tuple(line.model_copy(update={"found_by": ()}) for line in lines),
            decision=decision,
            tokens=self._count(context),
            budget_tokens=question.budget_tokens,
            as_of=question.as_of,
            version=reading.head.version,
            degraded=reading.degraded,
            timings_ms=timings_ms if question.explain else {},
        )

    # -- claims

    def _claim_lines(self, reading: Reading, question: Question) -> list[RecallLine]:
        of_slot = {ref for ref, _ in reading.lists["claim"]["tree"]}
        past = {ref: one for ref, one in reading.former.items() if ref in of_slot}
        claims = {**reading.claims, **{ref: one.claim for ref, one in past.items()}}
        lists = {
            name: [(ref, score) for ref, score in pairs if ref in claims]
            for name, pairs in reading.lists["claim"].items()
        }
        ranked = {one.ref: one for one in blend(lists, "claim")}
        lines = []
        for ref, claim in claims.items():
            until = past[ref].until if ref in past else None
            slot = self._trunk.by_path[claim.path]
            floor = SPECIAL_FLOOR if slot.sensitivity == "special" else RELEVANCE_FLOOR
            one = ranked.get(ref)
            if slot.always and until is None:
                lines.append(self._claim_line(claim, None, 1.0, (_BOUNDARY,)))
            elif one is not None and one.score >= floor:
                score = one.score * freshness(claim.valid_from, question.as_of, slot.half_life_days)
                lines.append(self._claim_line(claim, until, score, one.found_by))
        return lines

    def _claim_line(
        self, claim: Claim, until: datetime | None, score: float, found_by: tuple[Found, ...]
    ) -> RecallLine:
        whose = "" if claim.subject == SELF else f"{claim.subject.partition(':')[2]}: "
        when = f"{claim.valid_from:%Y-%m-%d}" + (f" to {until:%Y-%m-%d}" if until else "")
        text = f"{whose}{' '.join(claim.text.split())} ({claim.path}, {when})"
        return RecallLine(
            id=claim.id,
            kind="claim",
            text=text,
            at=claim.valid_from,
            score=score,
            tokens=self._cost(text),
            ref=claim.id,
            subject=claim.subject,
            path=claim.path,
            sensitivity=self._trunk.by_path[claim.path].sensitivity,
            message_ids=tuple(evidence.message_id for evidence in claim.evidence),
            found_by=found_by,
        )

    # -- turns

    def _turn_lines(
        self, unit: UnitOfWork, query: Query, reading: Reading, question: Question, claims: Iterable[RecallLine]
    ) -> list[RecallLine]:
        shown = {line.ref: line for line in claims}
        barred = question.exclude | _back_doors(reading, shown, about_change=query.about_change)
        ranked = {one.ref: one for one in _with_unheard(blend(reading.lists["turn"], "turn"), reading.unheard)}
        turns = unit.turns.get(query.scope, [ref for ref in ranked if ref not in barred])
        told = _quoted_chars(
            reading.claims[ref] if ref in reading.claims else reading.former[ref].claim for ref in shown
        )
        lines: list[RecallLine] = []
        spent = 0
        for turn in turns.values():  # best first; once they fill the budget alone, no further one is written out
            is_known_then = turn.content and turn.at <= question.as_of
            if is_known_then and told.get(turn.message_id, 0) < MOSTLY * len(turn.content):
                lines.append(self._turn_line(ranked[turn.message_id], turn, query))
                spent += lines[-1].tokens
            if spent >= question.budget_tokens:
                break
        return lines

    def _turn_line(self, one: Ranked, turn: Turn, query: Query) -> RecallLine:
        def wanted(sentence: str) -> float:
            return float(sum(1 for term in terms(sentence) if term in query.terms))

        said = excerpt(turn.content, wanted, max_tokens=MAX_TURN_TOKENS, count=self._count)
        text = f"{turn.at:%Y-%m-%d} {turn.speaker or turn.role}: {said}"
        return RecallLine(
            id=one.ref,
            kind="turn",
            text=text,
            at=turn.at,
            score=one.score,
            tokens=self._cost(text),
            ref=one.ref,
            subject=SELF,
            message_ids=(one.ref,),
            found_by=one.found_by,
        )

    def _cost(self, text: str) -> int:
        return self._count(f"[c99] {text}\n")


class _Stopwatch:
    """Milliseconds by stage."""

    def __init__(self) -> None:
        self.laps_ms: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self.laps_ms[stage] = round(self.laps_ms.get(stage, 0.0) + (now - self._last) * 1_000, 3)
        self._last = now


_BOUNDARY = Found(source="boundary", rank=1, score=1.0, weight=1.0)


def _with_unheard(ranked: Iterable[Ranked], unheard: Sequence[str]) -> list[Ranked]:
    """Turns that reach the floor, best first; those that nobody has listened to yet are lifted to it.

    What such a turn means for the question shows only once it was heard: "I'm allergic to peanuts" is nothing like
    "Where should we eat?". So a listener that is behind costs a few tokens, and never an answer.
    """
    found = {one.ref: one for one in ranked}
    for place, ref in enumerate(reversed(unheard), start=1):
        one = found.get(ref) or Ranked(ref=ref, kind="turn", score=0.0, found_by=())
        recent = Found(source="recent", rank=place, score=1.0, weight=TURN_FLOOR)
        found[ref] = replace(one, score=max(one.score, TURN_FLOOR), found_by=(*one.found_by, recent))
    return sorted((one for one in found.values() if one.score >= TURN_FLOOR), key=lambda one: (-one.score, one.ref))


def _back_doors(reading: Reading, claims: Mapping[str, RecallLine], *, about_change: bool) -> set[str]:
    """Turns through which a superseded or a withheld special statement would come in."""
    shown: set[str] = set()
    stale: set[str] = set()
    withheld: set[str] = set()
    for tree in reading.forest.values():
        for claim in tree.claims.values():
            sources = {evidence.message_id for evidence in claim.evidence}
            if tree.trunk.by_path[claim.path].sensitivity == "special" and claim.id not in claims:
                withheld |= sources
            elif claim.id not in reading.claims:
                stale |= sources
            else:
                shown |= sources
    return withheld if about_change else withheld | (stale - shown)


def _quoted_chars(claims: Iterable[Claim]) -> dict[str, int]:
    quoted: dict[str, int] = {}
    for claim in claims:
        for evidence in claim.evidence:
            quoted[evidence.message_id] = quoted.get(evidence.message_id, 0) + len(evidence.quote)
    return quoted
