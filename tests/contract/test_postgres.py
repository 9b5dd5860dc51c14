"""What is particular to PostgreSQL: who waits for whom, and what a server's troubles are called."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from treering.errors import (
    MissingExtra,
    StoreBusy,
    StoreError,
    StoreFull,
    StoreReadOnly,
    StoreUnavailable,
    StoreUnreadable,
)
from treering.memory.stores import SqlStore
from treering.memory.stores.postgres import MAX_OVERFLOW, POOL_SIZE, PostgresBackend
from treering.memory.stores.upgrading import upgrade_store
from treering.schemas.dialogue import Message, Scope
from treering.schemas.trunk import Trunk

pytestmark = pytest.mark.services

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
BO = Scope(user="bo")
PATIENCE_S = 0.2

OpenStore = Callable[..., SqlStore]


@pytest.fixture
def open_store(postgres_url: str, small_trunk: Trunk) -> Iterator[OpenStore]:
    """Opens the same store as often as one likes."""
    opened: list[SqlStore] = []

    def opener(busy_timeout_s: float = 10, url: str = postgres_url) -> SqlStore:
        opened.append(SqlStore(url, small_trunk, busy_timeout_s=busy_timeout_s))
        return opened[-1]

    yield opener
    for store in opened:
        store.close()


@pytest.fixture
def say(make: SimpleNamespace) -> Callable[..., None]:
    def run(store: SqlStore, scope: Scope, content: str) -> None:
        with store.begin() as unit:
            unit.turns.append(scope, "s1", [Message(content=content)], make.moment(0))

    return run


@contextmanager
def inside(store: SqlStore, scope: Scope, make: SimpleNamespace) -> Iterator[None]:
    """While a transaction that wrote in a scope is open."""
    with store.begin() as unit:
        unit.turns.append(scope, "s1", [Message(content="first")], make.moment(0))
        yield


def contents(store: SqlStore, scope: Scope) -> list[str]:
    with store.begin(write=False) as unit:
        return [turn.content for turn in unit.turns.turns(scope)]


# -- who waits for whom


@pytest.mark.parametrize("is_shared", [True, False], ids=["one store object", "a store object each"])
def test_writers_of_different_scopes_write_at_once(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, say: Callable[..., None], *, is_shared: bool
) -> None:
    store = open_store(PATIENCE_S)
    with inside(store, ana, make):
        say(store if is_shared else open_store(PATIENCE_S), BO, "meanwhile")
    assert contents(store, BO) == ["meanwhile"]
    assert contents(store, ana) == ["first"]


@pytest.mark.parametrize("is_known", [True, False], ids=["a known scope", "a new scope"])
def test_writers_of_one_scope_wait_and_then_see_what_the_other_did(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, say: Callable[..., None], *, is_known: bool
) -> None:
    store = open_store()
    if is_known:
        say(store, ana, "before")
    with ThreadPoolExecutor(4) as pool:
        with inside(store, ana, make):
            waiting = [pool.submit(say, open_store(), ana, f"second {n}") for n in range(3)]
            wait_for_waiting(store, 3)
        for one in waiting:
            one.result()
    assert sorted(contents(store, ana)) == ["before"] * is_known + ["first", "second 0", "second 1", "second 2"]
    with store.begin(write=False) as unit:
        assert [turn.seq for turn in unit.turns.turns(ana)] == list(range(1, 5 + is_known))
    assert store.scopes() == [ana]


def wait_for_waiting(store: SqlStore, count: int) -> None:
    """Until so many others of this store wait for a lock."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND application_name = current_setting('application_name')"
    )
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with store.begin(write=False) as unit:
            if unit.turns._connection.execute(query).scalar_one() >= count:
                return
    pytest.fail("nobody waits")


def test_whoever_waits_too_long_is_told_so(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, say: Callable[..., None]
) -> None:
    store = open_store(PATIENCE_S)
    say(store, ana, "before")
    with inside(store, ana, make), pytest.raises(StoreBusy) as caught:
        say(open_store(PATIENCE_S), ana, "too late")
    assert caught.value.timeout_s == PATIENCE_S
    assert contents(store, ana) == ["before", "first"]


