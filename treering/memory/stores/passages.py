"""Passages in SQL, with the turns that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import passage_messages, passages
from treering.memory.stores.upsert import upsert
from treering.schemas.recall import Passage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope

_UNLINK = delete(passage_messages).where(
    passage_messages.c.scope_id == bindparam("of_scope"), passage_messages.c.passage_id == bindparam("of_passage")
)
_LINK = insert(passage_messages)


class SqlPassageStore:
    """Pieces of retrievable text made of turns."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def put(self, scope: Scope, new: Sequence[Passage]) -> None:
        """Store passages; one with a known id is replaced."""
        if not new:
            return
        scope_id = self._transaction.scope_id(scope, create=True)
        latest = {passage.id: passage for passage in new}
        words = self._transaction.words(scope_id)
        rows = [
            {"scope_id": scope_id, "passage_id": passage.id, "passage": words.seal(passage.model_dump_json())}
            for passage in latest.values()
        ]
        self._connection.execute(upsert(self._connection, passages), rows)
        self._connection.execute(_UNLINK, [{"of_scope": scope_id, "of_passage": name} for name in latest])
        if links := [link for passage in latest.values() for link in _links(scope_id, passage)]:
            self._connection.execute(_LINK, links)

    def get(self, scope: Scope, ids: Sequence[str]) -> dict[str, Passage]:
        """The passages that exist, by id, in the order asked for."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        found: dict[str, Passage] = {}
        for some in chunks(ids):
            query = select(passages.c.passage).where(passages.c.scope_id == scope_id, passages.c.passage_id.in_(some))
            for text in self._connection.execute(query).scalars():
                passage = Passage.model_validate_json(words.open(text))
                found[passage.id] = passage
        return {name: found[name] for name in ids if name in found}

    def remove_of(self, scope: Scope, message_ids: Sequence[str]) -> list[str]:
        """Remove every passage that contains one of these messages; returns the passage ids, sorted."""
        scope_id = self._transaction.scope_id(scope)
        doomed: set[str] = set()
        for some in chunks(message_ids):
            query = select(passage_messages.c.passage_id).where(
                passage_messages.c.scope_id == scope_id, passage_messages.c.message_id.in_(some)
            )
            doomed |= set(self._connection.execute(query).scalars())
        for some in chunks(sorted(doomed)):
            for table in (passage_messages, passages):
                gone = delete(table).where(table.c.scope_id == scope_id, table.c.passage_id.in_(some))
                self._connection.execute(gone)
        return sorted(doomed)


def _links(scope_id: int, passage: Passage) -> list[dict[str, object]]:
    return [
        {"scope_id": scope_id, "passage_id": passage.id, "message_id": message_id}
        for message_id in dict.fromkeys(passage.message_ids)
    ]
