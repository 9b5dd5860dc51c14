"""Every table that holds words of people: what forgetting empties, searches again, and encryption seals."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from treering.memory.stores import tables, vector_rows
from treering.schemas.claims import FORGOTTEN, SELF

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Table


def _plain(text: str) -> Iterator[str]:
    """A column that is the words."""
    yield text


def _name(subject: str) -> Iterator[str]:
    """The name in a subject; the user has none."""
    if subject != SELF:
        yield subject.partition(":")[2]


def _every(document: str) -> Iterator[str]:
    """JSON in which every value may be somebody's words; the keys are a program's."""
    yield from _strings(json.loads(document))


_WORD_FIELDS = {"text", "condition", "why", "quote", "quotes", "raw", "routing", "speakers"}


def _fields(document: str) -> Iterator[str]:
    """JSON of our own: the fields that hold words. Paths, kinds and ids are looked past."""
    yield from _said(json.loads(document))


def _said(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _said(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _WORD_FIELDS:
                yield from _strings(item)
            elif key == "subject" and isinstance(item, str):
                yield from _name(item)
            else:
                yield from _said(item)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTable:
    """One table with words of people."""

    name: str
    """How receipts call it."""
    table: Table
    texts: Mapping[str, Callable[[str], Iterator[str]]]
    """The sealed text columns, each with what takes the words out of its opened content."""
    blobs: tuple[str, ...] = ()
    """Sealed columns that hold no words, and could tell them: vectors, and salts, with which one can test a guess."""
    emptied: Mapping[str, str | None] | None = None
    """What its columns hold when the words have gone; none: its rows go."""
    is_droppable: bool = False
    """Whether any row that says something forgotten can go by itself: it is derived, waits, or is past."""
    erased_by: str
    """What takes single rows out of it."""

    def words_of(self, row: Mapping[str, Any], open_text: Callable[[str], str]) -> Iterator[str]:
        """The words in a row; what stands for erased ones is none."""
        for column, read in self.texts.items():
            if row[column]:
                yield from (text for text in read(open_text(row[column])) if text and text != FORGOTTEN)


_TURN = {"content": _plain, "speaker": _plain, "metadata": _every}
_NO_TURN: Mapping[str, str | None] = {"content": "", "speaker": None, "metadata": "{}"}

WORD_TABLES: tuple[WordTable, ...] = (
    WordTable(name="turns", table=tables.turns, texts=_TURN, emptied=_NO_TURN, erased_by="TurnLog.erase"),
    WordTable(
        name="former turns",
        table=tables.turn_versions,
        texts=_TURN,
        emptied=_NO_TURN,
        is_droppable=True,
        erased_by="TurnLog.erase, WordStores.drop",
    ),
    WordTable(
        name="names", table=tables.subjects, texts={"name": _name}, blobs=("salt",), erased_by="Ledger.erase_names"
    ),
    WordTable(
        name="ledger",
        table=tables.operation_words,
        texts={"words": _fields},
        blobs=("salt",),
        erased_by="Ledger.erase, Ledger.erase_entries",
    ),
    WordTable(name="claims", table=tables.claims, texts={"claim": _fields}, erased_by="Ledger.commit, Ledger.erase"),
    WordTable(
        name="passages",
        table=tables.passages,
        texts={"passage": _fields},
        is_droppable=True,
        erased_by="PassageStore.remove, PassageStore.remove_of, WordStores.drop",
    ),
    WordTable(
        name="quarantine",
        table=tables.held,
        texts={"verdict": _fields},
        emptied={"verdict": None, "target": None},
        is_droppable=True,
        erased_by="Quarantine.erase, WordStores.drop",
    ),
    WordTable(
        name="model replies",
        table=tables.replies,
        texts={"reply": _fields},
        is_droppable=True,
        erased_by="Quarantine.erase, WordStores.drop",
    ),
    WordTable(
        name="jobs",
        table=tables.jobs,
        texts={"error": _plain, "raw_reply": _plain},
        emptied={"error": FORGOTTEN, "raw_reply": None},
        is_droppable=True,
        erased_by="Quarantine.erase, WordStores.drop",
    ),
    WordTable(name="mentions", table=tables.mentions, texts={}, blobs=("entities",), erased_by="Mentions.remove"),
    WordTable(
        name="vectors", table=vector_rows.vectors, texts={}, blobs=("dense", "terms"), erased_by="VectorIndex.remove"
    ),
)
"""In the order in which a receipt lists them."""

WITHOUT_WORDS: Mapping[str, str] = {
    "store_state": "numbers",
    "store_revision": "the revision of the tables",
    "scopes": "names of tenants and people, as the application calls them",
    "heads": "numbers, a digest, the name of a trunk",
    "sessions": "ids of sessions, as the application calls them",
    "batches": "ids and authors that programs chose",
    "operations": "ids, dates, paths, aliases and salted commitments",
    "snapshots": "numbers and dates",
    "trunks": "the application's own slots",
    "passage_messages": "ids",
    "passage_parts": "ids",
    "mention_heads": "numbers",
    "model_gates": "names of models and numbers",
    "api_keys": "tenants, labels of whoever runs the server, and hashes of random secrets",
    "audit": "tenants, routes, ids of requests, and keyed hashes of people",
    "tombstones": "keyed hashes",
    "tombstone_keys": "random bytes",
    "receipts": "ids and counts",
    "index_marks": "numbers, and the name of an embedder",
    "vector_heads": "numbers, and the name of an embedder",
}
"""Every other table, with what it holds instead."""
