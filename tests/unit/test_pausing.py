"""The collector waits while much is imported, and is then as the program around us had it."""

from __future__ import annotations

import gc
import multiprocessing
import subprocess
import sys
from collections.abc import Iterator
from threading import Barrier, Thread

import pytest

from treering.pausing import CollectorPaused

OURS = (701, 11, 12)
"""Thresholds that nobody else sets."""


@pytest.fixture(autouse=True)
def _thresholds() -> Iterator[None]:
    before, was_on = gc.get_threshold(), gc.isenabled()
    gc.set_threshold(*OURS)
    gc.enable()
    yield
    gc.set_threshold(*before)
    (gc.enable if was_on else gc.disable)()


def test_nothing_is_collected_in_a_block_however_much_is_made() -> None:
    collected: list[object] = []
    with CollectorPaused():
        gc.callbacks.append(lambda *told: collected.append(told))
        _ = [[number] for number in range(10 * OURS[0])]
        gc.callbacks.pop()
    assert not collected
    assert gc.get_threshold() == OURS


def test_a_block_inside_another_does_not_end_it() -> None:
    with CollectorPaused():
        with CollectorPaused():
            pass
        assert gc.get_threshold() == (0, *OURS[1:])
    assert gc.get_threshold() == OURS


def test_an_error_ends_the_pause() -> None:
    with pytest.raises(ZeroDivisionError), CollectorPaused():
        _ = 1 / 0
    assert gc.get_threshold() == OURS


def test_the_pause_lasts_until_the_last_thread_is_done() -> None:
    both_are_in, one_is_out = Barrier(2), Barrier(2)
    seen: list[tuple[int, int, int]] = []

    def stay() -> None:
        with CollectorPaused():
            both_are_in.wait(10)
            one_is_out.wait(10)
            seen.append(gc.get_threshold())

    thread = Thread(target=stay)
    thread.start()
    with CollectorPaused():
        both_are_in.wait(10)
    one_is_out.wait(10)
    thread.join(10)
    assert seen == [(0, *OURS[1:])]
    assert gc.get_threshold() == OURS


def test_what_the_program_sets_meanwhile_stays() -> None:
    with CollectorPaused():
        gc.set_threshold(5, 6, 7)
    assert gc.get_threshold() == (5, 6, 7)
    with CollectorPaused():
        gc.disable()
    assert not gc.isenabled()
    assert gc.get_threshold() == (5, 6, 7)


def test_a_program_that_collects_nothing_is_left_alone() -> None:
    gc.disable()
    with CollectorPaused():
        assert gc.get_threshold() == OURS
    assert not gc.isenabled()
    gc.enable()
    gc.set_threshold(0)
    with CollectorPaused():
        pass
    assert gc.get_threshold()[0] == 0


AGES = """
import gc
from treering.pausing import CollectorPaused
with CollectorPaused():
    made = [[number] for number in range(10_000)]
assert gc.get_freeze_count() == 0
assert any(one is made for one in gc.get_objects(generation=2))
assert not any(one is made[0] for one in gc.get_objects(generation=0))
gc.freeze()
frozen, older = gc.get_freeze_count(), made
with CollectorPaused():
    made = [[number] for number in range(10_000)]
assert gc.get_freeze_count() >= frozen > 10_000
"""


def test_what_is_made_counts_as_old_and_nothing_is_thawed() -> None:
    subprocess.run([sys.executable, "-c", AGES], check=True)


def _tell_thresholds(told: multiprocessing.SimpleQueue[tuple[int, int, int]]) -> None:
    told.put(gc.get_threshold())


def test_a_child_that_is_forked_in_a_block_collects_as_usual() -> None:
    forking = multiprocessing.get_context("fork")
    told = forking.SimpleQueue()
    with CollectorPaused():
        child = forking.Process(target=_tell_thresholds, args=(told,))
        child.start()
        child.join(10)
    assert told.get() == OURS
    assert gc.get_threshold() == OURS


def test_a_name_of_the_sdk_is_imported_in_such_a_block() -> None:
    code = "\n".join(
        (
            "import gc, treering",
            "gc.set_threshold(703, 11, 12)",
            "before = [one['collections'] for one in gc.get_stats()]",
            "treering.Scope",
            "assert gc.get_threshold() == (703, 11, 12)",
            "print(sum(one['collections'] for one in gc.get_stats()) - sum(before))",
        )
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    assert int(done.stdout) < 10  # without the pause 43
