"""Messages that wait are counted the same on both brokers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from treering.settings import Settings
from treering.workers.celery_app import celery_app, wake
from treering.workers.queue_lengths import queue_lengths

pytestmark = pytest.mark.services


@pytest.mark.parametrize("broker", ["redis", "rabbitmq"])
def test_what_waits_is_counted_and_a_queue_that_is_not_there_has_nothing(
    broker: str, new_broker: Callable[[str], dict[str, str]]
) -> None:
    settings = Settings(**new_broker(broker))
    assert set(queue_lengths(settings).values()) == {0}
    app = celery_app(settings)
    try:
        for _ in range(3):
            wake(app, settings, "index")
        wake(app, settings, "listen")
        assert queue_lengths(settings) == {"listen": 1, "index": 3, "consolidate": 0, "sweep": 0}
    finally:
        app.pool.force_close_all(close_pool=False)  # type: ignore[attr-defined]
