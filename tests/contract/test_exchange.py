"""What goes out of a store comes in again as it was: on every backend, across them, and under another name."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from treering.errors import MessageConflict, OperationError, ScopeNotEmpty, TrunkMismatch, UnknownUser
from treering.memory.exchange.exchanging import Exchange
from treering.memory.ports import Store
from treering.memory.stores import SqlStore
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.export import Export
from treering.schemas.listening import Draft, Verdict
from treering.schemas.operations import Add, Batch, Delete, NoOp, Update
from treering.schemas.trunk import Slot, Trunk
from treering.testing import ManualClock

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)
NAMES = {"user", "tenant", "sha256"}
"""What differs between the exports of one memory under two names."""

numbers = st.integers(0, 4)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(str.strip)
subjects = st.sampled_from(["self", "self", "person:Bo", "agent:Robin"])
paths = st.sampled_from(["taste.food", "name"])
scalars = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False) | words
metadata = st.dictionaries(words, scalars.filter(lambda value: value not in (float("inf"), float("-inf"))), max_size=2)


def claim(number: int, subject: str, path: str, text: str, supersedes: tuple[str, ...] = ()) -> Claim:
    return Claim(
        id=f"{number:024x}",
        subject=subject,
        path=path,
        text=text,
        valid_from=NOON + timedelta(microseconds=number),
        recorded_at=NOON + timedelta(seconds=number),
        evidence=(Evidence(message_id=f"m{number}", quote=text, start=number),),
        confidence=number / 7,
        supersedes=supersedes,
    )


ids = numbers.map("{:024x}".format)
operations = st.one_of(
    st.builds(lambda n, s, p, t: Add(claim=claim(n, s, p, t)), numbers, subjects, paths, words),
    st.builds(lambda n, s, p, t, old: Update(claim=claim(n, s, p, t, (old,))), numbers, subjects, paths, words, ids),
    st.builds(
        lambda s, p, t, r: Delete(subject=s, path=p, target=t, reason=r, at=NOON),
        subjects,
        paths,
        ids,
        st.sampled_from(["ended", "retracted", "forgotten"]),
    ),
    st.builds(lambda t, w: NoOp(why=w, target=t), st.none() | ids, words),
)
steps = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(["s1", "s2"]), numbers, words, metadata),
    st.tuples(st.just("commit"), st.lists(operations, min_size=1, max_size=3), numbers),
    st.tuples(st.just("erase"), st.lists(ids, min_size=1, max_size=2), st.booleans()),
    st.tuples(st.just("hold"), numbers, st.booleans()),
    st.tuples(st.just("replace"), numbers, st.none() | words),
)
lives = st.lists(steps, min_size=1, max_size=12)
users = (f"user {number}" for number in itertools.count())


def live(store: Store, scope: Scope, life: list[tuple[Any, ...]]) -> None:
    """Let a life happen; what does not fit is left out."""
    for number, step in enumerate(life):
        at = NOON + timedelta(hours=number, microseconds=number)
        try:
            with store.begin() as unit:
                match step:
                    case ("say", session, said, text, noted):
                        message = Message(id=f"m{said}", content=text, metadata=noted, speaker="Ana" if said else None)
                        unit.turns.append(scope, session, [message], at)
                    case ("commit", batch, heard):
                        version = unit.ledger.head(scope).version
                        made = Batch(
                            id=f"b{number}",
                            operations=tuple(batch),
                            recorded_at=at,
                            author="tests/1",
                            heard_through=min(heard, unit.ledger.head(scope).last_seq),
                            reverts=version or None,
                        )
                        unit.ledger.commit(scope, made, expected_version=version)
                    case ("erase", claims, is_turn):
                        unit.ledger.erase(scope, claims)
                        unit.turns.erase(scope, ["m1"] if is_turn else [])
                        unit.ledger.erase_names(scope, {"person:Bo"} - unit.ledger.trees(scope).keys())
                    case ("hold", which, is_decided):
                        draft = Draft(kind="ADD", path="name", text=f"is called {which}")
                        wish = Delete(path="name", target=f"{which:024x}", reason="forgotten", at=at)
                        verdict = Verdict(ruling="quarantine", rule="tests", why="to be seen", draft=draft)
                        if which % 2:
                            verdict = verdict.model_copy(update={"operation": wish})
                        held = unit.quarantine.hold(scope, f"w{which}", [verdict], at)
                        if is_decided and held:
                            unit.quarantine.resolve(scope, held[0].id)
                    case ("replace", said, text):
                        if unit.turns.get(scope, [f"m{said}"]):
                            unit.turns.replace(scope, f"m{said}", text, version=None, now=at)
        except (OperationError, MessageConflict):
            continue


def exchange_of(store: Store, trunk: Trunk) -> Exchange:
    return Exchange(store=store, trunk=trunk, clock=ManualClock(NOON))


def document(exchange: Exchange, scope: Scope) -> bytes:
    pieces: list[str] = []
    exchange.write(scope, pieces.append, written_by="1", progress=lambda *_: None)
    return "".join(pieces).encode()


def restore(exchange: Exchange, scope: Scope, source: Export | bytes) -> None:
    given = source if isinstance(source, Export) else iter([source])
    exchange.restore(scope, given, name="a test", progress=lambda _: None)


def content(export: Export) -> dict[str, Any]:
    return export.model_dump(exclude=NAMES)


def lived(store: Store, trunk: Trunk, life: list[tuple[Any, ...]]) -> tuple[Exchange, Scope]:
    scope = Scope(user=next(users))
    live(store, scope, life)
    with store.begin() as unit:  # so that there is something to export
        unit.turns.append(scope, "last", [Message(id="last", content="That is all.")], NOON)
    return exchange_of(store, trunk), scope


LAW = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(life=lives)
@settings(LAW, max_examples=12)
def test_an_export_of_an_import_is_the_export(store: Store, small_trunk: Trunk, life: list[tuple[Any, ...]]) -> None:
    exchange, scope = lived(store, small_trunk, life)
    export = exchange.export(scope, written_by="1")
    text = document(exchange, scope)
    assert Export.model_validate_json(text) == export
    for source, tenant in ((text, "default"), (export, "other")):
        other = Scope(user=next(users), tenant=tenant)
        restore(exchange, other, source)
        assert content(exchange.export(other, written_by="1")) == content(export)


@given(life=lives)
@settings(LAW, max_examples=8)
def test_what_is_derived_is_as_it_was(store: Store, small_trunk: Trunk, life: list[tuple[Any, ...]]) -> None:
    exchange, scope = lived(store, small_trunk, life)
    other = Scope(user=next(users))
    restore(exchange, other, document(exchange, scope))
    with store.begin(write=False) as unit:
        old, new = unit.ledger.head(scope), unit.ledger.head(other)
        derived = {"indexed_version", "indexed_seq", "fence"}
        assert new.model_dump(exclude=derived) == old.model_dump(exclude=derived)
        assert unit.ledger.trees(other) == unit.ledger.trees(scope)
        for version in range(old.version + 1):
            assert unit.ledger.trees(other, version=version) == unit.ledger.trees(scope, version=version)
        assert list(unit.ledger.entries(other)) == list(unit.ledger.entries(scope))
        assert unit.ledger.commits(other) == unit.ledger.commits(scope)
        assert unit.turns.turns(other) == unit.turns.turns(scope)
        assert unit.turns.sessions(other) == unit.turns.sessions(scope)
        assert unit.quarantine.held(other) == unit.quarantine.held(scope)
        assert unit.quarantine.wishes(other) == unit.quarantine.wishes(scope)
        assert {job.kind for job in unit.jobs.jobs(scope=other)} == {"listen", "index", "summarise"}
        assert unit.ledger.first_broken(other) is None


def a_life() -> list[tuple[Any, ...]]:
    """Something of everything."""
    return [
        ("say", "s1", 0, "I live in Porto, and Bo loves olives.", {"channel": "web", "n": 1, "x": 1.0}),
        ("say", "s2", 1, "Bo is gone.", {}),
        ("commit", [Add(claim=claim(0, "self", "taste.food", "loves olives"))], 1),
        ("commit", [Add(claim=claim(1, "person:Bo", "taste.food", "loves figs"))], 1),
        (
            "commit",
            [Delete(subject="person:Bo", path="taste.food", target=f"{1:024x}", reason="forgotten", at=NOON)],
            1,
        ),
        ("erase", [f"{1:024x}"], True),
        ("commit", [Update(claim=claim(2, "self", "taste.food", "hates olives", (f"{0:024x}",)))], 2),
        ("hold", 1, False),
        ("hold", 2, True),
        ("replace", 0, "I live in Lisbon."),
    ]


def test_a_life_with_everything_in_it_comes_back(store: Store, small_trunk: Trunk) -> None:
    exchange, scope = lived(store, small_trunk, a_life())
    export = exchange.export(scope, written_by="1")
    counts = {name: number for name, number in export.counts.items() if number}
    assert counts == {
        "sessions": 3,
        "turns": 3,
        "former_texts": 1,
        "batches": 4,
        "operations": 4,
        "held": 2,
    }
    assert [operation.words is None for operation in export.operations] == [False, True, True, False]
    text = json.dumps(export.model_dump(mode="json"))
    assert "figs" not in text, "erased words are in the export"
    assert "gone" not in text


@pytest.mark.services
def test_a_memory_moves_between_databases_and_back(
    tmp_path: Path, postgres_url: str, small_trunk: Trunk, ana: Scope
) -> None:
    file, server = SqlStore(f"sqlite:///{tmp_path}/memory.db", small_trunk), SqlStore(postgres_url, small_trunk)
    here, there = exchange_of(file, small_trunk), exchange_of(server, small_trunk)
    _, scope = lived(file, small_trunk, a_life())
    first = document(here, scope)
    restore(there, scope, first)
    assert document(there, scope) == first
    back = Scope(user="back")
    restore(here, back, document(there, scope))
    assert content(here.export(back, written_by="1")) == content(there.export(scope, written_by="1"))
    file.close()
    server.close()


def test_an_import_needs_an_empty_scope(store: Store, small_trunk: Trunk) -> None:
    exchange, scope = lived(store, small_trunk, a_life())
    text = document(exchange, scope)
    with pytest.raises(ScopeNotEmpty):
        restore(exchange, scope, text)
    assert document(exchange, scope) == text


def test_nobody_has_no_export(store: Store, small_trunk: Trunk) -> None:
    with pytest.raises(UnknownUser):
        exchange_of(store, small_trunk).export(Scope(user="nobody at all"), written_by="1")


def test_live_claims_need_slots_to_stand_in(backend: Callable[..., Store], tmp_path: Path, small_trunk: Trunk) -> None:
    store = backend(tmp_path / "one", small_trunk)
    exchange, scope = lived(store, small_trunk, a_life())
    text = document(exchange, scope)
    store.close()
    bare = Trunk(name="bare", version=1, description="x", branches=(), slots=(Slot(path="name", description="x"),))
    other = backend(tmp_path / "two", bare)
    with pytest.raises(TrunkMismatch, match="small/1"):
        restore(exchange_of(other, bare), scope, text)
    assert other.scopes() == []
    other.close()


def test_an_import_that_fails_at_its_end_leaves_nothing(store: Store, small_trunk: Trunk) -> None:
    exchange, scope = lived(store, small_trunk, a_life())
    text = document(exchange, scope).decode()
    other = Scope(user="somebody else")
    before = store.scopes()
    with pytest.raises(Exception, match="checksum"):
        restore(exchange, other, text.replace("loves olives", "loves onions").encode())
    assert store.scopes() == before
