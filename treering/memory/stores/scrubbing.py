"""After an erasure: the bytes of erased words leave the files too, if need be after a crash."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from treering.memory.stores.tables import metadata, store_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.memory.stores.backend import Backend

RETRY_AFTER_S = 30.0
"""Pause between tries while somebody else's long reading keeps old bytes alive, in seconds."""

_NOTE = update(store_state).values(erasures=store_state.c.erasures + 1)
_STATE = select(store_state.c.erasures, store_state.c.scrubbed)
_DONE = update(store_state).where(store_state.c.scrubbed < bindparam("through")).values(scrubbed=bindparam("through"))


def note_erasure(connection: Connection) -> None:
    """In the erasing transaction: whoever opens the store next knows that bytes may be left."""
    connection.execute(_NOTE)


class Scrubber:
    """Scrubs a store after erasures, and tries again where that was not possible at once."""

    def __init__(self, backend: Backend, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._backend = backend
        self._monotonic = monotonic
        self._due_at: float | None = None

    @property
    def is_due(self) -> bool:
        """Whether a scrub is waiting, and its time has come."""
        return self._due_at is not None and self._monotonic() >= self._due_at

    def request(self) -> None:
        """Words were erased, or may have been before the store was opened."""
        self._due_at = self._monotonic()

    def scrub(self, engine: Engine) -> bool:
        """Scrub what is due; False if it has to be tried again later. Call it with no transaction open.

        The erasure itself is committed by now, so a failure here is no failure of the caller's transaction.
        """
        try:
            is_clean = self._scrub(engine)
        except DBAPIError:
            is_clean = False
        self._due_at = None if is_clean else self._monotonic() + RETRY_AFTER_S
        return is_clean

    def _scrub(self, engine: Engine) -> bool:
        with engine.connect() as connection:
            erasures, scrubbed = connection.execute(_STATE).one()
        if scrubbed >= erasures:
            return True
        if not self._backend.scrub(engine, metadata.tables):
            return False
        with engine.connect() as connection:
            self._backend.begin(connection, write=True)
            connection.execute(_DONE, {"through": erasures})
            connection.commit()
        return True
