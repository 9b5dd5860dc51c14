"""Search rows between transactions: what caches may show, and to whom."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, event, func, select

from treering.memory.ports import Hits, Vector, VectorEntry
from treering.memory.stores.opening import create_tables
from treering.memory.stores.scopes import ScopeIds
from treering.memory.stores.sqlite import SqliteBackend
from treering.memory.stores.transaction import Transaction
from treering.memory.stores.vector_cache import VectorCache
from treering.memory.stores.vector_rows import vectors
from treering.memory.stores.vectors import SqlVectorIndex
from treering.schemas.dialogue import Scope

ANA = Scope(user="ana")

Begin = Callable[..., AbstractContextManager[SqlVectorIndex]]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    backend = SqliteBackend(f"sqlite:///{tmp_path / 'x.db'}", busy_timeout_s=5)
    engine = backend.connect()
    with engine.begin() as connection:
        create_tables(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def begin(engine: Engine) -> Begin:
    """A transaction of this process; `cache=` stands for another process."""
    shared = VectorCache()

    @contextmanager
    def begin(*, write: bool = False, cache: VectorCache = shared) -> Iterator[SqlVectorIndex]:
        with engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
            transaction = Transaction(connection, ScopeIds())
            yield SqlVectorIndex(transaction, fingerprint="model", cache=cache)
            connection.commit()
            transaction.committed()

    return begin


def entries(*numbers: int, at: int = 0) -> list[VectorEntry]:
    return [VectorEntry(id=f"turn:{n}", kind="turn", dense=axis(at), terms={7: 1}) for n in numbers]


def axis(n: int) -> Vector:
    return np.eye(4, dtype=np.float32)[n]


def found(index: SqlVectorIndex, scope: Scope = ANA) -> list[str]:
    hits = index.search(scope, axis(0), {7: 1}, kind="turn")
    assert {name for name, _ in hits.dense} == {name for name, _ in hits.sparse}
    return sorted(name for name, _ in hits.dense)


@contextmanager
def rows_read(engine: Engine) -> Iterator[list[str]]:
    """The statements that read entries."""
    seen: list[str] = []

    def note(_c: object, _d: object, statement: str, *_: object) -> None:
        if "vectors.dense" in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)


def test_a_transaction_finds_its_own_rows_and_nobody_else_does_until_the_commit(begin: Begin) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(1))
    with begin(write=True) as writer:
        writer.upsert(ANA, entries(2))
        assert found(writer) == ["turn:1", "turn:2"]
        writer.remove(ANA, ["turn:1"])
        assert found(writer) == ["turn:2"]
        with begin() as reader:
            assert found(reader) == ["turn:1"]
    with begin() as reader:
        assert found(reader) == ["turn:2"]


def test_rows_that_were_rolled_back_were_never_there(begin: Begin) -> None:
    """Also when the next transaction takes the same numbers for rows of its own."""
    with begin(write=True) as index:
        index.upsert(ANA, entries(1))
    with begin() as reader:
        found(reader)
    with suppress(ZeroDivisionError), begin(write=True) as writer:
        writer.upsert(ANA, entries(2))
        writer.remove(ANA, ["turn:1"])
        found(writer)
        raise ZeroDivisionError
    with begin() as reader:
        assert found(reader) == ["turn:1"]
    with begin(write=True) as writer:
        writer.upsert(ANA, entries(3))
    with begin() as reader:
        assert found(reader) == ["turn:1", "turn:3"]


@pytest.mark.parametrize("act", ["append", "replace", "remove", "clear", "clear and fill"])
def test_another_process_sees_every_change(begin: Begin, act: str) -> None:
    elsewhere = VectorCache()
    with begin(write=True) as index:
        index.upsert(ANA, entries(1, 2))
    with begin(cache=elsewhere) as reader:
        found(reader)
    with begin(write=True) as index:
        if act == "append":
            index.upsert(ANA, entries(3))
        if act == "replace":
            index.upsert(ANA, entries(2, 3, at=1))
        if act == "remove":
            index.remove(ANA, ["turn:1"])
        if act.startswith("clear"):
            index.clear(ANA)
        if act == "clear and fill":
            index.upsert(ANA, entries(2, at=2))
    with begin() as here, begin(cache=elsewhere) as there, begin(cache=VectorCache()) as anew:
        query = np.array([0.1, 0.2, 0.3, 0.4], np.float32)
        answers = [index.search(ANA, query, {7: 1}, kind="turn") for index in (here, there, anew)]
    assert answers[0] == answers[1] == answers[2]


def test_only_new_rows_are_read(begin: Begin, engine: Engine) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(*range(50)))
    with begin() as reader:
        found(reader)
    with rows_read(engine) as statements, begin() as reader:
        found(reader)
    assert statements == []
    with begin(write=True) as index:
        index.upsert(ANA, entries(50))
    shared = reader._cache.of(1, "model")
    known = shared.kinds["turn"].row_ids.copy()
    with begin() as reader:
        assert len(found(reader)) == 50
    assert (shared.kinds["turn"].row_ids[:50] == known).all()


def test_a_reader_that_began_earlier_does_no_harm(begin: Begin) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(1))
    with begin() as early:
        assert early.count(ANA) == 1  # its snapshot is taken
        with begin(write=True) as index:
            index.upsert(ANA, entries(2))
        with begin() as late:
            assert found(late) == ["turn:1", "turn:2"]
        assert "turn:1" in found(early)
    with begin() as late:
        assert found(late) == ["turn:1", "turn:2"]


def test_a_scope_that_was_erased_and_came_back_is_not_taken_for_the_old_one(begin: Begin, engine: Engine) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(1))
    with begin() as reader:
        found(reader)
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM vectors")
        connection.exec_driver_sql("DELETE FROM vector_heads")
    with begin(write=True) as index:
        index.upsert(ANA, entries(2))
    with begin() as reader:
        assert found(reader) == ["turn:2"]


def test_removed_rows_leave_the_table(begin: Begin, engine: Engine) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(1, 2, 3))
        index.remove(ANA, ["turn:1"])
    count = select(func.count()).select_from(vectors)
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == 2
    with begin(write=True) as index:
        index.clear(ANA)
    with engine.connect() as connection:
        assert connection.execute(count).scalar() == 0


def test_a_rolled_back_clear_keeps_the_rows(begin: Begin) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(1))
    with suppress(ZeroDivisionError), begin(write=True) as index:
        index.clear(ANA)
        assert index.search(ANA, axis(0), {7: 1}, kind="turn") == Hits()
        raise ZeroDivisionError
    with begin() as reader:
        assert found(reader) == ["turn:1"]


def test_memory_is_bounded_and_the_least_lately_used_goes_first(begin: Begin) -> None:
    people = [Scope(user=f"p{n}") for n in range(4)]
    with begin(write=True) as index:
        for person in people:
            index.upsert(person, entries(*range(20)))
    probe = VectorCache()
    with begin(cache=probe) as reader:
        found(reader, people[0])
    small = VectorCache(max_bytes=2 * probe.nbytes)
    for person in (*people, people[0]):
        with begin(cache=small) as reader:
            assert len(found(reader, person)) == 20
        assert small.nbytes <= 2 * probe.nbytes
    assert [scope_id for scope_id, _ in small._scopes] == [4, 1]
    small.clear()
    assert small.nbytes == 0


def test_rows_too_large_for_the_memory_are_searched_all_the_same(begin: Begin) -> None:
    with begin(write=True) as index:
        index.upsert(ANA, entries(*range(20)))
    tiny = VectorCache(max_bytes=1)
    for _ in range(2):
        with begin(cache=tiny) as reader:
            assert len(found(reader)) == 20
    assert tiny.nbytes == 0


def test_threads_that_read_while_one_writes_see_whole_states(begin: Begin) -> None:
    """Every state has the same entries in both lists; `found` checks that."""
    sizes: list[Sequence[int]] = []
    done = threading.Event()

    def read() -> None:
        seen = []
        while not done.is_set():
            with begin() as reader:
                seen.append(len(found(reader)))
        sizes.append(seen)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(30):
        with begin(write=True) as index:
            index.upsert(ANA, entries(n))
            index.remove(ANA, [f"turn:{n - 5}"])
    done.set()
    for thread in threads:
        thread.join()
    assert len(sizes) == 3
    with begin() as reader:
        assert found(reader) == sorted(f"turn:{n}" for n in range(25, 30))
