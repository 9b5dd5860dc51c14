"""The summarise job: the tree of summaries follows the sessions that have ended."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import FenceLost, ModelDeferred, ModelReplyUnreadable, ModelUnavailable
from treering.memory.catching_up import RECALLABLE_ROLES
from treering.memory.ports import VectorEntry
from treering.memory.retrieval.sparse import terms
from treering.memory.summaries import building
from treering.memory.summaries.building import SESSION, TOKENS, Condenser
from treering.memory.summaries.sessions import first_sentences, session_passages, turn_vectors
from treering.memory.summaries.themes import themes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from treering.memory.ports import Clock, Embedder, Store, Summariser, TokenCounter, UnitOfWork, Vector, VectorIndex
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.jobs import Job
    from treering.schemas.recall import Passage

_ENTRY = "summary:"
"""Begins the ids of the search rows of passages."""

_log = logging.getLogger("treering.memory")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """The sessions that have ended, as they were read."""

    passages: Sequence[Passage]
    """The summaries that are as they should be, in the order in which their sessions began."""
    due: Sequence[str]
    """Sessions whose summary is missing, or says something else, or has no vector."""
    names: frozenset[str]
    """The ids of all passages."""


@dataclass(slots=True, kw_only=True)
class _Run:
    """What one run of the job remembers from step to step."""

    job: Job
    vectors: dict[str, Vector] = field(default_factory=dict)
    """Those made in this run, by passage id."""
    summariser: Summariser | None
    """None also after the chat model failed once."""


class Summarising:
    """Makes summaries of sessions, themes and all, of one scope at a time, under the lease of a job.

    A passage's id follows from what it is made of. So what is there is right, what is missing is made, what is made of
    something that is gone is removed; a job that died, or ran twice, leaves no trace. Each session is one transaction
    with its passages and vectors, and all above the sessions is another.
    """

    def __init__(
        self,
        *,
        store: Store,
        index: VectorIndex | None,
        embedder: Embedder,
        counter: TokenCounter,
        clock: Clock,
        summariser: Callable[[], Summariser | None],
    ) -> None:
        self._store = store
        self._index = index
        self._embedder = embedder
        self._clock = clock
        self._condenser = Condenser(embed=embedder.embed, cost=counter.count)
        self._summariser = summariser

    def summarise(self, job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Bring the tree up to date, session by session, or until the process is to end.

        Raises:
            FenceLost: Another worker took over.
            ModelDeferred: A chat model may not be asked now; the sessions before this one have their summaries.
            IndexUnavailable: The vector server does not answer.
        """
        run = _Run(job=job, summariser=self._summariser())
        while True:
            seen = self._look(run)
            if not seen.due and self._gather(run, seen):
                return
            for session in seen.due:
                if not self._tell(run, session):
                    break  # it says something else by now
                if is_stopping():
                    with self._store.begin() as unit:
                        unit.jobs.leave_rest(job, self._clock.now())
                    return

    def _look(self, run: _Run) -> _Seen:
        scope = run.job.scope
        with self._store.begin(write=False) as unit:
            stored = {passage.session: passage for passage in unit.passages.level(scope, SESSION)}
            ended = [session for session in unit.turns.sessions(scope) if session.ended]
            found = self._vectors_in(unit).dense(scope, [_entry_id(passage.id) for passage in stored.values()])
            run.vectors |= {entry.partition(":")[2]: vector for entry, vector in found.items()}
            passages, due = [], []
            for session in ended:
                passage = stored.get(session.id)
                # Who changes a turn removes the passages that contain it, so only their number can be wrong.
                if passage is None or len(passage.message_ids) != session.turns:
                    turns = _sayable(unit, scope, session.id)
                    if not turns:
                        continue
                    passage = passage if passage is not None and passage.id == building.session_id(turns) else None
                if passage is None or passage.id not in run.vectors:
                    due.append(session.id)
                else:
                    passages.append(passage)
            return _Seen(passages=passages, due=due, names=unit.passages.tree(scope).names)

    def _tell(self, run: _Run, session: str) -> bool:
        """Make the episodes and the summary of a session; False if it changed meanwhile."""
        scope = run.job.scope
        with self._store.begin(write=False) as unit:
            turns = _sayable(unit, scope, session)
            if not turns:
                return False
            name = building.session_id(turns)
            stored = unit.passages.get(scope, [name]).get(name)
            parts = list(unit.passages.get(scope, stored.parts).values()) if stored is not None else []
            found = self._vectors_in(unit).dense(scope, [f"turn:{turn.message_id}" for turn in turns])
        vectors = turn_vectors(turns, found, self._embedder.embed)
        if stored is not None:
            passages = [*parts, stored]
        else:
            passages = session_passages(turns, vectors, self._condenser, written=self._written(run, turns))
        places = {turn.message_id: place for place, turn in enumerate(turns)}
        entries = []
        for passage in passages:
            rows = [places[ref] for ref in passage.message_ids]
            run.vectors[passage.id] = building.middle(vectors[rows])
            entries.append(_entry(passage, run.vectors[passage.id], [turns[row].content for row in rows]))

        def exchange(unit: UnitOfWork) -> list[str] | None:
            if _sayable(unit, scope, session) != turns:
                return None
            if stored is not None:
                return []
            gone = unit.passages.remove_of(scope, list(places))
            unit.passages.put(scope, passages)
            return gone

        return self._settle(run, entries, exchange)

    def _written(self, run: _Run, turns: Sequence[Turn]) -> str | None:
        """What the chat model writes, a sentence a line; None without one, or where it fails.

        Raises:
            ModelDeferred: It may not be asked now.
        """
        if run.summariser is None:
            return None
        try:
            written = run.summariser.summarise(turns, tokens=TOKENS[SESSION])
        except ModelReplyUnreadable as error:
            _log.warning("job %d: the chat model wrote no summary (%s); it is an extract", run.job.id, error.why)
            return None
        except ModelDeferred:  # it is only a matter of time: what a model writes is worth waiting for
            raise
        except ModelUnavailable as error:
            _log.warning("job %d: the chat model did not answer (%s); summaries are extracts", run.job.id, error)
            run.summariser = None  # each further session would wait as long
            return None
        return building.within("\n".join(first_sentences(written)), 2 * TOKENS[SESSION], self._condenser.cost)

    def _gather(self, run: _Run, seen: _Seen) -> bool:
        """Make the themes and the root, and remove all that is in no tree any more; False if a session changed."""
        scope, sessions = run.job.scope, seen.passages
        rows = np.array([run.vectors[passage.id] for passage in sessions], np.float32)
        groups = {
            building.theme_id(group): group
            for group in ([sessions[place] for place in places] for places in themes(rows))
        }
        above = [*groups, building.root_id([*groups])] if groups else []
        with self._store.begin(write=False) as unit:
            stored = unit.passages.get(scope, above)
            indexed = self._vectors_in(unit).dense(scope, [_entry_id(name) for name in above])
        made = [stored.get(name) or building.theme_passage(group, self._condenser) for name, group in groups.items()]
        if made:
            made.append(stored.get(above[-1]) or building.root_passage(made, self._condenser))
        entries = []
        for passage in made:
            parts = np.array([run.vectors[part] for part in passage.parts], np.float32)
            run.vectors[passage.id] = building.middle(parts)
            if passage.id not in stored or _entry_id(passage.id) not in indexed:
                entries.append(_entry(passage, run.vectors[passage.id], [passage.text]))
        wanted = {*above, *(name for one in sessions for name in (one.id, *one.parts))}
        if not entries and seen.names == wanted:
            return True

        def exchange(unit: UnitOfWork) -> list[str] | None:
            names = unit.passages.tree(scope).names
            if not names >= {passage.id for passage in sessions}:
                return None
            gone = unit.passages.remove(scope, sorted(names - wanted))
            unit.passages.put(scope, [passage for passage in made if passage.id not in stored])
            return gone

        if not self._settle(run, entries, exchange):
            return False
        self._sweep(scope, wanted)
        return True

    def _settle(
        self, run: _Run, entries: Sequence[VectorEntry], exchange: Callable[[UnitOfWork], list[str] | None]
    ) -> bool:
        """Store vectors in one transaction with their passages.

        Args:
            run: The run.
            entries: The vectors.
            exchange: Stores the passages and returns the ids of those that went, or None if they are no longer right.

        Returns:
            False if they are no longer right.
        """
        if self._index is not None:
            self._index.upsert(run.job.scope, entries)
        try:
            with self._store.begin() as unit:
                is_right = self._store_all(unit, run.job, entries, exchange)
        except FenceLost:
            self._take_back(run.job.scope, entries)
            raise
        if not is_right:
            self._take_back(run.job.scope, entries)
        return is_right

    def _store_all(
        self,
        unit: UnitOfWork,
        job: Job,
        entries: Sequence[VectorEntry],
        exchange: Callable[[UnitOfWork], list[str] | None],
    ) -> bool:
        head = unit.ledger.head(job.scope)
        if head.fence != job.fence:
            raise FenceLost(job.fence, head.fence)
        gone = exchange(unit)
        if gone is None:
            return False
        again = {entry.id for entry in entries}
        self._vectors_in(unit).remove(job.scope, [ref for name in gone if (ref := _entry_id(name)) not in again])
        if self._index is None:
            unit.vectors.upsert(job.scope, entries)
        return True

    def _sweep(self, scope: Scope, wanted: Collection[str]) -> None:
        """Remove from a server what is in no tree: undoing a change does not ask it, and a worker may have died."""
        if self._index is not None:
            known = {_entry_id(name) for name in wanted}
            stray = [name for name in self._index.ids(scope) if name.startswith(_ENTRY) and name not in known]
            self._index.remove(scope, sorted(stray))

    def _take_back(self, scope: Scope, entries: Iterable[VectorEntry]) -> None:
        """Remove from a server, which knows no fence, what belongs to no passage."""
        if self._index is None:
            return
        names = [entry.id.partition(":")[2] for entry in entries]
        with self._store.begin(write=False) as unit:
            stored = unit.passages.get(scope, names)
        self._index.remove(scope, [_entry_id(name) for name in names if name not in stored])

    def _vectors_in(self, unit: UnitOfWork) -> VectorIndex:
        return unit.vectors if self._index is None else self._index


def _sayable(unit: UnitOfWork, scope: Scope, session: str) -> list[Turn]:
    """The turns of a session that are summarised; none while it goes on."""
    if not any(one.id == session and one.ended for one in unit.turns.sessions(scope)):
        return []
    return building.sayable(unit.turns.turns(scope, session=session), RECALLABLE_ROLES)


def _entry_id(passage_id: str) -> str:
    return f"{_ENTRY}{passage_id}"


def _entry(passage: Passage, vector: Vector, texts: Iterable[str]) -> VectorEntry:
    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(terms(text))
    return VectorEntry(id=_entry_id(passage.id), kind="summary", dense=vector, terms=dict(counts))
