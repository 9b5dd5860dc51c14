"""Waking workers: one message for many wishes, and nobody waits for a broker."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

import pytest

from treering.errors import MissingExtra
from treering.settings import Settings
from treering.workers import waking
from treering.workers.waking import Waker, broker_waker

PATIENCE_S = 30


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.005)


class Broker:
    """Takes messages, one by one where it is told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.is_down = False
        self.refused = 0
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, queue: str) -> None:
        assert self.gate.wait(PATIENCE_S)
        if self.is_down:
            self.refused += 1
            raise ConnectionRefusedError("secret of the URL")
        self.sent.append(queue)


def test_wishes_that_come_while_a_message_is_sent_make_one_more() -> None:
    broker = Broker()
    broker.gate.clear()
    waker = Waker(broker)
    waker.wake("listen")
    until(lambda: not waker._wanted)  # it is being sent
    for _ in range(100):
        waker.wake("listen")
    waker.wake("index")
    broker.gate.set()
    waker.close()
    assert broker.sent == ["listen", "listen", "index"]


def test_a_broker_that_is_down_keeps_nobody_waiting_and_gets_the_message_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(waking, "FIRST_PAUSE_S", 0.01)
    broker = Broker()
    broker.is_down = True
    waker = Waker(broker)
    with caplog.at_level(logging.WARNING, logger="treering.workers"):
        waker.wake("listen")
        until(lambda: broker.refused >= 3)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "secret" not in caplog.text
    broker.is_down = False
    until(lambda: broker.sent == ["listen"])
    waker.close()


def test_closing_sends_what_is_wanted_and_gives_up_on_a_broker_that_is_down() -> None:
    broker = Broker()
    broker.gate.clear()
    waker = Waker(broker)
    for queue in ("listen", "index"):
        waker.wake(queue)
    broker.gate.set()
    waker.close()
    assert broker.sent == ["listen", "index"]
    down = Broker()
    down.is_down = True
    waker = Waker(down)
    waker.wake("listen")
    until(lambda: down.refused == 1)
    waker.close(patience_s=PATIENCE_S)
    assert waker._thread is not None
    assert not waker._thread.is_alive()


def test_without_a_broker_nobody_is_woken_and_with_one_celery_has_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert broker_waker(Settings()) is None
    monkeypatch.setattr(waking, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match=r"treering\[celery\]"):
        broker_waker(Settings(broker_url="redis://127.0.0.1:1/0"))
