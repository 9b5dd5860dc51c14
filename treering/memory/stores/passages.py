"""Passages in SQL, with the turns and the passages that they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from treering.memory.retrieval.descend import SummaryTree
from treering.memory.stores.chunks import chunks
from treering.memory.stores.summary_trees import size_of
from treering.memory.stores.tables import passage_messages, passage_parts, passages
from treering.memory.stores.upsert import upsert
from treering.schemas.recall import Passage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from treering.memory.stores.summary_trees import SummaryTreeCache
    from treering.memory.stores.transaction import Transaction
    from treering.schemas.dialogue import Scope

ROOT_LEVEL = 3

_LINKS = (passage_messages, passage_parts)
_UNLINK = [
    delete(table).where(table.c.scope_id == bindparam("of_scope"), table.c.passage_id == bindparam("of_passage"))
    for table in _LINKS
]
_TURNS = (
    select(passage_messages.c.passage_id, passage_messages.c.message_id)
    .join(
        passages,
        (passages.c.scope_id == passage_messages.c.scope_id) & (passages.c.passage_id == passage_messages.c.passage_id),
    )
    .where(passage_messages.c.scope_id == bindparam("of_scope"), passages.c.level == 0)
)
_PARTS = select(passage_parts.c.passage_id, passage_parts.c.part_id).where(
    passage_parts.c.scope_id == bindparam("of_scope")
)
_ROOTS = select(passages.c.passage_id).where(
    passages.c.scope_id == bindparam("of_scope"), passages.c.level == ROOT_LEVEL
)


class SqlPassageStore:
    """Pieces of retrievable text made of turns, and of each other."""

    def __init__(self, transaction: Transaction, cache: SummaryTreeCache) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._cache = cache
        self._changed: set[int] = set()

    def put(self, scope: Scope, new: Sequence[Passage]) -> None:
        """Store passages; one with a known id is replaced."""
        if not new:
            return
        scope_id = self._transaction.scope_id(scope, create=True)
        latest = {passage.id: passage for passage in new}
        words = self._transaction.words(scope_id)
        rows = [
            {
                "scope_id": scope_id,
                "passage_id": passage.id,
                "level": passage.level,
                "passage": words.seal(passage.model_dump_json()),
            }
            for passage in latest.values()
        ]
        self._connection.execute(upsert(self._connection, passages), rows)
        for unlink in _UNLINK:
            self._connection.execute(unlink, [{"of_scope": scope_id, "of_passage": name} for name in latest])
        for table, links in ((passage_messages, _message_links), (passage_parts, _part_links)):
            if made := [{"scope_id": scope_id, **link} for passage in latest.values() for link in links(passage)]:
                self._connection.execute(insert(table), made)
        self._note_change(scope_id)

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

    def level(self, scope: Scope, level: int) -> list[Passage]:
        """The passages of a level, in the order in which their first turns were said, then of their ids."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        query = select(passages.c.passage).where(passages.c.scope_id == scope_id, passages.c.level == level)
        texts = self._connection.execute(query).scalars()
        found = [Passage.model_validate_json(words.open(text)) for text in texts]
        return sorted(found, key=lambda passage: (passage.at, passage.id))

    def tree(self, scope: Scope) -> SummaryTree:
        """How the passages hang together; read once for each root."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return SummaryTree()
        roots = self._connection.execute(_ROOTS, {"of_scope": scope_id}).scalars().all()
        root = roots[0] if len(roots) == 1 and scope_id not in self._changed else None
        known = None if root is None else self._cache.at(scope_id, root)
        if known is not None:
            return known
        tree = SummaryTree(
            parts=_grouped(self._connection.execute(_PARTS, {"of_scope": scope_id})),
            turns=_grouped(self._connection.execute(_TURNS, {"of_scope": scope_id})),
        )
        if root is not None and tree.roots == (root,):  # else it holds what its root does not tell
            self._cache.put(scope_id, stamp=root, value=tree, size=size_of(tree))
        return tree

    def remove(self, scope: Scope, ids: Sequence[str]) -> list[str]:
        """Remove passages, and those that are made of them; returns the ids of all that went, sorted."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None:
            return []
        doomed = self._with_wholes(scope_id, ids)
        removed: list[str] = []
        for some in chunks(sorted(doomed)):
            for table in _LINKS:
                links = delete(table).where(table.c.scope_id == scope_id, table.c.passage_id.in_(some))
                self._connection.execute(links)
            gone = delete(passages).where(passages.c.scope_id == scope_id, passages.c.passage_id.in_(some))
            removed += self._connection.execute(gone.returning(passages.c.passage_id)).scalars()
        if removed:
            self._note_change(scope_id)
        return sorted(removed)

    def remove_of(self, scope: Scope, message_ids: Sequence[str]) -> list[str]:
        """Remove every passage that contains one of these messages; returns the passage ids, sorted."""
        scope_id = self._transaction.scope_id(scope)
        doomed: set[str] = set()
        for some in chunks(message_ids):
            query = select(passage_messages.c.passage_id).where(
                passage_messages.c.scope_id == scope_id, passage_messages.c.message_id.in_(some)
            )
            doomed.update(self._connection.execute(query).scalars())
        return self.remove(scope, sorted(doomed))

    def _with_wholes(self, scope_id: int, ids: Iterable[str]) -> set[str]:
        found: set[str] = set()
        level = set(ids)
        while level:
            found |= level
            above: set[str] = set()
            for some in chunks(sorted(level)):
                query = select(passage_parts.c.passage_id).where(
                    passage_parts.c.scope_id == scope_id, passage_parts.c.part_id.in_(some)
                )
                above.update(self._connection.execute(query).scalars())
            level = above - found
        return found

    def _note_change(self, scope_id: int) -> None:
        """Until the commit, trees of this transaction are its own; after it, the next one reads anew."""
        if scope_id not in self._changed:
            self._changed.add(scope_id)
            self._transaction.after_commit(lambda: self._cache.drop(scope_id))


def _message_links(passage: Passage) -> Iterator[dict[str, str]]:
    for message_id in dict.fromkeys(passage.message_ids):
        yield {"passage_id": passage.id, "message_id": message_id}


def _part_links(passage: Passage) -> Iterator[dict[str, str]]:
    for part in dict.fromkeys(passage.parts):
        yield {"passage_id": passage.id, "part_id": part}


def _grouped(links: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for whole, part in links:
        found.setdefault(whole, []).append(part)
    return {whole: tuple(sorted(parts)) for whole, parts in sorted(found.items())}
