"""What forgetting needs: a search through all words, marks of what is gone, and the proofs."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from treering.memory.ports.erasure import Dropped, Found
from treering.memory.tombstones import KEY_BYTES, NO_TOMBSTONES, TombstoneKind, Tombstones, turn_mark
from treering.schemas.claims import FORGOTTEN, SELF
from treering.schemas.export import ExportedReceipt, ExportedTombstone
from treering.schemas.forgetting import ErasureReceipt
from treering.testing.reference.passages import ReferencePassageStore

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from treering.memory.ports.erasure import Vanished
    from treering.schemas.dialogue import Scope
    from treering.schemas.export import ExportedFormerText, ExportedTurn
    from treering.testing.reference.state import State

_Rows = dict[object, list[str]]
"""The words of each row of a store, by what names the row."""

_NOTHING: dict[str, object] = {"content": "", "speaker": None, "metadata": {}}
_WORD_FIELDS = {"text", "condition", "why", "quote", "quotes", "raw", "routing", "speakers"}
_DROPPABLE = ("former turns", "passages", "quarantine", "model replies", "jobs")


class ReferenceWordStores:
    """Every store of words, in the order in which a receipt lists them."""

    def __init__(self, state: State) -> None:
        self._state = state

    def search(self, scope: Scope, vanished: Vanished) -> dict[str, Found]:
        """Look through every row of every store; by the name of the store."""
        return {
            name: Found(rows=len(rows), matches=len(self._matches(scope, name, vanished)))
            for name, rows in self._rows(scope).items()
        }

    def drop(self, scope: Scope, vanished: Vanished) -> Dropped:
        """Take what matches out of the stores that hold derived, waiting or former words."""
        found = {name: self._matches(scope, name, vanished) for name in _DROPPABLE}
        person, jobs = self._state.of(scope), self._state.jobs
        person.former_texts = [
            one.model_copy(update=_NOTHING) if (one.seq, one.number) in found["former turns"] else one
            for one in person.former_texts
        ]
        for name, one in list(person.held.items()):
            person.held[name] = one.model_copy(update={"verdict": None}) if name in found["quarantine"] else one
        passages = ReferencePassageStore(self._state).remove(scope, [str(name) for name in found["passages"]])
        person.replies = {key: one for key, one in person.replies.items() if key not in found["model replies"]}
        for number, job in list(jobs.items()):
            if number in found["jobs"]:
                jobs[number] = job.model_copy(update={"error": FORGOTTEN, "raw_reply": None})
        rows = {name: len(keys) for name, keys in found.items()} | {"passages": len(passages)}
        return Dropped(rows=rows, passages=tuple(passages))

    def erase_all(self, scope: Scope) -> dict[str, int]:
        """Take every word of the person out of every store, and the jobs with it."""
        person = self._state.of(scope)
        erased = {name: sum(map(any, rows.values())) for name, rows in self._rows(scope).items()}
        erased |= {"mentions": len(person.mentions), "vectors": len(person.vectors)}
        person.turns = [one.model_copy(update=_NOTHING) for one in person.turns]
        person.former_texts = [one.model_copy(update=_NOTHING) for one in person.former_texts]
        person.operations = [one.model_copy(update={"words": None, "salt": None}) for one in person.operations]
        person.held = {name: one.model_copy(update={"verdict": None}) for name, one in person.held.items()}
        for container in (person.subjects, person.live, person.passages, person.replies):
            container.clear()
        for derived in (person.mentions, person.vectors):
            derived.clear()
        self._state.jobs = {number: job for number, job in self._state.jobs.items() if job.scope != scope}
        return erased

    def _matches(self, scope: Scope, name: str, vanished: Vanished) -> list[object]:
        if name == "vectors" and not vanished.is_everything:
            ids = {f"claim:{ref}" for ref in vanished.claims} | {f"turn:{ref}" for ref in vanished.messages}
            return [key for key in self._state.of(scope).vectors if key[1] in ids]
        if name == "mentions" and not vanished.is_everything:
            return [name for name in self._state.of(scope).mentions if name in vanished.messages]
        rows = self._rows(scope)[name]
        if vanished.is_everything:
            return [key for key, words in rows.items() if name in ("mentions", "vectors") or any(words)]
        return [key for key, words in rows.items() if vanished.sought.is_said_in(*words)]

    def _rows(self, scope: Scope) -> dict[str, _Rows]:
        person = self._state.of(scope)
        jobs = [job for job in self._state.jobs.values() if job.scope == scope]
        rows: dict[str, _Rows] = {
            "turns": {turn.seq: _said(turn) for turn in person.turns},
            "former turns": {(one.seq, one.number): _said(one) for one in person.former_texts},
            "names": {one.alias: [_name(one.name)] for one in person.subjects},
            "ledger": {one.seq: list(_fields(one.words)) for one in person.operations if one.words is not None},
            "claims": {key: list(_fields(claim.model_dump(mode="json"))) for key, (_, claim) in person.live.items()},
            "passages": {name: list(_fields(one.model_dump(mode="json"))) for name, one in person.passages.items()},
            "quarantine": {
                name: list(_fields(one.verdict.model_dump(mode="json"))) if one.verdict else []
                for name, one in person.held.items()
            },
            "model replies": {key: [one.raw, one.routing or ""] for key, one in person.replies.items()},
            "jobs": {job.id: [job.error or "", job.raw_reply or ""] for job in jobs},
            "mentions": {name: [] for name in person.mentions},
            "vectors": {key: [] for key in person.vectors},
        }
        return {
            store: {key: [text for text in words if text and text != FORGOTTEN] for key, words in found.items()}
            for store, found in rows.items()
        }


class ReferenceTombstoneStore:
    """Keyed hashes of what was forgotten."""

    def __init__(self, state: State) -> None:
        self._state = state

    def of_claims(self, scope: Scope) -> Tombstones:
        """The marks of forgotten claims."""
        person = self._state.of(scope)
        if person.tombstone_key is None:
            return NO_TOMBSTONES
        marks = frozenset(mark for mark, one in person.tombstones.items() if one.kind == "claim")
        return Tombstones(key=person.tombstone_key, marks=marks)

    def forbids(self, scope: Scope, content: str) -> bool:
        """Whether a turn must not say this: one that did was forgotten."""
        person = self._state.of(scope)
        return person.tombstone_key is not None and turn_mark(person.tombstone_key, content) in person.tombstones

    def key(self, scope: Scope) -> bytes:
        """The key of the scope's marks, drawn when it is first asked for."""
        person = self._state.made(scope)
        person.tombstone_key = person.tombstone_key or secrets.token_bytes(KEY_BYTES)
        return person.tombstone_key

    def put(self, scope: Scope, kind: TombstoneKind, marks: Collection[str], now: datetime) -> int:
        """Set marks; returns how many are new."""
        tombstones = self._state.made(scope).tombstones
        new = set(marks) - tombstones.keys()
        tombstones.update({mark: ExportedTombstone(mark=mark, kind=kind, at=now) for mark in sorted(new)})
        return len(new)

    def lift(self, scope: Scope, marks: Collection[str] | None = None) -> int:
        """Take marks away (None: all of the scope); returns how many there were."""
        tombstones = self._state.of(scope).tombstones
        gone = [mark for mark in tombstones if marks is None or mark in marks]
        for mark in gone:
            del tombstones[mark]
        return len(gone)


