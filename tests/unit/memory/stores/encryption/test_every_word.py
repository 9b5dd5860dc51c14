"""Every word of every table is sealed, under each change of keys, and reads the same afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from treering.errors import StoreUnreadable
from treering.memory.ports import Mention, VectorEntry
from treering.memory.stores import SqlStore
from treering.memory.stores.encryption.whole_store import decrypt_all, encrypt_all
from treering.memory.stores.registry import WORD_TABLES, WordTable
from treering.schemas.claims import Claim, Evidence
from treering.schemas.dialogue import Message, Scope
from treering.schemas.listening import Draft, Reply, Verdict
from treering.schemas.operations import Add, Batch, NoOp
from treering.schemas.recall import Passage

Lab = Any
"""The fixture's class stands in conftest.py."""

ANA, BO = Scope(user="ana"), Scope(user="bo")
SECRET = b"xq-bees-qx"
SAID = f"Oh, {SECRET.decode()} again."
DENSE = np.array([0.6, 0.8, 0.0, 0.0], np.float32)


def fill(store: SqlStore, scope: Scope, now: datetime) -> None:
    """Let words stand wherever they can."""
    said, person = SAID, f"person:{SECRET.decode()}"
    draft = Draft(kind="ADD", path="name", text=said, message_id="m1", quote=said)
    quote = Evidence(message_id="m1", quote=said, start=0)
    claim = {"id": "0" * 24, "path": "taste.food", "text": said, "valid_from": now, "recorded_at": now}
    mine = Claim(**claim, evidence=(quote,))
    theirs = Claim(**{**claim, "id": "1" * 24}, subject=person, evidence=(quote,))
    operations = (Add(claim=mine), Add(claim=theirs), NoOp(why=said, target=mine.id, evidence=(quote,)))
    with store.begin() as unit:
        messages = [
            Message(content=said, id=f"m{number}", speaker=said, metadata={"note": said}) for number in (1, 2, 3)
        ]
        unit.turns.append(scope, "s1", messages, now)
        unit.turns.replace(scope, "m2", f"{said} Amended.", version=None, now=now)
        unit.ledger.commit(
            scope, Batch(id="b", operations=operations, recorded_at=now, author="tests/1"), expected_version=0
        )
        unit.passages.put(scope, [Passage(id="p1", message_ids=("m1",), text=SAID, at=now, seq=1)])
        verdict = Verdict(ruling="quarantine", rule="r", why=said, draft=draft)
        unit.quarantine.hold(scope, "1-1", [verdict], now)
        unit.quarantine.save_reply(scope, "1-1", "l", Reply(raw=said, model="m", prompt_version="p"))
        unit.jobs.enqueue(scope, "window", now, state="dead", error=said, raw_reply=said)
        unit.mentions.put(scope, [Mention(message_id="m1", seq=1, entities={7: 2, 9: 1})])
        unit.vectors.upsert(scope, [VectorEntry(id="turn:m1", kind="turn", dense=DENSE, terms={7: 2, 9: 1})])


def dump(store: SqlStore, scope: Scope) -> list[Any]:
    """All words and all that could tell them, opened, and what is read from them."""
    found: list[Any] = []
    with store.transaction(write=False) as transaction:
        scope_id = transaction.scope_id(scope)
        words = transaction.words(scope_id)
        for one in WORD_TABLES:
            key = list(one.table.primary_key.columns)
            rows = transaction.connection.execute(
                select(one.table).where(one.table.c.scope_id == scope_id).order_by(*key)
            )
            for row in rows.mappings():
                found += [(one.name, name, row[name] and words.open(row[name])) for name in one.texts]
                found += [(one.name, name, words.open_bytes(row[name])) for name in one.blobs]
    with store.begin(write=False) as unit:
        assert unit.ledger.first_broken(scope) is None
        found += [unit.ledger.trees(scope), list(unit.ledger.entries(scope)), unit.turns.turns(scope)]
        found += [
            unit.vectors.search(scope, DENSE, {7: 1}, kind="turn"),
            unit.quarantine.held(scope),
            unit.jobs.jobs(scope=scope),
        ]
    return found