def test_of_two_that_wait_for_each_other_one_gives_way(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, say: Callable[..., None]
) -> None:
    store = open_store()
    for scope in (ana, BO):
        say(store, scope, "before")
    meeting = threading.Barrier(2)

    def cross(first: Scope, second: Scope) -> str:
        try:
            with store.begin() as unit:
                unit.turns.append(first, "s1", [Message(content="mine")], make.moment(0))
                meeting.wait(10)
                unit.turns.append(second, "s1", [Message(content="yours")], make.moment(0))
        except StoreBusy:
            return "gave way"
        return "done"

    with ThreadPoolExecutor(2) as pool:
        ends = [one.result() for one in [pool.submit(cross, ana, BO), pool.submit(cross, BO, ana)]]
    assert sorted(ends) == ["done", "gave way"]
    assert sorted(contents(store, ana) + contents(store, BO)) == ["before", "before", "mine", "yours"]


def test_a_reading_sees_one_moment_while_others_write(
    open_store: OpenStore, ana: Scope, say: Callable[..., None]
) -> None:
    store = open_store()
    say(store, ana, "before")
    with store.begin(write=False) as unit:
        before = unit.ledger.head(ana)
        say(store, ana, "meanwhile")
        assert [turn.content for turn in unit.turns.turns(ana)] == ["before"]
        assert unit.ledger.head(ana) == before
    assert contents(store, ana) == ["before", "meanwhile"]


def test_a_reading_cannot_write(open_store: OpenStore, ana: Scope, make: SimpleNamespace) -> None:
    store = open_store()
    with pytest.raises(StoreReadOnly), store.begin(write=False) as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))


# -- jobs


def test_two_workers_take_jobs_of_two_scopes_without_waiting(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace
) -> None:
    store = open_store(PATIENCE_S)
    with store.begin() as unit:
        for scope in (ana, BO):
            for number in range(2):
                unit.jobs.enqueue(scope, "window", make.moment(0), payload={"n": number})
    with store.begin() as one, store.begin() as other:
        first = one.jobs.claim(make.moment(1), lease_s=10)
        second = other.jobs.claim(make.moment(1), lease_s=10)
    assert first is not None
    assert second is not None
    assert {first.scope, second.scope} == {ana, BO}
    with store.begin() as unit:
        assert unit.jobs.claim(make.moment(1), lease_s=10) is None


def test_a_worker_that_finds_only_locked_scopes_waits_and_takes_no_second_job_of_one(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace
) -> None:
    store = open_store()
    with store.begin() as unit:
        for number in range(2):
            unit.jobs.enqueue(ana, "window", make.moment(0), payload={"n": number})

    def claim() -> object:
        with store.begin() as unit:
            return unit.jobs.claim(make.moment(1), lease_s=10)

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as unit:
            assert unit.jobs.claim(make.moment(1), lease_s=10) is not None
            waiting = pool.submit(claim)
            wait_for_waiting(store, 1)
        assert waiting.result() is None


def test_a_worker_does_not_miss_a_job_whose_scope_somebody_writes_in(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace
) -> None:
    store = open_store()
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))

    def claim() -> object:
        with store.begin() as unit:
            return unit.jobs.claim(make.moment(1), lease_s=10)

    with ThreadPoolExecutor(1) as pool:
        with inside(store, ana, make):
            waiting = pool.submit(claim)
            wait_for_waiting(store, 1)
        assert waiting.result() is not None


def test_a_job_that_is_being_taken_does_not_make_a_new_one_needless(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace
) -> None:
    """Who says something while a worker takes the job must not count on a job that may not see it any more."""
    store = open_store()
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))

    def remember() -> None:
        with store.begin() as unit:
            unit.turns.append(ana, "s1", [Message(content="late")], make.moment(1))
            unit.jobs.enqueue(ana, "listen", make.moment(1))

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as unit:
            assert unit.jobs.claim(make.moment(1), lease_s=10) is not None
            late = pool.submit(remember)
            wait_for_waiting(store, 1)
        late.result()
    with store.begin(write=False) as unit:
        assert sorted(job.state for job in unit.jobs.jobs()) == ["queued", "running"]


