"""Memories of one process that share a broker wake its workers whichever of them was closed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from treering.settings import Settings
from treering.workers.queue_lengths import queue_lengths
from treering.workers.waking import Waker, broker_waker

pytestmark = pytest.mark.services


@pytest.fixture(params=["redis", "rabbitmq"])
def settings(request: pytest.FixtureRequest, new_broker: Callable[[str], dict[str, str]]) -> Settings:
    return Settings(**new_broker(request.param))


def waker(settings: Settings) -> Waker:
    made = broker_waker(settings)
    assert made is not None
    return made


def test_one_that_is_closed_leaves_the_others_their_connection(settings: Settings) -> None:
    first, second = waker(settings), waker(settings)
    second.wake("index")
    first.wake("listen")
    first.close()
    second.wake("consolidate")
    second.close()
    third = waker(settings)
    third.wake("consolidate")
    third.close()
    assert queue_lengths(settings) == {"listen": 1, "index": 1, "consolidate": 2, "sweep": 0}
