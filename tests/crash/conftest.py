"""Shared by tests of deaths: the long ones run only for those who ask for them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator

import pytest

from treering import Memory

KilledWriter = Callable[..., Iterator[int]]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes many minutes, unless `-m crash_long` or the like names it."""
    if "crash_long" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("crash_long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


@pytest.fixture(scope="session", autouse=True)
def _imported_before_anybody_forks(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is imported only when somebody speaks, listens or asks takes half a second: once, and not in each child."""
    with Memory(tmp_path_factory.mktemp("imported"), embedder="hash", background=False) as memory:
        memory.remember("ana", "I live in Porto.")
        memory.end_session("ana")
        memory.flush()
        memory.recall("ana", "Where do I live?")


@pytest.fixture(scope="session")
def crash_seed() -> int:
    """What decides where processes die; another one with `TREERING_CRASH_SEED`."""
    seed = int(os.environ.get("TREERING_CRASH_SEED", "6"))
    print(f"TREERING_CRASH_SEED={seed}")  # noqa: T201 - pytest shows it with a failure
    return seed


@pytest.fixture(scope="session")
def forked() -> Callable[[Callable[[], object]], int]:
    """Runs an action in a child; returns its exit code, negative for a signal."""

    def run(action: Callable[[], object]) -> int:
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        status = 1
        try:
            action()
            status = 0
        except BaseException:  # noqa: BLE001 - the child must end here, and tell why
            import traceback  # noqa: PLC0415

            traceback.print_exc()
        finally:
            os._exit(status)

    return run


@pytest.fixture(scope="session")
def killed_writer() -> KilledWriter:
    """Runs a writer that goes on for ever in a child, and kills it some time after it acknowledged so many rounds.

    `killed_writer(write, rounds=2, after_s=0.01)` calls `write(acknowledge)` there; it gives each number that was
    acknowledged.
    """

    def run(write: Callable[[Callable[[int], None]], None], *, rounds: int, after_s: float) -> Iterator[int]:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                write(lambda number: _tell(writing, number))
            finally:
                os._exit(1)
        os.close(writing)
        with os.fdopen(reading) as acknowledged:
            yield from (int(acknowledged.readline()) for _ in range(rounds))
            time.sleep(after_s)
            assert os.waitpid(child, os.WNOHANG)[0] == 0, "the writer failed by itself"
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            yield from map(int, acknowledged)

    return run


def _tell(pipe: int, number: int) -> None:
    os.write(pipe, b"%d\n" % number)
