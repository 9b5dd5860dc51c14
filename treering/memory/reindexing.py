"""Re-embedding: the vectors of another embedder are made beside those in use, person by person."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from treering.errors import FenceLost
from treering.memory.ports import VectorEntry
from treering.memory.retrieval.sparse import terms
from treering.memory.summaries.building import SESSION, middle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from treering.memory.indexing import Indexing
    from treering.memory.ports import Clock, Store, UnitOfWork, VectorIndex
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.jobs import Job
    from treering.schemas.recall import Passage

LEVELS = range(4)
"""Levels of passages, from episodes to the root; each has the vectors of the one below to be made of."""

LEASE_S = 30.0
"""Seconds after which a run that died stops holding a person's work up; renewed with each step, of a second or two."""

BUSY_POLL_S = 0.05
"""Seconds between looks while other work of everybody who is left goes on."""


class Reindexing:
    """Makes the vectors of this store's embedder for people who have those of another.

    Whoever works with the other embedder goes on meanwhile. A person's work waits while their vectors are made, under
    a lease; the marks of how far they have got are those of the index job, so that a run that was killed is taken up
    where it was, and new turns are followed by index jobs from then on.

    Args:
        store: The store, opened for the new embedder.
        index: The vector server, opened for the new embedder; None: vectors are in the store.
        indexing: The index job of the new embedder.
        fingerprint: Names the new embedder.
        clock: Tells how long leases last.
    """

    def __init__(
        self, *, store: Store, index: VectorIndex | None, indexing: Indexing, fingerprint: str, clock: Clock
    ) -> None:
        self._store = store
        self._index = index
        self._indexing = indexing
        self.fingerprint = fingerprint
        """Names the new embedder."""
        self._clock = clock

    def reindex(self, scopes: Sequence[Scope], told: Callable[[int, int], None]) -> None:
        """Make what is missing, and return when nothing is.

        Args:
            scopes: Whose.
            told: Called with how many turns and ledger versions are done, and of how many.

        Raises:
            EmbedderUnavailable: The embedder gives no vectors; what is done stays done.
            IndexUnavailable: The vector server does not answer; likewise.
        """
        progress = _Progress(told)
        waiting = []
        for scope in scopes:
            with self._store.begin(write=False) as unit:
                if self._is_due(unit, scope):
                    waiting.append(scope)
                progress.note(scope, unit)
        progress.tell()
        while waiting:
            busy = [scope for scope in waiting if not self._make(scope, progress)]
            if len(busy) == len(waiting):
                time.sleep(BUSY_POLL_S)
            waiting = busy

    def others(self, scopes: Iterable[Scope]) -> dict[str, int]:
        """How many vectors other embedders have, by what names them."""
        found: Counter[str] = Counter()
        for scope in scopes:
            with self._store.begin(write=False) as unit:
                found.update(self._vectors_in(unit).others(scope))
        return dict(sorted(found.items()))

    def drop_others(self, scopes: Iterable[Scope]) -> None:
        """Remove the vectors of other embedders, of people who have those of this one.

        Raises:
            IndexUnavailable: The vector server does not answer.
        """
        for scope in scopes:
            with self._store.begin() as unit:
                if self._is_due(unit, scope):
                    continue
                unit.ledger.drop_other_marks(scope)  # first: marks without vectors would hide that these are missing
                if self._index is None:
                    unit.vectors.drop_others(scope)
            if self._index is not None:
                self._index.drop_others(scope)

    def _is_due(self, unit: UnitOfWork, scope: Scope) -> bool:
        head = unit.ledger.head(scope)
        if head.indexed_seq < head.last_seq or head.indexed_version < head.version:
            return True
        summaries = {_entry_id(name) for name in unit.passages.tree(scope).names}
        return bool(summaries - self._vectors_in(unit).ids(scope))

    def _make(self, scope: Scope, progress: _Progress) -> bool:
        """Make the vectors of one person; False if other work of theirs goes on, or came in between."""
        with self._store.begin() as unit:
            names = {"embedder": self.fingerprint}
            job = unit.jobs.lease(scope, "index", self._clock.now(), lease_s=LEASE_S, payload=names)
        if job is None:
            return False

        def go_on() -> None:
            with self._store.begin() as unit:
                unit.jobs.extend(job, self._clock.now(), lease_s=LEASE_S)
                progress.note(scope, unit)
            progress.tell()

        try:
            self._indexing.index(job, after_step=go_on)
            self._summaries(job)
        except FenceLost:
            return False
        finally:
            with suppress(FenceLost), self._store.begin() as unit:
                unit.jobs.finish(job)
        return True

    def _summaries(self, job: Job) -> None:
        """Give the passages that are there vectors, from those of their turns; which there are is no matter of ours."""
        scope = job.scope
        with self._store.begin(write=False) as unit:
            passages = [passage for level in LEVELS for passage in unit.passages.level(scope, level)]
            turns = unit.turns.get(scope, [ref for passage in passages for ref in passage.message_ids])
            known = [*(f"turn:{ref}" for ref in turns), *(_entry_id(passage.id) for passage in passages)]
            vectors = self._vectors_in(unit).dense(scope, known)
        entries: list[VectorEntry] = []
        for passage in passages:
            parts = [vectors[ref] for ref in _made_of(passage) if ref in vectors]
            if _entry_id(passage.id) not in vectors and parts:
                vectors[_entry_id(passage.id)] = middle(np.stack(parts))
                entries.append(_entry(passage, vectors[_entry_id(passage.id)], turns))
        if not entries:
            return
        if self._index is not None:
            self._index.upsert(scope, entries)
        with self._store.begin() as unit:
            alive = {_entry_id(name) for name in unit.passages.get(scope, [passage.id for passage in passages])}
            head = unit.ledger.head(scope)
            if self._index is not None:
                self._index.remove(scope, [entry.id for entry in entries if entry.id not in alive])
            if head.fence != job.fence:
                raise FenceLost(job.fence, head.fence)
            if self._index is None:
                unit.vectors.upsert(scope, [entry for entry in entries if entry.id in alive])

    def _vectors_in(self, unit: UnitOfWork) -> VectorIndex:
        return unit.vectors if self._index is None else self._index


class _Progress:
    """How far everybody's vectors are, in turns and ledger versions."""

    def __init__(self, told: Callable[[int, int], None]) -> None:
        self._told = told
        self._known: dict[Scope, tuple[int, int]] = {}
        self._sums = (0, 0)

    def note(self, scope: Scope, unit: UnitOfWork) -> None:
        """Look at one person's marks."""
        head = unit.ledger.head(scope)
        now = head.indexed_seq + head.indexed_version, head.last_seq + head.version
        before = self._known.get(scope, (0, 0))
        self._known[scope] = now
        self._sums = self._sums[0] + now[0] - before[0], self._sums[1] + now[1] - before[1]

    def tell(self) -> None:
        """Say it."""
        self._told(*self._sums)


def _entry_id(passage_id: str) -> str:
    return f"summary:{passage_id}"


def _made_of(passage: Passage) -> list[str]:
    """The search entries whose middle stands for a passage."""
    if passage.level <= SESSION:
        return [f"turn:{ref}" for ref in passage.message_ids]
    return [_entry_id(part) for part in passage.parts]


def _entry(passage: Passage, vector: np.ndarray, turns: dict[str, Turn]) -> VectorEntry:
    said = [turns[ref].content for ref in passage.message_ids if ref in turns] or [passage.text]
    counts: Counter[int] = Counter()
    for text in said:
        counts.update(terms(text))
    return VectorEntry(id=_entry_id(passage.id), kind="summary", dense=vector, terms=dict(counts))
