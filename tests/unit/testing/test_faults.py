"""Steps of a process on its stores: told in order, and a place to die at."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from treering import Memory
from treering.testing import Step, each_step, killed_at


def live(folder: Path) -> None:
    with Memory(folder, embedder="hash", background=False) as memory:
        memory.remember("ana", {"content": "I live in Porto.", "id": "m1"})
        memory.flush()


def in_this_thread(tell: Callable[[Step], None]) -> Callable[[Step], None]:
    """Tell of no step that what other tests left takes in the background."""
    ours = threading.get_ident()
    return lambda step: tell(step) if threading.get_ident() == ours else None


def test_statements_and_commits_are_told_in_order(tmp_path: Path) -> None:
    steps: list[Step] = []
    with each_step(in_this_thread(steps.append)):
        live(tmp_path)
    assert all(before.number < after.number for before, after in pairwise(steps))
    for before, after in pairwise(steps):
        assert (before.kind == "before commit") == (after.kind == "after commit")
    assert any(step.statement.startswith("INSERT INTO turns") for step in steps)
    assert all("Porto" not in step.statement for step in steps)


def test_nothing_is_told_after_the_block(tmp_path: Path) -> None:
    steps: list[Step] = []
    with each_step(in_this_thread(steps.append)):
        pass
    live(tmp_path)
    assert steps == []


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_process_is_killed_at_its_step_and_not_before(tmp_path: Path) -> None:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            with killed_at(7), each_step(lambda step: os.write(write, f"{step.number} ".encode())):
                live(tmp_path)
        finally:
            os._exit(0)
    os.close(write)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    with os.fdopen(read) as told:
        assert told.read().split() == [str(number) for number in range(1, 7)]
