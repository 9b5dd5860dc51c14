"""Every store of words at once: searched row by row, emptied where that is no loss, and emptied whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from treering.memory.ports.erasure import Dropped, Found, Vanished
from treering.memory.stores.chunks import chunks
from treering.memory.stores.passages import SqlPassageStore
from treering.memory.stores.registry import WORD_TABLES, WordTable
from treering.memory.stores.tables import heads, jobs, mentions, passage_messages, passage_parts, passages
from treering.memory.stores.vector_rows import vectors

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Table

    from treering.memory.stores.transaction import Transaction
    from treering.memory.stores.unit_of_work import Caches
    from treering.schemas.dialogue import Scope


_Row = dict[str, Any]


class SqlWordStores:
    """What the registry names, within one transaction."""

    def __init__(self, transaction: Transaction, caches: Caches) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._caches = caches

    def search(self, scope: Scope, vanished: Vanished) -> dict[str, Found]:
        """Look through every row of every store, opened; by the name of the store."""
        scope_id = self._transaction.scope_id(scope)
        return {
            one.name: Found(
                rows=self._count(one.table.c.scope_id == scope_id, one),
                matches=sum(1 for _ in self._matches(scope_id, one, vanished)),
            )
            for one in WORD_TABLES
        }

    def drop(self, scope: Scope, vanished: Vanished) -> Dropped:
        """Take what matches out of the stores that hold derived, waiting or former words."""
        scope_id = self._transaction.scope_id(scope)
        dropped = {}
        gone: list[str] = []
        for one in WORD_TABLES:
            if one.is_droppable:
                rows = list(self._matches(scope_id, one, vanished))
                if one.table is passages:
                    gone = self._remove_passages(scope, rows)
                else:
                    self._remove(scope_id, one, rows)
                dropped[one.name] = len(gone if one.table is passages else rows)
        self._transaction.note_erasure()  # also for nothing: of a row that went before, a copy may be left in a gap
        if scope_id is not None:
            self._let_go(scope_id)
        return Dropped(rows=dropped, passages=tuple(gone))

    def erase_all(self, scope: Scope) -> dict[str, int]:
        """Take every word of the person out of every store, and the jobs with it: there is nothing left to do."""
        scope_id = self._transaction.scope_id(scope)
        nothing = Vanished(is_everything=True)
        erased = {one.name: sum(1 for _ in self._matches(scope_id, one, nothing)) for one in WORD_TABLES}
        for one in WORD_TABLES:
            of_scope = one.table.c.scope_id == scope_id
            if one.emptied is None or one.table is jobs:
                self._connection.execute(delete(one.table).where(of_scope))
            else:
                self._connection.execute(update(one.table).where(of_scope).values(self._sealed(scope_id, one.emptied)))
        for links in (passage_messages, passage_parts):
            self._connection.execute(delete(links).where(links.c.scope_id == scope_id))
        self._connection.execute(
            update(heads).where(heads.c.scope_id == scope_id).values(erasures=heads.c.erasures + 1)
        )
        self._transaction.note_erasure()
        if scope_id is not None:
            self._let_go(scope_id)
        return erased

    def _let_go(self, scope_id: int) -> None:
        """After the commit, keep nothing of the scope in the caches of this process."""
        self._transaction.after_commit(lambda: self._caches.forests.drop(scope_id))
        self._transaction.after_commit(lambda: self._caches.vectors.drop(scope_id))
        self._transaction.after_commit(lambda: self._caches.graphs.drop(scope_id))
        self._transaction.after_commit(lambda: self._caches.summary_trees.drop(scope_id))

    def _remove_passages(self, scope: Scope, rows: Sequence[_Row]) -> list[str]:
        """Passages, and the summaries that are made of them; returns the ids of all."""
        store = SqlPassageStore(self._transaction, self._caches.summary_trees)
        return store.remove(scope, [row["passage_id"] for row in rows])

    def _matches(self, scope_id: int | None, one: WordTable, vanished: Vanished) -> Iterator[_Row]:
        if one.table in (mentions, vectors):
            yield from self._derived_left(scope_id, one.table, vanished)
            return
        open_text = self._transaction.words(scope_id).open
        for row in self._rows(scope_id, one):
            texts = one.words_of(row, open_text)
            if any(True for _ in texts) if vanished.is_everything else vanished.sought.is_said_in(*texts):
                yield row

    def _derived_left(self, scope_id: int | None, table: Table, vanished: Vanished) -> Iterator[_Row]:
        """A vector or hash holds no words, but it can be told which words it was made of: it goes by its id."""
        query = select(*table.primary_key.columns).where(table.c.scope_id == scope_id)
        if vanished.is_everything:
            yield from map(dict, self._connection.execute(query).mappings())
            return
        name, ids = mentions.c.message_id, [*vanished.messages]
        if table is vectors:
            name = vectors.c.entry_id
            ids = [*(f"claim:{ref}" for ref in vanished.claims), *(f"turn:{ref}" for ref in vanished.messages)]
        for some in chunks(ids):
            yield from map(dict, self._connection.execute(query.where(name.in_(some))).mappings())

    def _rows(self, scope_id: int | None, one: WordTable) -> Iterator[_Row]:
        wanted = [*one.table.primary_key.columns, *(one.table.c[name] for name in one.texts)]
        query = select(*dict.fromkeys(wanted)).where(one.table.c.scope_id == scope_id)
        return map(dict, self._connection.execute(query).mappings().all())

    def _count(self, of_scope: ColumnElement[bool], one: WordTable) -> int:
        return int(self._connection.execute(select(func.count()).select_from(one.table).where(of_scope)).scalar_one())

    def _remove(self, scope_id: int | None, one: WordTable, rows: Sequence[_Row]) -> None:
        keys = list(one.table.primary_key.columns)
        for row in rows:
            this = [key == row[key.name] for key in keys]
            if one.emptied is None:
                self._connection.execute(delete(one.table).where(*this))
            else:
                self._connection.execute(update(one.table).where(*this).values(self._sealed(scope_id, one.emptied)))

    def _sealed(self, scope_id: int | None, emptied: Mapping[str, str | None]) -> dict[str, str | None]:
        words = self._transaction.words(scope_id)
        return {name: None if text is None else words.seal(text) for name, text in emptied.items()}
