"""Shared by tests of deaths: the long ones run only for those who ask for them."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes many minutes, unless `-m crash_long` or the like names it."""
    if "crash_long" in config.option.markexpr:
        return
    long = [item for item in items if item.get_closest_marker("crash_long")]
    if long:
        config.hook.pytest_deselected(items=long)
        items[:] = [item for item in items if item not in long]


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
