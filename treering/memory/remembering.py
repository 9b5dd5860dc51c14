"""The first step of the write path: what was said is stored and its listening queued, both or nothing."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter
from typing import TYPE_CHECKING

from treering.errors import InvalidTurn, QueueOverdue
from treering.telemetry.happenings import Happenings, Remembered
from treering.telemetry.tracing import span

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.ports import Clock, Store, UnitOfWork
    from treering.schemas.dialogue import Message, Receipt, Scope

CLOCK_SKEW = timedelta(minutes=5)
"""How far in the future a message may be dated: clocks of applications differ. It counts as said now."""


class Remembering:
    """Takes in what was said.

    Args:
        store: Where it goes.
        clock: Says when that is.
        queue_age: How long a tenant's first job may wait before no more is taken in of that tenant; none: for ever.
        happenings: Told what was stored; none: nobody is.
    """

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        queue_age: timedelta | None = None,
        happenings: Happenings | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._queue_age = queue_age
        self._happenings = happenings or Happenings()

    def remember(self, scope: Scope, messages: Sequence[Message], session: str) -> Receipt:
        """Store turns and queue the listening, in one transaction.

        Raises:
            InvalidTurn: A message is dated in the future.
            MessageConflict: An id is known with other content; nothing is stored.
            QueueOverdue: Jobs of the tenant wait for too long; nothing is stored. What is known already is no news, and
                is acknowledged as ever.
        """
        now, began = self._clock.now(), perf_counter()
        for message in messages:
            if message.at is not None and message.at > now + CLOCK_SKEW:
                why = f"is in the future (now {now.isoformat()})"
                raise InvalidTurn(f"message dated {message.at.isoformat()}", why)
        with span("remember", turns=len(messages)), self._store.begin() as unit:
            receipt = unit.turns.append(scope, session, [_by_our_clock(message, now) for message in messages], now)
            if receipt.stored:
                self._check_age(unit, scope.tenant, now)
                unit.jobs.enqueue(scope, "listen", now)
            if receipt.has_moved_on:
                unit.jobs.enqueue(scope, "summarise", now)
                unit.jobs.enqueue(scope, "consolidate", now)
        self._happenings.tell(
            Remembered(turns=len(receipt.stored), known=len(receipt.known), seconds=perf_counter() - began)
        )
        return receipt

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """Expect no more turns, so that the last window is listened to."""
        with self._store.begin() as unit:
            unit.turns.end_session(scope, session)
            for kind in ("listen", "summarise", "consolidate"):
                unit.jobs.enqueue(scope, kind, self._clock.now())

    def _check_age(self, unit: UnitOfWork, tenant: str, now: datetime) -> None:
        if self._queue_age is None:
            return
        oldest = unit.jobs.oldest(tenant, "listen")
        if oldest is not None and now - oldest > self._queue_age:
            raise QueueOverdue(tenant, (now - oldest).total_seconds(), self._queue_age.total_seconds())


def _by_our_clock(message: Message, now: datetime) -> Message:
    """A message that was said by now: one from the future would neither be recalled nor make a claim that holds."""
    return message.model_copy(update={"at": now}) if message.at is not None and message.at > now else message
