"""Messages that wait are counted the same on both brokers."""

from __future__ import annotations

import os
import secrets
import socket
from urllib.parse import urlsplit

import pytest
from kombu import Connection

from treering.settings import Settings
from treering.workers.celery_app import celery_app, queue_name, wake
from treering.workers.queue_lengths import queue_lengths

pytestmark = pytest.mark.services

BROKERS = {
    "redis": os.environ.get("TREERING_TEST_REDIS_URL", "redis://127.0.0.1:6379/0"),
    "rabbitmq": os.environ.get("TREERING_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//"),
}


@pytest.mark.parametrize("broker", BROKERS)
def test_what_waits_is_counted_and_a_queue_that_is_not_there_has_nothing(broker: str) -> None:
    place = urlsplit(BROKERS[broker])
    try:
        socket.create_connection((place.hostname, place.port), timeout=2).close()
    except OSError as error:
        if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no {broker}: {error}")
    settings = Settings(broker_url=BROKERS[broker], broker_prefix=f"treering_test_{secrets.token_hex(4)}")
    assert set(queue_lengths(settings).values()) == {0}
    app = celery_app(settings)
    try:
        for _ in range(3):
            wake(app, settings, "index")
        wake(app, settings, "listen")
        assert queue_lengths(settings) == {"listen": 1, "index": 3, "consolidate": 0, "sweep": 0}
    finally:
        app.pool.force_close_all()  # type: ignore[attr-defined]
        with Connection(settings.broker_url) as connection:
            for queue in ("listen", "index"):
                connection.default_channel.queue_purge(queue_name(settings, queue))
                connection.default_channel.queue_delete(queue_name(settings, queue))
    assert set(queue_lengths(settings).values()) == {0}
