"""One run of the crash suite: people talk, workers learn, and a schedule of faults befalls both."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from treering.bench.pool.faults import schedule
from treering.bench.pool.outcome import Outcome, differences, learned, scopes_of
from treering.bench.pool.talk import FOR_EVER_MINUTES, people, talk
from treering.bench.pool.workers import Stuck, WorkerPool
from treering.client.memory import Memory
from treering.errors import StoreError
from treering.memory.stores import SqlStore
from treering.memory.stores.measuring import heard_turns, jobs_left, leases
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.operations import Add, Update
from treering.schemas.trunks import load_trunk
from treering.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from treering.bench.pool.faults import Fault
    from treering.bench.pool.outcome import Learned
    from treering.bench.pool.talk import Spoken
    from treering.schemas.dialogue import Scope
    from treering.testing.servers import PostgresServer, RabbitServer, RedisServer

POLL_S = 0.1
"""Seconds between two looks at how far it is."""

PATIENCE_S = 90.0
"""Seconds without any progress after which a run is stuck: many times a lease, a sweep and a server's start."""

AHEAD = 0.1
"""How far those who talk are ahead of those who listen, at most, as a share of all turns: faults are to befall both."""

RETRY_S = 0.1
"""Seconds before a call is made again that the store did not answer."""

_TURNED_AWAY = ("went on without this worker", "was done twice")
"""What a worker logs that was refused by its fencing token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a run consists of; the same one for the same seed."""

    seed: int
    people: int = 200
    turns: int = 5_000
    faults: int = 30
    workers: int = 4
    lease_s: float = 2.0

    @property
    def spoken(self) -> list[Spoken]:
        """What is said."""
        return talk(people(self.people), self.turns, self.seed)

    @property
    def schedule(self) -> list[Fault]:
        """What befalls it."""
        return schedule(self.seed, self.faults, self.workers)


