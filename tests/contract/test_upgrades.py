"""Store formats: each step up, down and with rows in it, on every SQL database."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, inspect, text

from treering import Memory, Settings
from treering.errors import StoreNotReady, StoreTooNew, StoreUnreadable
from treering.memory.stores import SqlStore
from treering.memory.stores.backend import Backend, backend_of
from treering.memory.stores.encryption.ciphers import MasterKey, new_key
from treering.memory.stores.encryption.keyring import Keyring
from treering.memory.stores.encryption.keys import Keys
from treering.memory.stores.migrating import differences, migrate, migrate_back
from treering.memory.stores.opening import LAYOUT, create_tables
from treering.memory.stores.tables import STORE_FORMAT
from treering.memory.stores.upgrading import check_store, standing_of, upgrade_store
from treering.schemas.claims import FORGOTTEN
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Batch, Delete, DeleteReason, NoOp
from treering.schemas.trunk import Trunk

OLD_ROWS = (Path(__file__).parent / "format_1.sql").read_text("utf-8")
"""Rows of a store as the first format had them."""

REVISIONS = ["base", *(f"{number:04}" for number in range(1, STORE_FORMAT + 1))]


class Database:
    """An empty database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.backend: Backend = backend_of(url, busy_timeout_s=5)
        self.engine: Engine = self.backend.connect()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        with self.engine.connect() as connection:
            self.backend.begin_alone(connection)
            yield connection
            connection.commit()

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def spelled(self, statement: str) -> str:
        """A statement of SQLite as this database spells its bytes."""
        return statement if self.backend.is_embedded else re.sub(r"X'([0-9a-f]+)'", r"'\\x\1'", statement)

    def fill_as_format_1(self) -> None:
        """What a Treering of the first format leaves: its tables, rows, and no note of a revision."""
        with self.alone() as connection:
            migrate(connection, "0001")
            for statement in OLD_ROWS.strip().split(";\n"):
                connection.exec_driver_sql(self.spelled(statement))
            connection.execute(text("DROP TABLE store_revision"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/memory.db"
    else:
        url = request.getfixturevalue("new_postgres_url")()
    found = Database(url)
    yield found
    found.engine.dispose()


def schema_of(connection: Connection) -> dict[str, object]:
    """Tables as the database describes them. Defaults are no matter: our inserts name every value."""
    inspector = inspect(connection)
    return {
        name: (
            {
                column["name"]: (str(column["type"]), column["nullable"], column.get("autoincrement"))
                for column in inspector.get_columns(name)
            },
            inspector.get_pk_constraint(name)["constrained_columns"],
            sorted((key["name"], key["referred_table"]) for key in inspector.get_foreign_keys(name)),
            sorted((key["name"], *key["column_names"]) for key in inspector.get_unique_constraints(name)),
            sorted((index["name"], *index["column_names"]) for index in inspector.get_indexes(name)),
        )
        for name in sorted(LAYOUT.tables)
        if inspector.has_table(name)
    }


def test_a_new_store_and_one_that_was_upgraded_from_nothing_are_alike(database: Database) -> None:
    with database.alone() as connection:
        migrate(connection)
        assert differences(connection) == []
        upgraded = schema_of(connection)
        migrate_back(connection, "base")
        assert schema_of(connection) == {}
    with database.alone() as connection:
        connection.execute(text("DROP TABLE store_revision"))
        create_tables(connection)
        assert differences(connection) == []
        assert schema_of(connection) == upgraded
    assert database.read("SELECT format FROM store_state") == [(STORE_FORMAT,)]


def test_each_step_leads_up_and_back_down_and_on(database: Database) -> None:
    for lower, upper in pairwise(REVISIONS):
        with database.alone() as connection:
            before = schema_of(connection)
            migrate(connection, upper)
            assert schema_of(connection) != before, upper
            migrate_back(connection, lower)
            assert schema_of(connection) == before, upper
            migrate(connection, upper)
    with database.alone() as connection:
        assert differences(connection) == []


def test_rows_of_the_first_format_are_read_after_an_upgrade(database: Database, small_trunk: Trunk) -> None:
    database.fill_as_format_1()
    assert standing_of(database.url).format == 1
    steps = upgrade_store(database.url).steps
    assert [step.partition(":")[0] for step in steps] == [
        f"Store format {number}" for number in range(2, STORE_FORMAT + 1)
    ]
    check_rows(SqlStore(database.url, small_trunk))


def test_rows_survive_the_way_up_and_back_down(database: Database) -> None:
    database.fill_as_format_1()
    columns = "SELECT seq, message_id, content, speaker FROM turns ORDER BY seq"
    before = database.read(columns)
    with database.alone() as connection:
        migrate(connection)
    with database.alone() as connection:
        migrate_back(connection, "0001")
    assert database.read(columns) == before
    assert database.read("SELECT format FROM store_state") == [(1,)]


@pytest.mark.parametrize("way", ["up", "down"])
def test_rows_to_search_are_made_anew_in_another_format(database: Database, way: str) -> None:
    """By one job a scope, and not by two."""
    database.fill_as_format_1()
    with database.alone() as connection:
        migrate(connection, "0003" if way == "down" else "0002")
        columns = {"scope_id": "1", "entry_id": "'turn:m1'", "kind": "'turn'", "dense": "X'00'", "terms": "X'00'"}
        if way == "down":
            connection.execute(text("DELETE FROM jobs WHERE kind = 'index'"))
            connection.execute(text("INSERT INTO index_marks VALUES (1, 'model', 2, 2)"))
            columns |= {"epoch": "5"}
        else:
            connection.execute(text("UPDATE heads SET indexed_version = 2, indexed_seq = 2"))
        row = f"INSERT INTO vectors ({', '.join(columns)}) VALUES ({', '.join(columns.values())})"  # noqa: S608 - both are of this test
        connection.execute(text(database.spelled(row)))
    with database.alone() as connection:
        (migrate_back if way == "down" else migrate)(connection, "0002" if way == "down" else "0003")
    assert database.read("SELECT * FROM vectors") == database.read("SELECT * FROM vector_heads") == []
    if way == "down":
        assert database.read("SELECT indexed_version, indexed_seq FROM heads") == [(0, 0)]
    else:
        assert database.read("SELECT * FROM index_marks") == []
    jobs = "SELECT scope_id, payload, state, run_after = (SELECT last_at FROM sessions) FROM jobs WHERE kind = 'index'"
    assert database.read(jobs) == [(1, "{}", "queued", True)]


def test_what_waits_since_an_older_format_is_looked_at_until_somebody_writes_there(
    database: Database, small_trunk: Trunk
) -> None:
    ana = Scope(user="ana")
    wish, other = asked_for("forgotten"), asked_for("ended")
    database.fill_as_format_1()
    with database.alone() as connection:
        migrate(connection, "0006")
        columns = "(scope_id, held_id, window_id, verdict, recorded_at)"
        row = text(f"INSERT INTO held {columns} VALUES (1, :id, '1-2', :verdict, '2024-03-01 12:00:00.0')")  # noqa: S608 - of this test
        for number, verdict in enumerate((wish, other, None)):
            connection.execute(row, {"id": f"{number}", "verdict": verdict and verdict.model_dump_json()})
    upgrade_store(database.url)
    store = SqlStore(database.url, small_trunk)
    with store.begin(write=False) as unit:
        assert [held.verdict for held in unit.quarantine.wishes(ana)] == [wish]
        assert unit.ledger.head(ana).wishes == 1
    assert database.read("SELECT target FROM held ORDER BY id") == [("?",), (None,), (None,)]
    with store.begin() as unit:
        unit.quarantine.hold(ana, "3-4", [other], datetime(2024, 3, 2, tzinfo=UTC))
        assert [held.verdict for held in unit.quarantine.wishes(ana)] == [wish]
        assert unit.ledger.head(ana).wishes == 1
    assert database.read("SELECT target FROM held ORDER BY id") == [(wish.forgets,), (None,), (None,), (None,)]
    store.close()


def test_what_waits_sealed_since_an_older_format_is_opened_to_be_looked_at(
    database: Database, tmp_path: Path, small_trunk: Trunk
) -> None:
    """Which of it asks to have something forgotten, an upgrade cannot know."""
    ana, now = Scope(user="ana"), datetime(2024, 3, 2, tzinfo=UTC)
    wish, other = asked_for("forgotten"), asked_for("ended")
    keys = Keys(Keyring(f"sqlite:///{tmp_path}/keys.db"), MasterKey(new_key()))
    upgrade_store(database.url)
    store = SqlStore(database.url, small_trunk, keys=keys)
    with store.begin() as unit:
        unit.quarantine.hold(ana, "1-2", [wish, other], now)
    with database.alone() as connection:
        migrate_back(connection, "0006")
        migrate(connection)
    with store.begin(write=False) as unit:
        assert [held.verdict for held in unit.quarantine.wishes(ana)] == [wish]
        assert unit.ledger.head(ana).wishes == 2
    with store.begin() as unit:
        unit.quarantine.hold(ana, "3-4", [other], now)
        assert [held.verdict for held in unit.quarantine.wishes(ana)] == [wish]
        assert unit.ledger.head(ana).wishes == 1
    assert database.read("SELECT target FROM held ORDER BY id") == [(wish.forgets,), (None,), (None,)]
    store.close()


def asked_for(reason: DeleteReason) -> Verdict:
    """Somebody says that Bo does not live in Rome any more, or that it is to be forgotten."""
    wanted = Delete(
        subject="person:Bo",
        path="home.city",
        target=f"{1:024x}",
        reason=reason,
        at=datetime(2024, 3, 1, tzinfo=UTC),
    )
    draft = Draft(kind="DELETE", subject="person:Bo", path="home.city", reason=reason)
    return Verdict(ruling="quarantine", rule="some-rule", why="because", draft=draft, operation=wanted)


@pytest.mark.parametrize("number", range(1, STORE_FORMAT))
def test_what_an_old_store_holds_is_recalled_after_an_upgrade(
    database: Database, tmp_path: Path, small_trunk: Trunk, number: int
) -> None:
    database.fill_as_format_1()
    with database.alone() as connection:
        migrate(connection, f"{number:04}")
        connection.execute(text("UPDATE sessions SET ended = TRUE"))
    upgrade_store(database.url)
    settings = Settings(home=tmp_path / "home", database_url=database.url, embedder="hash")
    with Memory(settings=settings, trunk=small_trunk, background=False) as memory:
        assert memory.doctor().is_sound
        memory.flush()
        assert [
            line.ref for line in memory.recall("ana", "Where does my sister Bo live?").lines if line.kind == "turn"
        ] == ["m1"]
        assert [hit.message_id for hit in memory.search("ana", "Where does Bo live?")] == ["m1"]
        assert memory.doctor().is_sound
        with memory._engine.store.begin(write=False) as unit:
            assert unit.passages.tree(Scope(user="ana")).names


def check_rows(store: SqlStore) -> None:
    """All is there, and can be gone on with: also what is about another person, whose name is no alias."""
    ana = Scope(user="ana")
    with store.begin() as unit:
        assert [turn.content for turn in unit.turns.turns(ana)] == ["My sister Bo lives in Rome.", ""]
        assert [turn.speaker for turn in unit.turns.turns(ana)] == ["Ana", None]
        assert unit.ledger.first_broken(ana) is None
        trees = unit.ledger.trees(ana)
        [claim] = trees["person:Bo"].claims.values()
        assert claim.text == "lives in Rome"
        [planted, forgotten] = unit.ledger.entries(ana)
        assert planted.operation.claim == claim
        assert isinstance(forgotten.operation, NoOp)
        assert forgotten.operation.why == FORGOTTEN
        assert sorted(job.kind for job in unit.jobs.jobs()) == ["index", "listen", "summarise"]
        ended = Delete(subject="person:Bo", path="home.city", target=claim.id, reason="retracted", at=claim.valid_from)
        batch = Batch(id="b3", operations=(ended,), recorded_at=claim.valid_from, author="tests/1")
        assert unit.ledger.commit(ana, batch, expected_version=2).version == 3
        unit.turns.append(ana, "s1", [Message(content="Hello.")], claim.valid_from)
    with store.begin(write=False) as unit:
        assert unit.ledger.trees(ana) == {}
        assert unit.ledger.first_broken(ana) is None
        assert len(unit.turns.turns(ana)) == 3
    store.close()


def test_an_embedded_store_is_upgraded_when_it_is_opened(tmp_path: Path, small_trunk: Trunk) -> None:
    database = Database(f"sqlite:///{tmp_path}/memory.db")
    database.fill_as_format_1()
    database.engine.dispose()
    check_rows(SqlStore(database.url, small_trunk))
    assert standing_of(database.url).is_current


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_one_of_many_that_open_an_old_store_at_once_upgrades_it(tmp_path: Path, small_trunk: Trunk) -> None:
    database = Database(f"sqlite:///{tmp_path}/memory.db")
    database.fill_as_format_1()
    database.engine.dispose()
    gate, beginning = os.pipe()
    several = [begun_to_open(database.url, small_trunk, gate, beginning) for _ in range(3)]
    os.close(beginning)
    assert [os.waitstatus_to_exitcode(os.waitpid(one, 0)[1]) for one in several] == [0] * 3
    os.close(gate)
    check_rows(SqlStore(database.url, small_trunk))


def begun_to_open(url: str, trunk: Trunk, gate: int, beginning: int) -> int:
    """A process that opens a store once nobody holds the gate any more; it ends with 0 if it finds there what was."""
    if child := os.fork():
        return child
    try:
        os.close(beginning)
        os.read(gate, 1)
        store = SqlStore(url, trunk)
        is_there = [scope.user for scope in store.scopes()] == ["ana"]
        store.close()
        os._exit(0 if is_there else 2)
    finally:
        os._exit(1)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("statement", [1, 4, 12, -1])
def test_an_upgrade_that_is_killed_leaves_the_old_store(tmp_path: Path, small_trunk: Trunk, statement: int) -> None:
    """Killed after so many statements that change something; -1: before the commit."""
    database = Database(f"sqlite:///{tmp_path}/memory.db")
    database.fill_as_format_1()
    database.engine.dispose()
    child = os.fork()
    if not child:
        try:
            die_during_the_upgrade(database, statement)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert standing_of(database.url).format == 1
    check_rows(SqlStore(database.url, small_trunk))


def die_during_the_upgrade(database: Database, statement: int) -> None:
    count = 0

    def trace(line: str) -> None:
        nonlocal count
        count += line.lstrip().startswith(("CREATE", "ALTER", "INSERT", "UPDATE", "DROP"))
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    with database.alone() as connection:
        driver = connection.connection.dbapi_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_trace_callback(trace)
        migrate(connection)
        os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.services
def test_a_store_on_a_server_is_never_upgraded_by_opening_it(
    new_postgres_url: Callable[[], str], small_trunk: Trunk
) -> None:
    database = Database(new_postgres_url())
    store = SqlStore(database.url, small_trunk)
    with pytest.raises(StoreNotReady, match="tables are missing; run `treering db upgrade`"), store.begin():
        pass
    database.fill_as_format_1()
    with pytest.raises(StoreNotReady, match=f"store format 1, and {STORE_FORMAT} is needed; run `treering db upgrade`"):
        store.scopes()
    assert standing_of(database.url).format == 1
    upgrade_store(database.url)
    assert store.scopes() == [Scope(user="ana")]
    store.close()
    database.engine.dispose()


@pytest.mark.services
def test_of_two_upgrades_at_once_one_does_it(new_postgres_url: Callable[[], str]) -> None:
    database = Database(new_postgres_url())
    database.fill_as_format_1()
    steps: list[int] = []
    several = [threading.Thread(target=lambda: steps.append(len(upgrade_store(database.url).steps))) for _ in range(3)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert sorted(steps) == [0, 0, STORE_FORMAT - 1]
    database.engine.dispose()


def test_a_failing_step_changes_nothing(database: Database) -> None:
    database.fill_as_format_1()
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE turn_versions (x INTEGER)"))
    with pytest.raises(Exception, match="turn_versions"):
        upgrade_store(database.url)
    with database.alone() as connection:
        connection.execute(text("DROP TABLE turn_versions"))
    assert upgrade_store(database.url).is_current


def test_a_check_names_what_differs(database: Database) -> None:
    upgrade_store(database.url)
    assert check_store(database.url).is_current
    with database.alone() as connection:
        connection.execute(text("DROP TABLE receipts"))
        connection.execute(text("DROP INDEX ix_turns_session"))
    found = check_store(database.url)
    assert not found.is_current
    assert "add table: receipts" in found.differences
    assert "add index: ix_turns_session" in found.differences


def test_a_newer_store_is_left_alone(database: Database) -> None:
    upgrade_store(database.url)
    with database.alone() as connection:
        connection.execute(text("UPDATE store_state SET format = 99"))
    for look in (upgrade_store, standing_of, check_store):
        with pytest.raises(StoreTooNew):
            look(database.url)


def test_asking_makes_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/memory.db"
    assert standing_of(url).format is None
    assert check_store(url).format is None
    assert list(tmp_path.iterdir()) == []


def test_tables_of_another_program_are_left_alone(database: Database) -> None:
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE jobs (id INTEGER)"))
    with pytest.raises(StoreUnreadable, match="another program"):
        upgrade_store(database.url)
    assert database.read("SELECT * FROM jobs") == []


@pytest.mark.services
def test_a_schema_may_be_shared_with_tables_of_other_names(new_postgres_url: Callable[[], str]) -> None:
    database = Database(new_postgres_url())
    with database.alone() as connection:
        connection.execute(text("CREATE TABLE bookmarks (url TEXT)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('theirs')"))
    upgrade_store(database.url)
    assert check_store(database.url).is_current
    assert database.read("SELECT version_num FROM alembic_version") == [("theirs",)]
    database.engine.dispose()
