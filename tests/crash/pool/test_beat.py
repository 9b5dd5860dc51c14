"""A worker whose beat is killed goes on to find what nobody told it of."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from treering import Memory
from treering.bench.pool.workers import WorkerPool
from treering.memory.stores.upgrading import upgrade_store
from treering.settings import Settings
from treering.testing.servers import PostgresServer, RedisServer, ServerMissing

pytestmark = pytest.mark.services

PATIENCE_S = 120.0
FAMILY = 3
"""A worker, the process that works, and its beat."""


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_work_that_nobody_was_told_of_is_found_after_all_children_of_the_only_worker_were_killed(
    tmp_path: Path,
) -> None:
    with ExitStack() as stack:
        try:
            database = stack.enter_context(PostgresServer(syncs=False))
            broker = stack.enter_context(RedisServer())
        except ServerMissing as error:
            if os.environ.get("TREERING_REQUIRE_SERVICES") == "1":
                raise
            pytest.skip(str(error))
        upgrade_store(database.url)
        settings = Settings(
            home=tmp_path / "home", database_url=database.url, broker_url=broker.url, embedder="hash", lease_s=2.0
        )
        pool = stack.enter_context(WorkerPool(settings, 1, tmp_path, is_forked=True))
        # nothing that this memory sends arrives anywhere
        deaf = settings.model_copy(update={"broker_url": "redis://127.0.0.1:1/0"})
        memory = stack.enter_context(Memory(settings=deaf))
        memory.remember("ana", "I live in Porto.")
        until(lambda: bool(memory.tree("ana").claims))
        until(lambda: len(pool.pids(0)) == FAMILY and not memory.jobs())
        _, *children = pool.pids(0)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        memory.remember("ana", "I am allergic to peanuts.")
        until(lambda: len(memory.tree("ana").claims) == 2)
        assert pool.stop() == [0]
