"""Jobs that nobody can do: each is dead after its attempts, with a reason, and keeps nobody else waiting."""

from __future__ import annotations

import base64
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from treering import Memory, Settings
from treering.schemas.dialogue import Scope, Turn
from treering.schemas.listening import Draft
from treering.testing import ManualClock, TurnListener, quoted
from treering.workers.runner import MAX_ATTEMPTS, MAX_BACKOFF_S

BAD = (
    ("window", '{"first": 1', "is no JSON object"),
    ("window", "[1, 2]", "is no JSON object"),
    ("window", '{"first": 1, "last": null}', "is no JSON object"),
    ("window", '{"first": 1}', "has no 'last'"),
    ("window", '{"first": "one", "last": 1}', "has another 'first' than is known here"),
    ("window", '{"first": 1, "last": 100000000000000000000}', "has another 'last' than is known here"),
    ("window", '{"first": 1, "last": 1, "depth": 2}', "has 'depth', which is not known here"),
    ("listen", '{"through": 7}', "has 'through', which is not known here"),
    ("index", '{"erased": "all"}', "has another 'erased' than is known here"),
    ("summarise", '{"session": "s1"}', "has 'session', which is not known here"),
    ("consolidate", '{"only": "magic"}', "has another 'only' than is known here"),
)
"""Kind, payload as a newer version or an accident may leave it, and what is told of it."""


class Touchy(TurnListener):
    """Takes every turn for a dish that is liked, and cannot stand one of them."""

    name = "touchy/1"

    def drafts(self, turn: Turn) -> list[Draft]:
        if turn.content == "poison":
            raise ZeroDivisionError("the poison worked")
        return [quoted(turn, "preferences.food")]


