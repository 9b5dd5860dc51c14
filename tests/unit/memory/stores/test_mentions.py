"""Graphs between transactions: what is read again, and what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from treering.errors import StoreUnreadable
from treering.memory.ports import Mention
from treering.memory.retrieval.associate import EntityGraph
from treering.memory.stores import SqlStore
from treering.memory.stores.mentions import GraphCache, SqlMentions
from treering.schemas.dialogue import Scope

ANA = Scope(user="ana")


class Mentions:
    """The mentions of one person, each call in a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store
        self.cache = GraphCache(room=1_000_000)

    @contextmanager
    def begin(self, *, write: bool = True) -> Iterator[SqlMentions]:
        with self.store.transaction(write=write) as transaction:
            yield SqlMentions(transaction, self.cache)

    def put(self, seq: int, *entities: int) -> None:
        with self.begin() as mentions:
            mentions.put(ANA, [Mention(message_id=f"m{seq}", seq=seq, entities=dict.fromkeys(entities, 1))])

    def graph(self) -> EntityGraph:
        with self.begin(write=False) as mentions:
            return mentions.graph(ANA)

    def damage(self, name: str) -> None:
        with self.store.transaction() as transaction:
            transaction.connection.execute(
                text("UPDATE mentions SET entities = x'00' WHERE message_id = :name"), {"name": name}
            )


@pytest.fixture
def mentions(store: SqlStore) -> Mentions:
    return Mentions(store)


def test_a_graph_is_read_once_and_so_it_is_when_nothing_new_was_stored(mentions: Mentions) -> None:
    mentions.put(1, 7, 8)
    graph = mentions.graph()
    mentions.put(1, 8, 7)
    mentions.put(2)
    with mentions.begin() as several:
        several.put(ANA, [])
        several.remove(ANA, ["m2", "m9"])
    assert mentions.graph() is graph


def test_later_turns_are_read_alone_and_after_a_removal_all_are(mentions: Mentions) -> None:
    mentions.put(1, 7)
    mentions.graph()
    mentions.damage("m1")
    mentions.put(2, 7)
    mentions.put(3, 7)
    assert mentions.graph().mentioned.ids == ["m1", "m2", "m3"]
    with mentions.begin() as several:
        several.remove(ANA, ["m2"])
    with pytest.raises(StoreUnreadable, match="mentions"):
        mentions.graph()


def test_a_row_that_was_damaged_is_replaced_when_the_turn_is_stored_again(mentions: Mentions) -> None:
    mentions.put(1, 7)
    mentions.damage("m1")
    mentions.put(1, 7)
    assert mentions.graph().mentioned.ids == ["m1"]


def test_a_graph_that_a_transaction_changes_is_its_own(mentions: Mentions) -> None:
    mentions.put(1, 7)
    before = mentions.graph()
    with mentions.begin() as writer:
        writer.put(ANA, [Mention(message_id="m2", seq=2, entities={8: 1})])
        assert len(writer.graph(ANA)) == 2
        assert mentions.graph() is before
    assert len(mentions.graph()) == 2


def test_nothing_is_kept_in_memory_of_one_whose_turns_all_went(mentions: Mentions) -> None:
    mentions.put(1, 7)
    mentions.graph()
    assert mentions.cache.size > 0
    with mentions.begin() as writer:
        writer.clear(ANA)
    assert mentions.cache.size == 0


def test_a_scope_without_turns_keeps_an_empty_graph(mentions: Mentions) -> None:
    mentions.put(1)
    assert len(mentions.graph()) == 0
