"""The listen job: windows of new turns become committed operations, each window exactly once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import FenceLost, ModelDeferred, ModelReplyUnreadable, StoreError, TreeringError, VersionConflict
from treering.memory.admission import Admitted, admit
from treering.memory.backlog import Seen, batch_id, is_whole, look, next_windows, windows_again, with_earlier
from treering.memory.listeners.persona import speaks_of_itself
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Heard, Proposal, Reply, Window
from treering.schemas.operations import Batch, Head, NoOp, Operation
from treering.schemas.policy import Policy
from treering.telemetry.happenings import Happenings
from treering.telemetry.stages import stage

if TYPE_CHECKING:
    from treering.errors.models import Spent
    from treering.memory.admission import FindPersonalData
    from treering.memory.ports import Clock, Listener, Store, UnitOfWork
    from treering.schemas.jobs import Job
    from treering.schemas.trunk import Trunk

RESUME_AFTER = timedelta(seconds=2)
"""When a new job goes on with a window that could not be heard, after others of the same job were."""

Observer = Callable[[Scope, Heard], None]

_log = logging.getLogger("treering.memory")


class Hearing:
    """Listens to the turns of one scope at a time, under the lease of a job.

    Each window is committed with the mark that it was heard, in one transaction: a crash before it repeats the
    window, a crash after it does not. A model's reply is stored before it is applied, so that neither a crash nor a
    version conflict asks again.
    """

    def __init__(
        self,
        *,
        store: Store,
        listener: Listener,
        trunk: Trunk,
        clock: Clock,
        observe: Observer,
        policy: Policy | None = None,
        find_personal_data: FindPersonalData | None = None,
        happenings: Happenings | None = None,
    ) -> None:
        self._store = store
        self._listener = listener
        self._trunk = trunk
        self._clock = clock
        self._observe = observe
        self._policy = policy or Policy()
        self._find_personal_data = find_personal_data
        self._happenings = happenings or Happenings()

    def listen(self, job: Job, *, last_try: bool, is_stopping: Callable[[], bool]) -> None:
        """Hear every window that is complete; where the process is to end, only the one at hand.

        Raises:
            ModelDeferred: The model may not be asked now, for the first window: it waits, whatever its attempts.
            ModelUnavailable: The model did not answer for the first window, and this was not the last try; likewise
                whatever else a listener raises. After some progress a new job goes on instead, so that attempts count
                for one window and not for all.
            FenceLost: Another worker took over.
        """
        resume_at = None
        has_progressed = False
        heard: set[str] = set()
        while resume_at is None and (windows := next_windows(self._store, job.scope, self._listener)):
            for window in windows:
                if has_progressed and is_stopping():
                    resume_at = self._clock.now()
                    break
                try:
                    is_current = self._hear(job, window, last_try=last_try and not has_progressed)
                except StoreError:
                    raise
                except Exception as error:  # the new job meets it first, and then it is raised
                    if not has_progressed:
                        raise
                    pause_s = error.retry_after_s if isinstance(error, ModelDeferred) else None
                    resume_at = self._clock.now() + (RESUME_AFTER if pause_s is None else timedelta(seconds=pause_s))
                    break
                if not is_current:
                    break  # somebody else committed: plan anew, the turns may have changed too
                has_progressed = True
                heard.add(window.session)
        with self._store.begin() as unit:
            if resume_at is not None:
                unit.jobs.leave_rest(job, resume_at)
            if heard and any(one.ended and one.id in heard for one in unit.turns.sessions(job.scope)):
                unit.jobs.enqueue(job.scope, "consolidate", self._clock.now())
            unit.jobs.enqueue(job.scope, "index", self._clock.now())

    def put_aside(self, job: Job, why: str) -> None:
        """Park the next window unheard, and go on with those after it in another job.

        Raises:
            FenceLost: Another worker took over.
        """
        for window in next_windows(self._store, job.scope, self._listener)[:1]:
            self._park(job, look(self._store, job.scope, window), why, None)
        with self._store.begin() as unit:
            unit.jobs.leave_rest(job, self._clock.now())

    def listen_again(self, job: Job) -> None:
        """Hear one parked window again, or a turn that says something else by now.

        Raises:
            ModelUnavailable, ModelReplyUnreadable: As before; the job stays dead.
        """
        while not all(
            self._attempt(job, look(self._store, job.scope, window))
            for window in windows_again(self._store, job, self._listener)
        ):
            pass
        with self._store.begin() as unit:
            unit.jobs.enqueue(job.scope, "index", self._clock.now())

    def _hear(self, job: Job, window: Window, *, last_try: bool) -> bool:
        seen = look(self._store, job.scope, window)
        try:
            return self._attempt(job, seen)
        except ModelReplyUnreadable as error:
            return self._park(job, seen, str(error), error)
        except (StoreError, ModelDeferred):
            raise
        except Exception as error:
            if not last_try:
                raise
            # Whatever it is, it must not keep the person's later turns from being heard.
            why = str(error) if isinstance(error, TreeringError) else f"{type(error).__name__}: {error}"
            return self._park(job, seen, why, None)

    def _attempt(self, job: Job, seen: Seen) -> bool:
        """Hear one window; False if the scope changed meanwhile."""
        with self._store.begin(write=False) as unit:
            if not is_whole(unit, job.scope, seen):
                return False
            tombstones = unit.tombstones.of_claims(job.scope)
        with stage(self._happenings, "ask listener", listener=self._listener.name, turns=len(seen.window.turns)):
            asked = self._ask(job, seen)
        if asked is None:
            return False
        window, forest = seen.window, seen.forest
        reply, proposal = asked
        now = self._clock.now()
        with stage(self._happenings, "admit", drafts=len(proposal.drafts)):
            admitted = admit(
                proposal,
                trunk=self._trunk,
                forest=forest,
                window=with_earlier(self._store, job.scope, window) if proposal.drafts else window,
                now=now,
                tombstones=tombstones,
                policy=self._policy,
                find_personal_data=self._find_personal_data,
            )
        batch = self._batch(window, (*admitted.operations, *_lost(proposal)), reply)
        held = [verdict for verdict in admitted.verdicts if verdict.ruling == "quarantine"]
        try:
            with stage(self._happenings, "commit", operations=len(batch.operations)), self._store.begin() as unit:
                if not is_whole(unit, job.scope, seen):  # a message that no claim rests on goes without a new version
                    return False
                after = unit.ledger.commit(job.scope, batch, expected_version=seen.head.version, fence=job.fence)
                if held:
                    unit.quarantine.hold(job.scope, window.id, held, now)
                if job.attempts > 1 and job.kind == "listen":
                    unit.jobs.forgive(job)
        except VersionConflict:
            return False
        self._tell(job.scope, window, after, admitted, proposal, spent=reply)
        return True

    def _ask(self, job: Job, seen: Seen) -> tuple[Reply | None, Proposal] | None:
        """The reply, stored, and what it proposes; None if words that it may repeat were erased meanwhile."""
        window, forest = seen.window, seen.forest
        if not any((turn.role == "user" and turn.content) or speaks_of_itself(turn) for turn in window.turns):
            return None, Proposal()
        name = self._listener.name
        with self._store.begin(write=False) as unit:
            reply = unit.quarantine.reply(job.scope, window.id, name)
        if reply is None:
            reply = self._listener.ask(window, forest)
            if reply is not None:
                with self._store.begin() as unit:
                    _check_fence(unit, job)
                    if not is_whole(unit, job.scope, seen):
                        return None
                    unit.quarantine.save_reply(job.scope, window.id, name, reply)
        return reply, self._listener.read(window, forest, reply)

    def _batch(self, window: Window, operations: tuple[Operation, ...], reply: Reply | None) -> Batch:
        return Batch(
            id=batch_id(window),
            operations=operations,
            recorded_at=self._clock.now(),
            author=self._listener.name,
            model=reply.model if reply else None,
            prompt_version=reply.prompt_version if reply else None,
            tokens_in=reply.tokens_in if reply else 0,
            tokens_out=reply.tokens_out if reply else 0,
            cost=reply.cost if reply else None,
            heard_through=window.turns[-1].seq,
        )

    def _park(self, job: Job, seen: Seen, why: str, unreadable: ModelReplyUnreadable | None) -> bool:
        """Put a window aside for a person; False if words that its reply may repeat were erased meanwhile."""
        now = self._clock.now()
        window = seen.window
        last = window.turns[-1].seq
        moved = Batch(
            id=f"park:{window.id}", operations=(), recorded_at=now, author=self._listener.name, heard_through=last
        )
        raw = unreadable.raw if unreadable else None
        payload: dict[str, str | int] = {"first": window.turns[0].seq, "last": last}
        with self._store.begin() as unit:
            if not is_whole(unit, job.scope, seen):
                return False
            version = unit.ledger.head(job.scope).version
            after = unit.ledger.commit(job.scope, moved, expected_version=version, fence=job.fence)
            unit.jobs.enqueue(job.scope, "window", now, payload=payload, state="dead", error=why, raw_reply=raw)
        spent = unreadable.spent if unreadable else None
        self._tell(job.scope, window, after, None, Proposal(), parked=why, spent=spent)
        return True

    def _tell(
        self,
        scope: Scope,
        window: Window,
        after: Head,
        admitted: Admitted | None,
        proposal: Proposal,
        *,
        parked: str | None = None,
        spent: Reply | Spent | None = None,
    ) -> None:
        heard = Heard(
            window_id=window.id,
            session=window.session,
            message_ids=tuple(turn.message_id for turn in window.turns),
            verdicts=admitted.verdicts if admitted else (),
            unreadable=proposal.unreadable,
            parked=parked,
            tokens_in=spent.tokens_in if spent else 0,
            tokens_out=spent.tokens_out if spent else 0,
            cost=spent.cost if spent else None,
            version=after.version,
        )
        try:
            self._observe(scope, heard)
        except Exception as error:  # noqa: BLE001 - the window is committed; who only watches must not stop the rest
            _log.warning("the observer of window %s raised %s", window.id, type(error).__name__)


def _lost(proposal: Proposal) -> tuple[Operation, ...]:
    """For history: that a model meant more than could be used. Without its words, which may be anybody's."""
    if not proposal.lost:
        return ()
    parts = "1 part" if proposal.lost == 1 else f"{proposal.lost} parts"
    return (NoOp(why=f"{parts} of the model's reply could not be used"),)


def _check_fence(unit: UnitOfWork, job: Job) -> None:
    """Refuse what an erasure overtook: it takes the lease away from whoever was shown the words before."""
    current = unit.ledger.head(job.scope).fence
    if current != job.fence:
        raise FenceLost(job.fence, current)