class Kitchen:
    """A memory on some database, in which time can pass and rows can be damaged."""

    def __init__(self, memory: Memory, clock: ManualClock) -> None:
        self.memory = memory
        self._clock = clock

    def says(self, user: str, *dishes: str) -> None:
        """Remember them, each as a message of its own."""
        said = [{"role": "user", "content": dish, "id": f"{user}-{dish}"} for dish in dishes]
        self.memory.remember(user, said)

    def likes(self, user: str) -> set[str]:
        """What was learned of somebody."""
        return {claim.text for claim in self.memory.tree(user).claims}

    def work(self, rounds: int = 1) -> None:
        """Do what is due, and what is due after each longest pause."""
        for number in range(rounds):
            if number:
                self._clock.advance(timedelta(seconds=2 * MAX_BACKOFF_S))
            self.memory.flush()

    def execute(self, statement: str, **values: object) -> None:
        """Change rows behind everybody's back."""
        with self.memory._engine.store.transaction() as transaction:  # type: ignore[attr-defined]  # a SqlStore
            assert transaction.connection.execute(text(statement), values).rowcount > 0

    def turn_into(self, user: str, kind: str, payload: str) -> None:
        """Make somebody's queued job one of this kind, with this payload."""
        whose = 'SELECT id FROM scopes WHERE "user" = :whose'
        self.execute(
            f"UPDATE jobs SET kind = :kind, payload = :payload WHERE state = 'queued' AND scope_id = ({whose})",  # noqa: S608
            kind=kind,
            payload=payload,
            whose=user,
        )


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.services)])
def kitchen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kitchen]:
    """An empty one on each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    clock = ManualClock()
    settings = Settings(home=tmp_path, database_url=url, embedder="hash")
    with Memory(settings=settings, listener=Touchy(), clock=clock, background=False) as memory:
        yield Kitchen(memory, clock)


def test_a_payload_that_cannot_be_used_is_told_and_keeps_nobody_waiting(kitchen: Kitchen) -> None:
    for number, (kind, payload, _) in enumerate(BAD):
        kitchen.says(f"u{number}", "soup")
        kitchen.turn_into(f"u{number}", kind, payload)
    kitchen.says("bo", "rice")
    kitchen.says("u0", "bread")
    kitchen.work()
    assert kitchen.likes("bo") == {"rice"}, "others are heard while it is tried again"
    assert kitchen.likes("u0") == {"soup", "bread"}, "and the person is, by the next job"
    assert {job.state for job in kitchen.memory.jobs()} == {"queued"}
    kitchen.work(MAX_ATTEMPTS + 1)
    for number, (kind, _, told) in enumerate(BAD):
        [dead] = kitchen.memory.jobs(f"u{number}")
        assert (dead.kind, dead.state, dead.attempts) == (kind, "dead", MAX_ATTEMPTS)
        assert dead.error is not None
        assert dead.error.startswith(f"JobUnreadable: the payload of job {dead.id} ({kind}) {told}")
    assert kitchen.memory.retry(dead.id)
    kitchen.work(MAX_ATTEMPTS + 1)
    assert [job.state for job in kitchen.memory.jobs(f"u{number}")] == ["dead"]


def test_a_kind_that_only_a_newer_version_knows_is_left_to_it_and_told(kitchen: Kitchen) -> None:
    kitchen.says("ana", "soup")
    kitchen.turn_into("ana", "rewind", '{"to": 3}')
    kitchen.says("ana", "bread")
    kitchen.says("bo", "rice")
    kitchen.work(MAX_ATTEMPTS + 1)
    assert (kitchen.likes("ana"), kitchen.likes("bo")) == ({"soup", "bread"}, {"rice"})
    assert kitchen.memory.jobs() == []
    with kitchen.memory._engine.store.begin(write=False) as unit:
        assert unit.jobs.unknown_kinds(Scope(user="ana")) == {"rewind": 1}
        assert unit.jobs.unknown_kinds(Scope(user="bo")) == {}
        assert unit.jobs.pending() == 0
    [finding] = kitchen.memory.doctor().findings
    assert (finding.check, finding.scope.user, finding.count) == ("job kinds", "ana", 1)


def test_a_window_that_always_fails_is_put_aside_and_what_follows_is_heard(kitchen: Kitchen) -> None:
    kitchen.says("ana", "soup", "poison", "bread")
    kitchen.says("bo", "rice")
    kitchen.work()
    assert (kitchen.likes("ana"), kitchen.likes("bo")) == ({"soup"}, {"rice"})
    kitchen.says("cy", "cake")
    kitchen.work(MAX_ATTEMPTS + 2)
    assert (kitchen.likes("ana"), kitchen.likes("cy")) == ({"soup", "bread"}, {"cake"})
    [dead] = kitchen.memory.jobs()
    assert (dead.scope.user, dead.kind, dead.state) == ("ana", "window", "dead")
    assert dead.error == "ZeroDivisionError: the poison worked"
    assert kitchen.memory.doctor().findings == ()


def test_a_damaged_row_of_one_person_is_told_and_keeps_nobody_else_waiting(kitchen: Kitchen) -> None:
    kitchen.says("ana", "soup")
    kitchen.execute("UPDATE turns SET role = 'ghost' WHERE message_id = 'ana-soup'")
    kitchen.says("bo", "rice")
    kitchen.work()
    assert kitchen.likes("bo") == {"rice"}
    kitchen.work(MAX_ATTEMPTS + 1)
    [dead] = kitchen.memory.jobs()
    assert (dead.scope.user, dead.kind, dead.state) == ("ana", "listen", "dead")
    assert dead.error


def test_an_urgency_that_is_not_known_is_the_least(kitchen: Kitchen) -> None:
    kitchen.says("ana", "soup")
    kitchen.execute("UPDATE jobs SET priority = 99")
    assert [job.priority for job in kitchen.memory.jobs()] == [9]
    kitchen.work()
    assert kitchen.likes("ana") == {"soup"}


def test_somebody_whose_key_is_gone_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    clock = ManualClock()
    key = base64.b64encode(bytes(range(32))).decode()
    settings = Settings(home=tmp_path, embedder="hash", master_key=key)

    def opened() -> Memory:
        return Memory(settings=settings, listener=Touchy(), clock=clock, background=False)

    with opened() as memory:
        Kitchen(memory, clock).says("ana", "soup")
    with closing(sqlite3.connect(tmp_path / "keys.db")) as connection, connection:
        connection.execute("ALTER TABLE keyring_keys RENAME TO gone")
        connection.execute("CREATE TABLE keyring_keys AS SELECT * FROM gone WHERE false")
    with opened() as memory:
        kitchen = Kitchen(memory, clock)
        kitchen.says("bo", "rice")
        kitchen.work(MAX_ATTEMPTS + 2)
        assert kitchen.likes("bo") == {"rice"}
        [job] = memory.jobs()
        assert (job.scope.user, job.state) == ("ana", "queued"), "it goes on when the key is back"
    with closing(sqlite3.connect(tmp_path / "keys.db")) as connection, connection:
        connection.execute("INSERT INTO keyring_keys SELECT * FROM gone")
    with opened() as memory:
        Kitchen(memory, clock).work(2)
        assert Kitchen(memory, clock).likes("ana") == {"soup"}
        assert memory.jobs() == []
