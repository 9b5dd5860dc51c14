"""The engine: one method a step of the write path and the read path. Synchronous; it knows no framework."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from treering.memory.asking import Question
from treering.memory.holding_back import Trees
from treering.memory.reading import Reader
from treering.memory.recalling import Recalling
from treering.memory.remembering import Remembering
from treering.schemas.dialogue import DEFAULT_SESSION, Message, Receipt, Scope, Session, Turn
from treering.telemetry.happenings import Happenings
from treering.telemetry.tracing import span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, timedelta

    from treering.memory.admission import FindPersonalData
    from treering.memory.consolidating import Consolidating
    from treering.memory.deciding import Deciding
    from treering.memory.doctor.examining import Doctor
    from treering.memory.exchange.exchanging import Exchange
    from treering.memory.exchange.importing import Importing
    from treering.memory.feedback import Judging
    from treering.memory.forgetting import Forgetting
    from treering.memory.hearing import Hearing, Observer
    from treering.memory.history import Excerpt
    from treering.memory.indexing import Indexing
    from treering.memory.migrating import Migrating
    from treering.memory.operations import Forest
    from treering.memory.ports import (
        Clock,
        Embedder,
        Listener,
        OutsideStore,
        Reranker,
        Store,
        Summariser,
        TokenCounter,
        VectorIndex,
    )
    from treering.memory.reindexing import Reindexing
    from treering.memory.retracting import Retracting
    from treering.memory.retrieval.questions import SlotRouter
    from treering.memory.retrieval.rank import Weights
    from treering.memory.retrieval.slots import SlotVectors
    from treering.memory.summarising import Summarising
    from treering.memory.undoing import Undoing
    from treering.memory.upkeep import Upkeep
    from treering.schemas.jobs import Job, JobState
    from treering.schemas.listening import Held
    from treering.schemas.operations import Commit, LedgerEntry
    from treering.schemas.policy import Policy
    from treering.schemas.recall import Recall, SearchHit
    from treering.schemas.trunk import Trunk
    from treering.telemetry.happenings import Hear


class Engine:
    """Everything that can be done with the memory of a scope."""

    def __init__(
        self,
        *,
        store: Store,
        index: VectorIndex | None,
        embedder: Embedder,
        questions: Embedder | None = None,
        router: Callable[[], SlotRouter],
        slots: Callable[[], SlotVectors],
        listener: Callable[[], Listener],
        trunk: Trunk,
        counter: TokenCounter,
        clock: Clock,
        observe: Observer,
        summariser: Callable[[], Summariser | None] = lambda: None,
        weights: Weights | None = None,
        reranker: Reranker | None = None,
        policy: Policy | None = None,
        find_personal_data: Callable[[], FindPersonalData | None] = lambda: None,
        queue_age: timedelta | None = None,
        happenings: Happenings | None = None,
    ) -> None:
        self.store = store
        self.trunk = trunk
        self.clock = clock
        self.outside: list[OutsideStore] = []
        """What keeps words beside the store, and is told what was forgotten."""
        self.happenings: Happenings = happenings or Happenings()
        """Told what was done."""
        self._listener = listener
        self._summariser = summariser
        self._counter = counter
        self._observe = observe
        self._policy = policy
        self._find_personal_data = find_personal_data
        self._index = index
        self._embedder = embedder
        self._router = router
        self._slots = slots
        self._remembering = Remembering(store=store, clock=clock, queue_age=queue_age, happenings=self.happenings)
        self._recalling = Recalling(
            store=store,
            reader=Reader(index=index, embedder=embedder, router=router),
            embedder=questions or embedder,
            trunk=trunk,
            counter=counter,
            clock=clock,
            weights=weights,
            reranker=reranker,
        )

    # Steps of the write path are imported and built when they are first taken: a process that only recalls needs
    # neither them nor a listener.

    @cached_property
    def _hearing(self) -> Hearing:
        from treering.memory.hearing import Hearing  # noqa: PLC0415

        return Hearing(
            store=self.store,
            listener=self._listener(),
            trunk=self.trunk,
            clock=self.clock,
            observe=self._observe,
            policy=self._policy,
            find_personal_data=self._find_personal_data(),
            happenings=self.happenings,
        )

    @cached_property
    def _indexing(self) -> Indexing:
        from treering.memory.indexing import Indexing  # noqa: PLC0415

        return Indexing(store=self.store, index=self._index, embedder=self._embedder, clock=self.clock)

    @cached_property
    def _summarising(self) -> Summarising:
        from treering.memory.summarising import Summarising  # noqa: PLC0415

        return Summarising(
            store=self.store,
            index=self._index,
            embedder=self._embedder,
            counter=self._counter,
            clock=self.clock,
            summariser=self._summariser,
        )

    @cached_property
    def consolidating(self) -> Consolidating:
        """Compares claims of many sessions with each other."""
        from treering.memory.consolidating import Consolidating  # noqa: PLC0415

        return Consolidating(
            store=self.store, index=self._index, embedder=self._embedder, trunk=self.trunk, clock=self.clock
        )

    @cached_property
    def reindexing(self) -> Reindexing:
        """Makes the vectors of this embedder beside those of another."""
        from treering.memory.reindexing import Reindexing  # noqa: PLC0415

        return Reindexing(
            store=self.store,
            index=self._index,
            indexing=self._indexing,
            fingerprint=self._embedder.fingerprint,
            clock=self.clock,
        )

    @cached_property
    def forgetting(self) -> Forgetting:
        """Erases on request."""
        from treering.memory.forgetting import Forgetting  # noqa: PLC0415

        return Forgetting(
            store=self.store,
            index=self._index,
            embedder=self._embedder,
            trunk=self.trunk,
            clock=self.clock,
            outside=self.outside,
        )

    @cached_property
    def deciding(self) -> Deciding:
        """Carries out or drops what waits in quarantine."""
        from treering.memory.deciding import Deciding  # noqa: PLC0415

        return Deciding(
            store=self.store,
            trunk=self.trunk,
            clock=self.clock,
            forgetting=self.forgetting,
            policy=self._policy,
            find_personal_data=self._find_personal_data(),
        )

    @cached_property
    def judging(self) -> Judging:
        """Confirms, corrects, rejects and adds claims on somebody's word."""
        from treering.memory.feedback import Judging  # noqa: PLC0415

        return Judging(
            store=self.store,
            trunk=self.trunk,
            clock=self.clock,
            policy=self._policy,
            happenings=self.happenings,
        )

    @cached_property
    def doctor(self) -> Doctor:
        """Looks whether everything that is stored fits together."""
        from treering.memory.doctor.examining import Doctor  # noqa: PLC0415

        return Doctor(store=self.store, index=self._index, trunk=self.trunk, clock=self.clock)

    @cached_property
    def exchange(self) -> Exchange:
        """Exports, and imports of them."""
        from treering.memory.exchange.exchanging import Exchange  # noqa: PLC0415

        return Exchange(store=self.store, trunk=self.trunk, clock=self.clock)

    @cached_property
    def importing(self) -> Importing:
        """Imports from other memories."""
        from treering.memory.exchange.importing import Importing  # noqa: PLC0415

        return Importing(
            store=self.store, trunk=self.trunk, clock=self.clock, embedder=self._embedder, slots=self._slots
        )

    @cached_property
    def migrating(self) -> Migrating:
        """Puts memories onto another trunk, and back."""
        from treering.memory.migrating import Migrating  # noqa: PLC0415

        return Migrating(store=self.store, index=self._index, trunk=self.trunk, clock=self.clock)

    @cached_property
    def retracting(self) -> Retracting:
        """Takes messages back, and amends them."""
        from treering.memory.retracting import Retracting  # noqa: PLC0415

        return Retracting(store=self.store, index=self._index, clock=self.clock)

    @cached_property
    def undoing(self) -> Undoing:
        """Takes changes back, and compares versions."""
        from treering.memory.undoing import Undoing  # noqa: PLC0415

        return Undoing(store=self.store, trunk=self.trunk, clock=self.clock)

    @cached_property
    def upkeep(self) -> Upkeep:
        """Finds what is due by itself."""
        from treering.memory.upkeep import Upkeep  # noqa: PLC0415

        return Upkeep(store=self.store, clock=self.clock, end_session=self.end_session)

    # -- writing

    def remember(self, scope: Scope, messages: Sequence[Message], session: str = DEFAULT_SESSION) -> Receipt:
        """Store turns and queue the listening, in one transaction.

        Raises:
            InvalidTurn: A message is dated in the future.
            MessageConflict: An id is known with other content; nothing is stored.
            QueueOverdue: Jobs of the tenant wait for too long; nothing is stored.
        """
        with self.happenings.watching("remember"):
            return self._remembering.remember(scope, messages, session)

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """Expect no more turns, so that the last window is listened to."""
        self._remembering.end_session(scope, session)

    def consolidate(self, scope: Scope) -> None:
        """Queue the comparison of claims, which a session's end queues by itself; nothing for somebody unknown."""
        with self.store.begin() as unit:
            head = unit.ledger.head(scope)
            if head.last_seq or head.seq:
                unit.jobs.enqueue(scope, "consolidate", self.clock.now())

    def run(self, job: Job, *, last_try: bool, is_stopping: Callable[[], bool] = lambda: False) -> None:
        """Do a leased job.

        Args:
            job: The job.
            last_try: Whether what fails now is put aside for a person.
            is_stopping: Asked between two steps: whether the rest is to be left to another job.
        """
        match job.kind:
            case "listen":
                self._hearing.listen(job, last_try=last_try, is_stopping=is_stopping)
            case "window":
                self._hearing.listen_again(job)
            case "index":
                self._indexing.index(job, is_stopping=is_stopping)
            case "summarise":  # what is summarised need not be embedded twice
                self._indexing.index(job, is_stopping=is_stopping)
                self._summarising.summarise(job, is_stopping=is_stopping)
            case "consolidate":
                self.consolidating.consolidate(job)

    # -- reading

    def put_aside(self, job: Job, why: str) -> bool:
        """Go on without what a leased job cannot get past; False for a kind of which nothing can be left out."""
        if job.kind != "listen":
            return False
        self._hearing.put_aside(job, why)
        return True

    def warm_up(self) -> None:
        """Load what recall needs, so that the first question does not wait for it."""
        self._router()
        self._embedder.embed(["warm up"])  # before a question: the first may come from a model that runs less quickly
        self._recalling.recall(Scope(tenant="treering", user="nobody"), Question(text="warm up", budget_tokens=0))

    def recall(self, scope: Scope, question: Question, *, tell: Hear | None = None) -> Recall:
        """The context for a question; `tell` is told what came of it in place of all who are told of recalls."""
        hear = tell or (self.happenings.tell if self.happenings.is_heard else None)
        with span("recall", mode=question.mode), self.happenings.watching("recall"):
            return self._recalling.recall(scope, question, tell=hear)

    def search(self, scope: Scope, question: Question, limit: int) -> tuple[SearchHit, ...]:
        """The turns that answer a question best, best first."""
        return self._recalling.search(scope, question, limit)

    def trees(
        self, scope: Scope, *, version: int | None = None, known_at: datetime | None = None
    ) -> tuple[int, Forest]:
        """The trees by subject, and their version: the present ones, those of a version, or those known at a moment.

        Raises:
            UnknownVersion: The ledger has no such version.
        """
        return self.known(scope, version=version, known_at=known_at)[:2]

    def known(self, scope: Scope, *, version: int | None = None, known_at: datetime | None = None) -> Trees:
        """The same, with what of it is held back because somebody asked to have it forgotten.

        Raises:
            UnknownVersion: The ledger has no such version.
        """
        with self.store.begin(write=False) as unit:
            return Trees.of(unit, scope, version=version, known_at=known_at)

    def history(self, scope: Scope, wanted: Excerpt) -> list[LedgerEntry]:
        """Committed operations, oldest first; of a slot, of claims or of some versions where these are named.

        Raises:
            UnknownPath: No trunk that the store knows has such a slot or branch.
        """
        from treering.memory.history import read_history  # noqa: PLC0415 - not for those who recall

        with self.store.begin(write=False) as unit:
            return read_history(unit, scope, wanted, trunk=self.trunk)

    def versions(self, scope: Scope, limit: int, *, before: int | None = None) -> list[Commit]:
        """The last commits (before a version), newest first."""
        with self.store.begin(write=False) as unit:
            last = unit.ledger.head(scope).version
            through = last if before is None else min(last, before - 1)
            return unit.ledger.commits(scope, after_version=max(0, through - limit), through_version=through)[::-1]

    def held(self, scope: Scope) -> list[Held]:
        """What waits in quarantine, oldest first."""
        with self.store.begin(write=False) as unit:
            return unit.quarantine.held(scope)

    def turns(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, Turn]:
        """Turns by message id."""
        with self.store.begin(write=False) as unit:
            return unit.turns.get(scope, message_ids)

    def latest(self, scope: Scope, *, limit: int, session: str | None = None) -> list[Turn]:
        """The last turns, of one session or of all, in order."""
        with self.store.begin(write=False) as unit:
            return unit.turns.latest(scope, limit=limit, session=session)

    def sessions(self, scope: Scope) -> list[Session]:
        """Sessions, in order of their first turn."""
        with self.store.begin(write=False) as unit:
            return unit.turns.sessions(scope)

    def jobs(self, scope: Scope | None = None, states: Sequence[JobState] = ()) -> list[Job]:
        """Jobs, oldest first."""
        with self.store.begin(write=False) as unit:
            return unit.jobs.jobs(scope=scope, states=states)
