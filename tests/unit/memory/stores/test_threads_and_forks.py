"""One store object in many threads, and on both sides of a fork."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest

from treering.memory.stores import SqlStore
from treering.memory.stores.forking import Gate
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # threads and forks are the subject


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def store(request: pytest.FixtureRequest, path: Path, small_trunk: Trunk) -> Iterator[SqlStore]:
    """A store on each database."""
    url = f"sqlite:///{path}" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    store = SqlStore(url, small_trunk, busy_timeout_s=5)
    yield store
    store.close()


def append(store: SqlStore, now: datetime, *contents: str) -> None:
    with store.begin() as unit:
        unit.turns.append(Scope(user="ana"), "s1", [Message(content=content) for content in contents], now)


def contents(store: SqlStore) -> list[str]:
    with store.begin(write=False) as unit:
        return [turn.content for turn in unit.turns.turns(Scope(user="ana"))]


def in_child(action: Callable[[], None]) -> int:
    """Run something in a forked child; returns its exit status."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            action()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_many_threads_lose_nothing(store: SqlStore, now: datetime) -> None:
    said = [f"{number}" for number in range(60)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda content: append(store, now, content), said))
    assert sorted(contents(store), key=int) == said


def test_threads_read_while_one_writes(store: SqlStore, now: datetime) -> None:
    append(store, now, "first")
    with store.begin(), ThreadPoolExecutor(20) as pool:
        assert list(pool.map(lambda _: contents(store), range(40))) == [["first"]] * 40


@pytest.mark.parametrize("was_used", [False, True])
def test_parent_and_child_both_go_on_after_a_fork(store: SqlStore, now: datetime, *, was_used: bool) -> None:
    if was_used:
        append(store, now, "before")
        assert contents(store) == ["before"]
    assert in_child(lambda: append(store, now, "child")) == 0
    append(store, now, "parent")
    assert contents(store) == ["before"] * was_used + ["child", "parent"]


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)  # a file can be told from other descriptors
def test_a_fork_holds_no_connection(store: SqlStore, now: datetime) -> None:
    append(store, now, "before")

    def check() -> None:
        assert not [name for name in map(_target, os.listdir("/proc/self/fd")) if "memory.db" in name]  # noqa: PTH208 - names

    if os.path.isdir("/proc/self/fd"):  # noqa: PTH112 - Linux only
        assert in_child(check) == 0


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - of a descriptor
    except OSError:
        return ""


def test_a_child_shares_no_lock_and_no_cache(store: SqlStore, now: datetime) -> None:
    append(store, now, "before")
    inherited = store._connections

    def check() -> None:
        assert store._connections is not inherited
        assert store._connections.caches is not inherited.caches

    assert in_child(check) == 0
    assert store._connections is inherited


def test_a_fork_inside_a_transaction_does_not_wait_for_itself(store: SqlStore, now: datetime) -> None:
    with store.begin() as unit:
        unit.turns.append(Scope(user="ana"), "s1", [Message(content="around")], now)
        assert in_child(lambda: None) == 0
    assert contents(store) == ["around"]


def test_a_shut_gate_waits_for_others_and_lets_nobody_in() -> None:
    gate, inside, leave, entered = Gate(), threading.Event(), threading.Event(), threading.Event()

    def hold() -> None:
        with gate.passing():
            inside.set()
            leave.wait()

    def enter() -> None:
        with gate.passing():
            entered.set()

    first = threading.Thread(target=hold)
    first.start()
    inside.wait()
    threading.Timer(0.02, leave.set).start()
    gate.shut()
    assert leave.is_set()
    late = threading.Thread(target=enter)
    late.start()
    assert not entered.wait(0.02)
    gate.open()
    assert entered.wait(5)
    first.join()
    late.join()