class Disturbed:
    """A trial on servers of its own.

    Args:
        trial: What is to be done.
        database: A running server, whose database is new.
        broker: A running server.
        folder: For logs.
        tell: Told what happens.
    """

    def __init__(
        self,
        trial: Trial,
        *,
        database: PostgresServer,
        broker: RedisServer | RabbitServer,
        folder: Path,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._trial = trial
        self._database = database
        self._broker = broker
        self._tell = tell
        self._settings = Settings(
            home=folder / "home",
            database_url=database.url,
            broker_url=broker.url,
            embedder="hash",
            lease_s=trial.lease_s,
            idle_minutes=FOR_EVER_MINUTES,
        )
        self._pool = WorkerPool(self._settings, trial.workers, folder, is_forked=True)
        self._store = SqlStore(database.url, load_trunk(self._settings.trunk))
        self._dice = random.Random(f"children {trial.seed}")  # noqa: S311
        self._done: Counter[str] = Counter()
        self._heard = 0
        self._ended = 0

    def run(self, expected: Mapping[Scope, Learned]) -> Outcome:
        """Let it happen, and compare its end with what was expected.

        Raises:
            Stuck: It does not get to an end.
        """
        upgrade_store(self._database.url)
        began = time.monotonic()
        spoken = self._trial.spoken
        with self._pool, Memory(settings=self._settings) as memory:
            talker = Talker(memory, spoken, lambda: self._heard + AHEAD * len(spoken))
            talker.start()
            try:
                for fault in self._trial.schedule:
                    self._until(partial(self._has_heard, fault.after * len(spoken)), talker)
                    self._tell(f"{self._heard} turns: {fault.kind} {fault.worker}, {fault.down_s} s")
                    self._befall(fault)
                self._until(lambda: not talker.is_alive(), talker)
            finally:
                talker.stop()
            self._until(lambda: not self._open_jobs(), talker)
            seconds = time.monotonic() - began
            outcome = self._outcome(memory, talker, seconds, expected)
        self._store.close()
        return outcome

    def _befall(self, fault: Fault) -> None:
        self._done[fault.kind] += 1
        match fault.kind:
            case "worker":
                self._pool.kill(fault.worker)
                self._pool.start(fault.worker)
            case "child":
                self._pool.kill_child(fault.worker, self._dice)
            case "pause":
                self._pool.pause(fault.worker)
                time.sleep(1.5 * self._trial.lease_s)
                self._pool.resume(fault.worker)
            case "broker" | "database":
                server = self._broker if fault.kind == "broker" else self._database
                server.kill()
                time.sleep(fault.down_s)
                server.start()

    def _until(self, is_so: Callable[[], bool], talker: Talker) -> None:
        """Wait, as long as anything gets on."""
        moved_at, before = time.monotonic(), (-1, -1, -1)
        while not is_so():
            now = (self._heard, talker.said, self._look())
            if now != before:
                moved_at, before = time.monotonic(), now
            if time.monotonic() - moved_at > PATIENCE_S:
                raise Stuck(f"{talker.said} of {self._trial.turns} turns are stored, {self._heard} heard; {now}")
            if talker.error is not None:
                raise talker.error
            for index in self._pool.start_again():
                self._ended += 1
                self._tell(f"worker {index} had ended")
            time.sleep(POLL_S)

    def _look(self) -> int:
        """See how far it is; returns how many jobs are open."""
        try:
            with self._store.transaction(write=False) as transaction:
                self._heard = heard_turns(transaction)
                return jobs_left(transaction)
        except StoreError:  # it is down
            return -1

    def _has_heard(self, turns: float) -> bool:
        return self._heard >= turns

    def _open_jobs(self) -> bool:
        return self._look() != 0

    def _outcome(self, memory: Memory, talker: Talker, seconds: float, expected: Mapping[Scope, Learned]) -> Outcome:
        wrong = [f"job {job.id} ({job.kind}) is {job.state}: {job.error}" for job in memory.jobs(tenant=None)]
        if self._heard != self._trial.turns:
            wrong.append(f"{self._heard} of {self._trial.turns} turns were heard")
        wrong += differences(learned(memory, scopes_of(self._trial.spoken)), expected)
        report = memory.doctor()
        wrong += [str(finding) for finding in report.findings]
        with self._store.begin(write=False) as unit:
            done = unit.jobs.jobs(limit=1_000_000)
        with self._store.transaction(write=False) as transaction:
            leased = leases(transaction)
        return Outcome(
            faults=self._done,
            turns=self._trial.turns,
            seconds=seconds,
            retries=talker.retries,
            ended=self._ended,
            turned_away=self._turned_away(),
            leases=leased,
            jobs=len(done),
            attempts=max((job.attempts for job in done), default=0),
            delays_s=_delays_s(memory, talker.stored_at),
            wrong=wrong,
        )

    def _turned_away(self) -> int:
        logs = [self._pool.log(index).read_text(errors="replace") for index in range(self._trial.workers)]
        return sum(log.count(words) for log in logs for words in _TURNED_AWAY)


class Talker(threading.Thread):
    """Says what is to be said, in order, as often as it takes until each turn is stored; then ends all sessions.

    Args:
        memory: Of those who talk.
        spoken: What they say.
        bound: How many turns may be said by now.
    """

    def __init__(self, memory: Memory, spoken: list[Spoken], bound: Callable[[], float]) -> None:
        super().__init__(name="talker", daemon=True)
        self.said = 0
        self.retries = 0
        self.error: BaseException | None = None
        self.stored_at: dict[tuple[Scope, str | None], datetime] = {}
        self._memory = memory
        self._spoken = spoken
        self._bound = bound
        self._over = threading.Event()

    def run(self) -> None:
        """Talk."""
        try:
            for one in self._spoken:
                while self.said >= self._bound():
                    if self._over.wait(RETRY_S):
                        return
                self._say(one)
                self.said += 1
            for scope in scopes_of(self._spoken):
                self._again(partial(self._memory.end_session, scope.user, tenant=scope.tenant))
        except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
            self.error = error

    def stop(self) -> None:
        """Say no more."""
        self._over.set()
        self.join()

    def _say(self, one: Spoken) -> None:
        scope = one.scope
        self._again(lambda: self._memory.remember(scope.user, one.message, session=one.session, tenant=scope.tenant))
        self.stored_at[scope, one.message.id] = datetime.now(UTC)

    def _again(self, call: Callable[[], object]) -> None:
        while not self._over.is_set():
            try:
                call()
            except StoreError:
                self.retries += 1
                self._over.wait(RETRY_S)
            else:
                return


def _delays_s(memory: Memory, stored_at: Mapping[tuple[Scope, str | None], datetime]) -> list[float]:
    """The times between a turn's being stored and the commit of what it said, in seconds, shortest first."""
    delays = []
    for scope in {scope for scope, _ in stored_at}:
        for entry in memory.history(scope.user, tenant=scope.tenant):
            if not entry.batch_id.startswith("hear:"):
                continue
            operation = entry.operation
            evidence = operation.claim.evidence if isinstance(operation, Add | Update) else operation.evidence
            said = [stored_at[scope, piece.message_id] for piece in evidence if (scope, piece.message_id) in stored_at]
            if said:
                delays.append((entry.recorded_at - max(said)).total_seconds())
    return sorted(delays)
