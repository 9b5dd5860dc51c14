"""Telling workers that there is something to do, without ever keeping who says so waiting."""

from __future__ import annotations

import logging
import os
import threading
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from treering.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Callable

    from celery import Celery
    from kombu.pools import ProducerPool

    from treering.settings import Settings

FIRST_PAUSE_S = 0.5
"""Seconds before a broker that did not take a message is tried again; doubled with each further time."""

MAX_PAUSE_S = 30.0
"""Longest such pause. What is missed meanwhile, sweeps find."""

_log = logging.getLogger("treering.workers")


class Waker:
    """Sends one message for however many wishes came while the one before was sent, from a thread of its own.

    The work itself stands in the job table. So nothing is lost with a message, and `remember` does not know whether
    there is a broker at all.

    Args:
        send: Sends a message to a queue; may block, and raise whatever a broker's client raises.
        let_go: Closes what sending opened; called last, from the thread that sent.
    """

    def __init__(self, send: Callable[[str], None], let_go: Callable[[], None] = lambda: None) -> None:
        self._send = send
        self._let_go = let_go
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._wanted: dict[str, None] = {}
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def wake(self, queue: str) -> None:
        """Have the workers of a queue look into the job table; returns at once."""
        if self._process != os.getpid():  # a fork takes neither the thread along nor, for certain, a free lock
            self._begin()
        with self._changed:
            self._wanted[queue] = None
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="treering-waker", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self, patience_s: float = 2.0) -> None:
        """Send what is still wanted, as far as that goes in so many seconds."""
        if self._process != os.getpid():
            return
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(patience_s)

    def _work(self) -> None:
        pause_s = 0.0
        while (queue := self._next(pause_s)) is not None:
            try:
                self._send(queue)
                pause_s = 0.0
            except Exception as error:  # noqa: BLE001 - whatever the client of a broker raises
                if not pause_s:
                    _log.warning("the broker takes no message (%s); sweeps will find the work", type(error).__name__)
                pause_s = min(MAX_PAUSE_S, max(FIRST_PAUSE_S, 2 * pause_s))
                with self._changed:
                    self._wanted.setdefault(queue)
        self._let_go()

    def _next(self, pause_s: float) -> str | None:
        """The next queue to wake; None when there is nothing left to do here."""
        with self._changed:
            if pause_s and not self._is_closed:
                self._changed.wait_for(lambda: self._is_closed, pause_s)
            self._changed.wait_for(lambda: self._wanted or self._is_closed)
            if self._is_closed and (pause_s or not self._wanted):
                return None
            queue = next(iter(self._wanted))
            del self._wanted[queue]
            return queue


def broker_waker(settings: Settings) -> Waker | None:
    """What wakes the workers behind the settings' broker; None without one. Celery is imported with the first message.

    Raises:
        MissingExtra: There is a broker, and Celery is not installed.
    """
    if settings.broker_url is None:
        return None
    if find_spec("celery") is None:
        raise MissingExtra("a broker", "celery", otherwise="or leave TREERING_BROKER_URL unset")

    @cache
    def sender(process: int) -> tuple[Celery, ProducerPool]:
        del process  # connections do not outlive a fork
        # It takes 0.3 s, in a thread that nobody waits for.
        from treering.workers.celery_app import celery_app, own_producers  # noqa: PLC0415

        app = celery_app(settings)
        return app, own_producers(app)

    def send(queue: str) -> None:
        from treering.workers.celery_app import wake  # noqa: PLC0415

        app, producers = sender(os.getpid())
        with producers.acquire(block=True) as producer:
            wake(app, settings, queue, producer)

    def let_go() -> None:
        if sender.cache_info().currsize:
            _, producers = sender(os.getpid())
            producers.connections.force_close_all()

    return Waker(send, let_go)