def test_a_worker_that_takes_a_job_sees_what_was_said_with_it(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace
) -> None:
    """The other order: who speaks holds the scope, finds the queued job, and adds none; the worker comes after."""
    store = open_store()
    with store.begin() as unit:
        unit.jobs.enqueue(ana, "listen", make.moment(0))

    def work() -> list[str]:
        with store.begin() as unit:
            assert unit.jobs.claim(make.moment(1), lease_s=10) is not None
        return contents(store, ana)

    with ThreadPoolExecutor(1) as pool:
        with inside(store, ana, make):
            working = pool.submit(work)
            wait_for_waiting(store, 1)
        assert working.result() == ["first"]


# -- troubles


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"port": 1}, "refused"),
        ({"database": "no such database"}, "does not exist"),
        ({"username": "nobody_of_this_name", "password": "s3cret-pass"}, "nobody_of_this_name"),
    ],
    ids=["nobody listens", "no database", "no such role"],
)
def test_a_server_that_cannot_be_reached_is_unavailable(
    postgres_server: str, small_trunk: Trunk, change: dict[str, str], why: str
) -> None:
    url = make_url(postgres_server).set(**change).render_as_string(hide_password=False)
    store = SqlStore(url, small_trunk)
    with pytest.raises(StoreUnavailable, match=why) as caught, store.begin():
        pass
    assert "s3cret" not in everything_told(caught.value)
    store.close()


def everything_told(error: BaseException | None) -> str:
    return "" if error is None else f"{error!r} {error} {everything_told(error.__cause__ or error.__context__)}"


def test_a_wrong_option_in_the_url_is_told_without_the_password(postgres_server: str, small_trunk: Trunk) -> None:
    url = make_url(postgres_server).set(password="s3cret-pass", query={"colour": "blue"})  # noqa: S106 - made up
    store = SqlStore(url.render_as_string(hide_password=False), small_trunk)
    with pytest.raises(StoreError, match="colour") as caught, store.begin():
        pass
    assert "s3cret" not in everything_told(caught.value)
    store.close()


def test_the_name_of_a_store_has_no_password(small_trunk: Trunk) -> None:
    backend = PostgresBackend("postgresql://ana:s3cret@db.example:6000/memory?sslmode=require", busy_timeout_s=1)
    assert backend.where == "postgresql://db.example:6000/memory"
    assert "s3cret" not in repr(vars(backend))


def test_a_plain_url_means_psycopg_and_another_driver_is_refused(postgres_url: str, small_trunk: Trunk) -> None:
    store = SqlStore(postgres_url.replace("+psycopg", ""), small_trunk)
    assert store.scopes() == []
    store.close()
    with pytest.raises(StoreError, match=r"no driver postgresql\+psycopg2"):
        SqlStore(postgres_url.replace("+psycopg", "+psycopg2"), small_trunk)


def test_without_psycopg_the_extra_is_named(
    postgres_url: str, small_trunk: Trunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)
    with (
        pytest.raises(MissingExtra, match=re.escape("treering[postgres]")),
        SqlStore(postgres_url, small_trunk).begin(),
    ):
        pass


def test_connections_that_the_server_ended_are_made_anew(
    open_store: OpenStore, ana: Scope, say: Callable[..., None], postgres_url: str
) -> None:
    store = open_store()
    say(store, ana, "before")
    end_connections(postgres_url)
    say(store, ana, "after")
    assert contents(store, ana) == ["before", "after"]


def test_a_connection_that_is_lost_inside_a_transaction_changes_nothing(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, postgres_url: str
) -> None:
    store = open_store()

    def write_on() -> None:
        with store.begin() as unit:
            unit.turns.append(ana, "s1", [Message(content="lost")], make.moment(0))
            end_connections(postgres_url)
            unit.turns.append(ana, "s1", [Message(content="lost too")], make.moment(0))

    with pytest.raises(StoreUnavailable):
        write_on()
    assert store.scopes() == []


def end_connections(url: str) -> None:
    """As an administrator does before a restart; to those of this test's store alone."""
    with psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(), autocommit=True) as connection:
        connection.execute("SET application_name = 'administrator'")
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s",
            [make_url(url).query["application_name"]],
        )


