"""What a store says when it cannot be used, and that nothing was changed then."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text

from treering.errors import StoreBusy, StoreError, StoreFull, StoreReadOnly, StoreTooNew, StoreUnreadable
from treering.memory.ports import Store
from treering.memory.stores import SqlStore
from treering.memory.stores.tables import STORE_FORMAT
from treering.schemas.dialogue import Message, Receipt, Scope
from treering.schemas.trunk import Trunk

OpenAt = Callable[..., SqlStore]

NOBODY = 65_534
"""A user without rights, for tests that run as root, whom no file mode stops."""


@pytest.fixture
def open_at(small_trunk: Trunk) -> Iterator[OpenAt]:
    """Opens the store in an SQLite file."""
    opened: list[SqlStore] = []

    def opener(path: Path, busy_timeout_s: float = 5) -> SqlStore:
        opened.append(SqlStore(f"sqlite:///{path}", small_trunk, busy_timeout_s=busy_timeout_s))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def sqlite_store(tmp_path: Path, open_at: OpenAt) -> SqlStore:
    """A store in one SQLite file, with a short patience."""
    return open_at(tmp_path / "memory.db", busy_timeout_s=0.05)


@pytest.fixture
def remember(ana: Scope, make: SimpleNamespace) -> Callable[..., Receipt]:
    """Store one turn."""

    def run(store: Store, content: str = "hello") -> Receipt:
        with store.begin() as unit:
            return unit.turns.append(ana, "s1", [Message(content=content)], make.moment(0))

    return run


def test_making_a_store_touches_nothing(tmp_path: Path, open_at: OpenAt) -> None:
    open_at(tmp_path / "deep/memory.db").close()
    assert list(tmp_path.iterdir()) == []


def test_the_first_use_makes_folder_and_file(tmp_path: Path, open_at: OpenAt, remember: Callable[..., Receipt]) -> None:
    store = open_at(tmp_path / "deep/er/memory.db")
    remember(store)
    store.close()
    assert (tmp_path / "deep/er/memory.db").stat().st_size > 0


def test_a_reading_can_be_the_first_use(open_store: Callable[[], Store], ana: Scope) -> None:
    with open_store().begin(write=False) as unit:
        assert unit.turns.turns(ana) == []
    assert open_store().scopes() == []


def test_an_error_inside_rolls_back(store: Store, ana: Scope, make: SimpleNamespace) -> None:
    def write_and_break() -> None:
        with store.begin() as unit:
            unit.turns.append(ana, "s1", [Message(content="a")], make.moment(0))
            unit.jobs.enqueue(ana, "listen", make.moment(0))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_break()
    assert store.scopes() == []
    with store.begin(write=False) as unit:
        assert unit.jobs.pending() == 0


def test_a_closed_store_says_so(store: Store, remember: Callable[..., Receipt]) -> None:
    remember(store)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        remember(store)


def test_another_process_that_writes_too_long_is_busy(
    sqlite_store: SqlStore, tmp_path: Path, remember: Callable[..., Receipt]
) -> None:
    remember(sqlite_store)
    other = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy) as caught:
        remember(sqlite_store)
    assert caught.value.where == str(tmp_path / "memory.db")
    assert "memory.db" in str(caught.value)
    other.execute("ROLLBACK")
    other.close()
    remember(sqlite_store)


def test_a_new_file_that_another_process_is_about_to_fill_is_waited_for(
    tmp_path: Path, open_at: OpenAt, remember: Callable[..., Receipt]
) -> None:
    other = sqlite3.connect(tmp_path / "memory.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    threading.Timer(0.05, other.close).start()
    store = open_at(tmp_path / "memory.db")
    assert len(remember(store).stored) == 1
    store.close()


def test_another_thread_that_writes_too_long_is_busy(sqlite_store: SqlStore, remember: Callable[..., Receipt]) -> None:
    caught = []

    def write() -> None:
        with pytest.raises(StoreBusy) as info:
            remember(sqlite_store)
        caught.append(info.value)

    with sqlite_store.begin():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(caught) == 1


def test_reading_goes_on_while_another_writes(
    sqlite_store: SqlStore, tmp_path: Path, ana: Scope, remember: Callable[..., Receipt], open_at: OpenAt
) -> None:
    remember(sqlite_store)
    other = sqlite3.connect(tmp_path / "memory.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with sqlite_store.begin(write=False) as unit:
        assert len(unit.turns.turns(ana)) == 1
    assert open_at(tmp_path / "memory.db").scopes() == [ana]
    other.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users may look into, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nothing in the folder can be written, also by tests that run as root."""
    is_root = os.geteuid() == 0
    folder.chmod(0o555)
    for path in folder.iterdir():
        path.chmod(0o444)
    if is_root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        folder.chmod(0o755)


