"""The index job: vectors follow SQL, and SQL says how far they got."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from treering.errors import FenceLost
from treering.memory.catching_up import RECALLABLE_ROLES
from treering.memory.ports import (
    Clock,
    Embedder,
    EntryKind,
    Mention,
    Place,
    Store,
    UnitOfWork,
    VectorEntry,
    VectorIndex,
)
from treering.memory.retrieval.entities import entities
from treering.memory.retrieval.sparse import terms
from treering.schemas.operations import Add, Delete, Update

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.jobs import Job

FIRST_STEP = 16
"""Turns, and ledger versions, that are embedded before the first commit of a job, and before it first gives way."""

LONGEST_STEP = 64
"""Those between two commits of a job for which nobody waits: each step is twice as long as the one before. At most this
much is repeated after a crash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    texts: Mapping[str, tuple[EntryKind, str]]
    places: Mapping[str, Place]
    mentions: Sequence[Mention]
    gone: Sequence[str]
    version: int
    seq: int
    reworded_seq: int | None
    """The turn that has another text than it was embedded with."""
    is_last: bool

    @property
    def said(self) -> dict[str, str]:
        """The texts of turns, by message id."""
        return {ref.partition(":")[2]: text for ref, (kind, text) in self.texts.items() if kind == "turn"}