def stored(store: SqlStore, one: WordTable, scope: Scope) -> list[bytes]:
    """The columns of a table, as they are."""
    with store.transaction(write=False) as transaction:
        query = select(*(one.table.c[name] for name in (*one.texts, *one.blobs)))
        rows = transaction.connection.execute(query.where(one.table.c.scope_id == transaction.scope_id(scope))).all()
    values = [value for row in rows for value in row if value is not None]
    return [value.encode() if isinstance(value, str) else value for value in values]


def test_every_table_with_words_is_filled_here(lab: Lab, now: datetime) -> None:
    store = lab.open_plain()
    fill(store, ANA, now)
    assert [one.name for one in WORD_TABLES if not stored(store, one, ANA)] == []
    assert [one.name for one in WORD_TABLES if one.texts and SECRET not in b"".join(stored(store, one, ANA))] == []


@pytest.mark.parametrize("one", WORD_TABLES, ids=lambda one: one.name)
def test_every_column_is_sealed(sealed: SqlStore, one: WordTable, now: datetime) -> None:
    fill(sealed, ANA, now)
    for value in stored(sealed, one, ANA):
        assert value.startswith((b"tr1:", b"\x01")), one.name


def test_no_byte_tells_a_word_or_a_number_of_a_vector(sealed: SqlStore, lab: Lab, now: datetime) -> None:
    fill(sealed, ANA, now)
    content = lab.bytes()
    assert SECRET not in content
    assert DENSE.tobytes() not in content


def test_changing_the_key_changes_nothing_else(sealed: SqlStore, lab: Lab, now: datetime) -> None:
    fill(sealed, ANA, now)
    fill(sealed, BO, now)
    before = {scope.user: dump(sealed, scope) for scope in (ANA, BO)}
    old = {one.name: stored(sealed, one, ANA) for one in WORD_TABLES}
    with sealed.begin() as unit:
        assert unit.rekey(ANA)
    for store in (sealed, lab.open()):
        assert {scope.user: dump(store, scope) for scope in (ANA, BO)} == before
    assert [one.name for one in WORD_TABLES if set(old[one.name]) & set(stored(sealed, one, ANA))] == []


def test_a_whole_store_is_sealed_and_unsealed_again(lab: Lab, now: datetime) -> None:
    plain = lab.open_plain()
    for scope in (ANA, BO):
        fill(plain, scope, now)
    with plain.begin() as unit:
        key = unit.tombstones.key(ANA)
    before = {scope.user: dump(plain, scope) for scope in (ANA, BO)}
    plain.close()
    seen: list[tuple[int, int]] = []
    store = lab.open()
    assert encrypt_all(store, lambda *step: seen.append(step)) == 2
    assert seen == [(1, 2), (2, 2)]
    assert SECRET not in lab.bytes()
    assert key not in lab.bytes()
    assert {scope.user: dump(store, scope) for scope in (ANA, BO)} == before
    assert decrypt_all(store, lambda *_: None) == 2
    store.close()
    assert lab.versions() == []
    plain = lab.open_plain()
    assert {scope.user: dump(plain, scope) for scope in (ANA, BO)} == before
    with plain.begin() as unit:
        assert unit.tombstones.key(ANA) == key


@pytest.mark.parametrize("one", [one for one in WORD_TABLES if one.texts], ids=lambda one: one.name)
def test_a_damaged_text_stops_a_change_of_keys(sealed: SqlStore, lab: Lab, one: WordTable, now: datetime) -> None:
    fill(sealed, ANA, now)
    column = next(iter(one.texts))
    lab.ask(f"UPDATE {one.table.name} SET {column} = 'tr1:AAAA' WHERE {column} != ''")  # noqa: S608 - our own names
    with pytest.raises(StoreUnreadable), sealed.begin() as unit:
        unit.rekey(ANA)
    assert lab.ask("SELECT key_version FROM heads") == [(1,)]