def test_a_role_that_may_only_read_can_recall(postgres_url: str, ana: Scope, open_store: OpenStore) -> None:
    store = open_store(url=postgres_url.replace("options=", "options=-cdefault_transaction_read_only%3Don%20"))
    assert contents(store, ana) == []
    with pytest.raises(StoreReadOnly, match="read-only transaction"), store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="no")], NOON)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("40001", StoreBusy),
        ("57014", StoreBusy),
        ("42501", StoreReadOnly),
        ("53100", StoreFull),
        ("53300", StoreUnavailable),
        ("57P03", StoreUnavailable),
        ("08006", StoreUnavailable),
        ("XX001", StoreUnreadable),
        ("42P01", StoreUnreadable),
        ("23505", StoreError),
    ],
)
def test_each_code_of_the_server_has_its_error(code: str, expected: type[StoreError]) -> None:
    backend = PostgresBackend("postgresql://db.example/memory", busy_timeout_s=3)
    told = DBAPIError.instance("INSERT", {}, psycopg.errors.lookup(code)("it broke"), psycopg.Error)
    assert isinstance(told, DBAPIError)
    found = backend.translate(told)
    assert type(found) is expected
    assert "postgresql://db.example:5432/memory" in str(found)


def test_an_error_does_not_quote_the_values_of_a_row(open_store: OpenStore, ana: Scope) -> None:
    store = open_store()
    twice = text("INSERT INTO trunks (name, version, trunk) VALUES ('my secret', 1, '')")

    def insert_twice() -> None:
        with store.begin() as unit:
            unit.turns._connection.execute(twice)
            unit.turns._connection.execute(twice)

    with pytest.raises(StoreError) as caught:
        insert_twice()
    assert "duplicate key" in str(caught.value)
    assert "my secret" not in str(caught.value)


def test_when_all_connections_are_taken_it_is_busy(open_store: OpenStore) -> None:
    store = open_store(PATIENCE_S)
    with ExitStack() as taken:
        for _ in range(POOL_SIZE + MAX_OVERFLOW):
            taken.enter_context(store.begin(write=False))
        with pytest.raises(StoreBusy), store.begin(write=False):
            pass
    assert store.scopes() == []


def test_a_database_that_cannot_hold_every_text_is_refused(postgres_server: str) -> None:
    name = f"treering_test_{secrets.token_hex(4)}"
    admin = make_url(postgres_server).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        try:
            with pytest.raises(StoreUnreadable, match="LATIN1"):
                upgrade_store(make_url(postgres_server).set(database=name).render_as_string(hide_password=False))
        finally:
            connection.execute(f"DROP DATABASE {name}")


# -- values


def test_moments_keep_their_microseconds_and_the_last_day_of_all(open_store: OpenStore, ana: Scope) -> None:
    store = open_store()
    moments = [datetime(1, 1, 1, tzinfo=UTC), NOON.replace(microsecond=1), datetime.max.replace(tzinfo=UTC)]
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="x", id=f"m{n}", at=at) for n, at in enumerate(moments)], NOON)
    with store.begin(write=False) as unit:
        assert [turn.at for turn in unit.turns.turns(ana)] == moments


def test_an_erasure_is_out_of_the_dump_at_once(
    open_store: OpenStore, ana: Scope, make: SimpleNamespace, postgres_url: str
) -> None:
    store = open_store()
    with store.begin() as unit:
        unit.turns.append(ana, "s1", [Message(content="the word quincunx", id="m1")], make.moment(0))
    assert "quincunx" in dump(postgres_url)
    with store.begin() as unit:
        unit.turns.erase(ana, ["m1"])
    assert "quincunx" not in dump(postgres_url)
    with store.begin(write=False) as unit:
        state = unit.turns._connection.execute(text("SELECT erasures, scrubbed FROM store_state")).one()
    assert tuple(state) == (1, 1)


def dump(url: str) -> str:
    """What a backup of the store holds."""
    parts = make_url(url)
    schema = str(parts.query["options"]).rpartition("=")[2]
    server = parts.set(drivername="postgresql", query={}).render_as_string(hide_password=False)
    command = ["pg_dump", "--inserts", f"--schema={schema}", server]
    return subprocess.run(command, capture_output=True, check=True, text=True, env={**os.environ}).stdout