class ReferenceReceiptStore:
    """Proofs of what was erased, numbered a person."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add(self, scope: Scope, receipt: ErasureReceipt) -> ErasureReceipt:
        """Keep a receipt; returns it with its number."""
        receipts = self._state.made(scope).receipts
        content = json.loads(receipt.model_dump_json(exclude={"id", "preview"}))
        receipts.append(ExportedReceipt(at=receipt.at, receipt=content))
        return receipt.model_copy(update={"id": len(receipts)})

    def receipts(self, scope: Scope) -> list[ErasureReceipt]:
        """All of the scope, oldest first."""
        return [
            ErasureReceipt.model_validate_json(json.dumps(one.receipt)).model_copy(update={"id": number})
            for number, one in enumerate(self._state.of(scope).receipts, start=1)
        ]


def _said(turn: ExportedTurn | ExportedFormerText) -> list[str]:
    return [turn.content, turn.speaker or "", *(value for value in turn.metadata.values() if isinstance(value, str))]


def _name(subject: str) -> str:
    return "" if subject == SELF else subject.partition(":")[2]


def _fields(value: object) -> Iterator[str]:
    """The words in a document of our own; paths, kinds and ids are looked past."""
    if isinstance(value, list):
        for item in value:
            yield from _fields(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _WORD_FIELDS:
                yield from (item if isinstance(item, list) else [item] if isinstance(item, str) else [])
            elif key == "subject" and isinstance(item, str):
                yield _name(item)
            else:
                yield from _fields(item)
