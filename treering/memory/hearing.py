"""The listen job: windows of new turns become committed operations, each window exactly once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from treering.errors import ModelReplyUnreadable, ModelUnavailable, VersionConflict
from treering.memory.admission import Admitted, admit
from treering.memory.planning import plan_windows
from treering.schemas.dialogue import Scope
from treering.schemas.listening import Heard, Proposal, Reply, Window
from treering.schemas.operations import Batch, Head

if TYPE_CHECKING:
    from treering.memory.operations import Forest
    from treering.memory.ports import Clock, Listener, Store
    from treering.schemas.jobs import Job
    from treering.schemas.trunk import Trunk

TURNS_A_READ = 128
"""Turns that are planned at once, so that a long backlog never sits in memory."""

RESUME_AFTER = timedelta(seconds=2)
"""When a new job goes on with a window whose model did not answer, after others of the same job were heard."""

Observer = Callable[[Scope, Heard], None]


class Hearing:
    """Listens to the turns of one scope at a time, under the lease of a job.

    Each window is committed with the mark that it was heard, in one transaction: a crash before it repeats the
    window, a crash after it does not. A model's reply is stored before it is applied, so that neither a crash nor a
    version conflict asks again.
    """

    def __init__(self, *, store: Store, listener: Listener, trunk: Trunk, clock: Clock, observe: Observer) -> None:
        self._store = store
        self._listener = listener
        self._trunk = trunk
        self._clock = clock
        self._observe = observe

    def listen(self, job: Job, *, last_try: bool) -> None:
        """Hear every window that is complete.

        Raises:
            ModelUnavailable: The model did not answer for the first window, and this was not the last try. After
                some progress a new job goes on instead, so that attempts count for one window and not for all.
            FenceLost: Another worker took over.
        """
        resume_at = None
        while resume_at is None and (windows := self._windows(job.scope)):
            for place, window in enumerate(windows):
                try:
                    is_current = self._hear(job, window, last_try=last_try)
                except ModelUnavailable:
                    if place == 0:
                        raise
                    resume_at = self._clock.now() + RESUME_AFTER
                    break
                if not is_current:
                    break  # somebody else committed: plan anew, the turns may have changed too
        with self._store.begin() as unit:
            if resume_at is not None:
                unit.jobs.enqueue(job.scope, "listen", resume_at)
            unit.jobs.enqueue(job.scope, "index", self._clock.now())

    def listen_again(self, job: Job) -> None:
        """Hear one parked window again.

        Raises:
            ModelUnavailable, ModelReplyUnreadable: As before; the job stays dead.
        """
        first, last = int(job.payload["first"]), int(job.payload["last"])
        while True:
            with self._store.begin(write=False) as unit:
                earlier = unit.turns.turns(
                    job.scope, after=max(0, first - 1 - self._listener.context_turns), through=last
                )
            context = [turn for turn in earlier if turn.seq < first]
            turns = [turn for turn in earlier if turn.seq >= first]
            size = max(1, len(turns))
            windows = plan_windows(
                turns, window_turns=size, context=context, context_turns=self._listener.context_turns, flush=True
            )
            if all(self._attempt(job, window) for window in windows):
                break
        with self._store.begin() as unit:
            unit.jobs.enqueue(job.scope, "index", self._clock.now())

    def _windows(self, scope: Scope) -> Sequence[Window]:
        wanted = self._listener.context_turns
        with self._store.begin(write=False) as unit:
            heard = unit.ledger.head(scope).heard_seq
            turns = unit.turns.turns(scope, after=heard, limit=TURNS_A_READ)
            if not turns:
                return ()
            context = unit.turns.turns(scope, after=max(0, heard - wanted), through=heard)
            # where more turns may follow, the last window is not the last of its session, ended or not
            is_all = len(turns) < TURNS_A_READ
            ended = {session.id for session in unit.turns.sessions(scope) if session.ended} if is_all else set()
        return plan_windows(
            turns,
            window_turns=self._listener.window_turns,
            context=context,
            context_turns=wanted,
            ended=ended,
        )

    def _hear(self, job: Job, window: Window, *, last_try: bool) -> bool:
        try:
            return self._attempt(job, window)
        except ModelReplyUnreadable as error:
            self._park(job, window, str(error), error.raw)
        except ModelUnavailable as error:
            if not last_try:
                raise
            self._park(job, window, str(error), None)
        return True

    def _attempt(self, job: Job, window: Window) -> bool:
        """Hear one window; False if the scope changed meanwhile."""
        planned = (*window.context, *window.turns)
        with self._store.begin(write=False) as unit:
            head = unit.ledger.head(job.scope)
            forest = unit.ledger.trees(job.scope)
            turns = unit.turns.get(job.scope, [turn.message_id for turn in planned])
        if tuple(turns.values()) != planned:
            return False  # a turn was erased since the plan: its words must not be learned from memory
        proposal, reply = self._propose(job, window, forest)
        now = self._clock.now()
        admitted = admit(proposal, trunk=self._trunk, forest=forest, window=window, now=now)
        batch = self._batch(window, admitted, reply)
        held = [verdict for verdict in admitted.verdicts if verdict.ruling == "quarantine"]
        try:
            with self._store.begin() as unit:
                after = unit.ledger.commit(job.scope, batch, expected_version=head.version, fence=job.fence)
                if held:
                    unit.quarantine.hold(job.scope, window.id, held, now)
        except VersionConflict:
            return False
        self._tell(job.scope, window, after, admitted, proposal)
        return True

    def _propose(self, job: Job, window: Window, forest: Forest) -> tuple[Proposal, Reply | None]:
        if not any(turn.role == "user" and turn.content for turn in window.turns):
            return Proposal(), None
        name = self._listener.name
        with self._store.begin(write=False) as unit:
            reply = unit.quarantine.reply(job.scope, window.id, name)
        if reply is None:
            reply = self._listener.ask(window, forest)
            if reply is not None:
                with self._store.begin() as unit:
                    unit.quarantine.save_reply(job.scope, window.id, name, reply)
        return self._listener.read(window, forest, reply), reply

    def _batch(self, window: Window, admitted: Admitted, reply: Reply | None) -> Batch:
        return Batch(
            id=f"hear:{window.id}",
            operations=admitted.operations,
            recorded_at=self._clock.now(),
            author=self._listener.name,
            model=reply.model if reply else None,
            prompt_version=reply.prompt_version if reply else None,
            tokens_in=reply.tokens_in if reply else 0,
            tokens_out=reply.tokens_out if reply else 0,
            heard_through=window.turns[-1].seq,
        )

    def _park(self, job: Job, window: Window, why: str, raw: str | None) -> None:
        now = self._clock.now()
        moved = Batch(
            id=f"park:{window.id}",
            operations=(),
            recorded_at=now,
            author=self._listener.name,
            heard_through=window.turns[-1].seq,
        )
        with self._store.begin() as unit:
            version = unit.ledger.head(job.scope).version
            after = unit.ledger.commit(job.scope, moved, expected_version=version, fence=job.fence)
            payload: dict[str, str | int] = {"first": window.turns[0].seq, "last": window.turns[-1].seq}
            unit.jobs.enqueue(job.scope, "window", now, payload=payload, state="dead", error=why, raw_reply=raw)
        self._tell(job.scope, window, after, None, Proposal(), parked=why)

    def _tell(
        self,
        scope: Scope,
        window: Window,
        after: Head,
        admitted: Admitted | None,
        proposal: Proposal,
        *,
        parked: str | None = None,
    ) -> None:
        self._observe(
            scope,
            Heard(
                window_id=window.id,
                session=window.session,
                message_ids=tuple(turn.message_id for turn in window.turns),
                verdicts=admitted.verdicts if admitted else (),
                unreadable=proposal.unreadable,
                parked=parked,
                version=after.version,
            ),
        )