class Indexing:
    """Brings the vectors of one scope up to date, under the lease of a job."""

    def __init__(self, *, store: Store, index: VectorIndex | None, embedder: Embedder, clock: Clock) -> None:
        self._store = store
        self._index = index
        self._embedder = embedder
        self._clock = clock

    def index(
        self,
        job: Job,
        *,
        is_stopping: Callable[[], bool] = lambda: False,
        after_step: Callable[[], None] = lambda: None,
    ) -> None:
        """Embed what is new and take out what is gone, step by step until nothing is left, or the process is to end.

        Raises:
            DimensionMismatch: There are vectors of another embedder only, and the job does not name ours.
            FenceLost: Another worker took over.
            IndexUnavailable: The vector server does not answer.
        """
        reworded = job.payload.get("message")
        beside = job.payload.get("embedder") == self._embedder.fingerprint
        if "erased" in job.payload:
            self._sweep(job.scope, int(job.payload["erased"]))
        size = FIRST_STEP
        while True:
            step = self._next_step(job.scope, size, None if reworded is None else str(reworded))
            entries = self._embed(step)
            if self._index is not None:
                self._index.upsert(job.scope, entries, beside=beside)
            is_enough = step.is_last or is_stopping()
            try:
                with self._store.begin() as unit:
                    self._settle(unit, job, step, entries, beside=beside)
                    if is_enough and not step.is_last:
                        rest = job.model_copy(update={"kind": "index"})  # of one that summarises, only this part
                        unit.jobs.leave_rest(rest, self._clock.now())
            except FenceLost:
                self._make_good(job, step)
                raise
            after_step()
            if is_enough:
                return
            reworded = None
            size = min(2 * size, LONGEST_STEP)

    def _sweep(self, scope: Scope, receipt_id: int) -> None:
        """Once leases that an erasure took away have run out: remove what their holders stored in a server since."""
        with self._store.begin(write=False) as unit:
            receipt = next((one for one in unit.receipts.receipts(scope) if one.id == receipt_id), None)
            live = {ref for tree in unit.ledger.trees(scope).values() for ref in tree.claims}
            summaries = {f"summary:{name}" for name in unit.passages.tree(scope).names}
        if self._index is None or receipt is None:
            return
        claims = [f"claim:{ref}" for ref in receipt.claims if ref not in live]
        stray = [name for name in self._index.ids(scope) if name.startswith("summary:") and name not in summaries]
        self._index.remove(scope, [*claims, *(f"turn:{ref}" for ref in receipt.messages), *sorted(stray)])

    def _next_step(self, scope: Scope, size: int, reworded: str | None) -> _Step:
        """What is new, as far as one step goes, and a turn that has another text than it was embedded with."""
        with self._store.begin(write=False) as unit:
            head = unit.ledger.head(scope)
            version = min(head.version, head.indexed_version + size)
            turns = unit.turns.turns(scope, after=head.indexed_seq, limit=size)
            seq = turns[-1].seq if turns else head.indexed_seq
            changed = [] if reworded is None else list(unit.turns.get(scope, [reworded]).values())
            turns += [turn for turn in changed if turn not in turns]
            ledger = list(unit.ledger.entries(scope, after_version=head.indexed_version, through_version=version))
            live = {ref: claim.text for tree in unit.ledger.trees(scope).values() for ref, claim in tree.claims.items()}
        touched = [_claim_touched(entry.operation) for entry in ledger]
        ids = dict.fromkeys(ref for ref in touched if ref is not None)
        texts: dict[str, tuple[EntryKind, str]] = {f"claim:{ref}": ("claim", live[ref]) for ref in ids if ref in live}
        recallable = [turn for turn in turns if turn.role in RECALLABLE_ROLES]
        texts |= {f"turn:{turn.message_id}": ("turn", turn.content) for turn in recallable if turn.content}
        # Of an erased turn, a worker that died before it could settle may have left a vector.
        erased = [f"turn:{turn.message_id}" for turn in recallable if not turn.content]
        return _Step(
            texts=texts,
            places={f"turn:{turn.message_id}": Place.of(turn) for turn in recallable},
            mentions=[mention_of(turn) for turn in recallable if turn.content],
            gone=[*erased, *(f"claim:{ref}" for ref in ids if ref not in live)],
            version=version,
            seq=seq,
            reworded_seq=changed[0].seq if changed else None,
            is_last=version == head.version and seq == head.last_seq,
        )

    def _embed(self, step: _Step) -> list[VectorEntry]:
        if not step.texts:
            return []
        vectors = self._embedder.embed([text for _, text in step.texts.values()])
        return [
            VectorEntry(id=ref, kind=kind, dense=vector, terms=terms(text), place=step.places.get(ref))
            for (ref, (kind, text)), vector in zip(step.texts.items(), vectors, strict=True)
        ]

    def _settle(self, unit: UnitOfWork, job: Job, step: _Step, entries: Sequence[VectorEntry], *, beside: bool) -> None:
        """Write the vectors, unless their text went meanwhile: an erasure does not wait for jobs."""
        alive = _alive(unit, job.scope, step)
        gone = [*step.gone, *(entry.id for entry in entries if entry.id not in alive)]
        if self._index is not None and gone:
            self._index.remove(job.scope, gone)  # also of one who was overtaken: it knows no fence, and has them by now
        head = unit.ledger.head(job.scope)
        if head.fence != job.fence:
            raise FenceLost(job.fence, head.fence)
        if self._index is None:
            unit.vectors.upsert(job.scope, [entry for entry in entries if entry.id in alive], beside=beside)
            unit.vectors.remove(job.scope, gone)
        unit.mentions.put(job.scope, [one for one in step.mentions if f"turn:{one.message_id}" in alive])
        unit.mentions.remove(job.scope, [ref.removeprefix("turn:") for ref in gone if ref.startswith("turn:")])
        unit.ledger.mark_indexed(job.scope, version=step.version, seq=step.seq)
        if step.reworded_seq is not None:
            unit.ledger.index_again(job.scope, seq=step.reworded_seq)

    def _make_good(self, job: Job, step: _Step) -> None:
        """Have turns embedded again whose newer vector went with the old one: a server knows no fence."""
        if self._index is None:
            return
        with self._store.begin() as unit:
            for turn in unit.turns.get(job.scope, list(step.said)).values():
                if turn.content and turn.content != step.said[turn.message_id]:
                    unit.jobs.enqueue(job.scope, "index", self._clock.now(), payload={"message": turn.message_id})


def mention_of(turn: Turn) -> Mention:
    """What a turn mentions, its speaker included."""
    return Mention(message_id=turn.message_id, seq=turn.seq, entities=entities(turn.content, turn.speaker, turn.at))


def _alive(unit: UnitOfWork, scope: Scope, step: _Step) -> set[str]:
    """Ids of the entries that are still there, turns with the text that was embedded."""
    turns = unit.turns.get(scope, list(step.said))
    alive = {f"turn:{ref}" for ref, turn in turns.items() if turn.content == step.said[ref]}
    for tree in unit.ledger.trees(scope).values():
        alive.update(f"claim:{ref}" for ref in tree.claims)
    return alive


def _claim_touched(operation: object) -> str | None:
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.id
        case Delete(target=target, reason="retracted" | "forgotten"):
            return target
        case _:
            return None