@pytest.mark.parametrize("name", ["memory.db", "deeper/memory.db"])
def test_a_folder_that_cannot_be_written_is_read_only(
    folder: Path, open_at: OpenAt, remember: Callable[..., Receipt], name: str
) -> None:
    store = open_at(folder / name)
    with locked(folder), pytest.raises(StoreReadOnly) as caught:
        remember(store)
    assert caught.value.where == str(folder / name)
    remember(store)
    store.close()


def test_a_store_that_became_read_only_says_so(
    folder: Path, open_at: OpenAt, ana: Scope, remember: Callable[..., Receipt]
) -> None:
    path = folder / "memory.db"
    for store in (open_at(path), open_at(path)):
        remember(store, "hello")
        store.close()
    store = open_at(path)
    with locked(folder), pytest.raises(StoreReadOnly):
        remember(store, "more")
    store.close()
    assert open_at(path).scopes() == [ana]


def test_a_full_disk_changes_nothing_and_the_store_goes_on(
    sqlite_store: SqlStore, ana: Scope, remember: Callable[..., Receipt]
) -> None:
    remember(sqlite_store)
    with sqlite_store.begin(write=False) as unit:
        pages = unit._transaction.connection.execute(text("PRAGMA page_count")).scalar()
        unit._transaction.connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StoreFull) as caught:
        remember(sqlite_store, "x" * 100_000)
    assert "memory.db" in str(caught.value)
    with sqlite_store.begin(write=False) as unit:
        assert [turn.content for turn in unit.turns.turns(ana)] == ["hello"]
        unit._transaction.connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    remember(sqlite_store, "x" * 100_000)


def test_a_store_of_a_newer_treering_is_left_alone(
    tmp_path: Path, open_at: OpenAt, remember: Callable[..., Receipt]
) -> None:
    path = tmp_path / "memory.db"
    store = open_at(path)
    remember(store)
    store.close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE store_state SET format = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew) as caught:
        remember(open_at(path))
    assert (caught.value.found, caught.value.supported) == (99, STORE_FORMAT)
    assert path.read_bytes() == before


def test_the_database_of_another_program_is_left_alone(
    tmp_path: Path, open_at: OpenAt, remember: Callable[..., Receipt]
) -> None:
    path = tmp_path / "memory.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    connection.close()
    with pytest.raises(StoreUnreadable, match="another program"):
        remember(open_at(path))


@pytest.mark.parametrize(
    "content", [b"This is a text file, and no database at all.\n" * 50, b"SQLite format 3\x00" + b"\xff" * 4_096]
)
def test_what_is_no_database_is_unreadable(
    tmp_path: Path, open_at: OpenAt, remember: Callable[..., Receipt], content: bytes
) -> None:
    path = tmp_path / "memory.db"
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable) as caught:
        remember(open_at(path))
    assert caught.value.where == str(path)
    assert path.read_bytes() == content


def test_a_damaged_store_is_unreadable(
    tmp_path: Path, open_at: OpenAt, ana: Scope, remember: Callable[..., Receipt]
) -> None:
    path = tmp_path / "memory.db"
    store = open_at(path)
    for n in range(40):
        remember(store, f"{n} {'x' * 1_000}")
    store.close()
    content = bytearray(path.read_bytes())
    content[4_096:] = b"\xa5" * (len(content) - 4_096)
    path.write_bytes(content)
    with pytest.raises(StoreUnreadable), open_at(path).begin(write=False) as unit:
        unit.turns.turns(ana)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_other_databases_are_refused_at_once(small_trunk: Trunk, url: str) -> None:
    with pytest.raises(StoreError):
        SqlStore(url, small_trunk)
