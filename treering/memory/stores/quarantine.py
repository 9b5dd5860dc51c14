"""The quarantine in SQL: verdicts that wait for a person, and what models replied."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, func, insert, or_, select, update

from treering.memory.digest import canonical
from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import NOT_READ, held, jobs, replies, turns
from treering.memory.stores.upsert import upsert
from treering.schemas.claims import FORGOTTEN
from treering.schemas.listening import Held, Reply, Verdict
from treering.schemas.operations import Add, Delete, NoOp, Operation, Update

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from treering.memory.stores.transaction import Transaction
    from treering.memory.stores.words import Words
    from treering.schemas.dialogue import Scope

HELD_ID_CHARS = 24
"""Length of a held verdict's id, in hex digits: 96 bits, as for claims."""

_DECIDED: dict[str, str | None] = {"verdict": None, "target": None}
_REPLY = select(replies.c.reply).where(
    replies.c.scope_id == bindparam("of_scope"),
    replies.c.window_id == bindparam("of_window"),
    replies.c.listener == bindparam("of_listener"),
)


class SqlQuarantine:
    """Verdicts that wait for a person, and model replies kept word for word."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def hold(self, scope: Scope, window_id: str, verdicts: Sequence[Verdict], now: datetime) -> list[Held]:
        """Keep verdicts; returns those that wait now. One that a person decided before is not asked again."""
        scope_id = self._transaction.scope_id(scope, create=True)
        words = self._transaction.words(scope_id)
        named = {_held_id(window_id, verdict): verdict for verdict in verdicts}
        known = self._rows(scope_id, list(named))
        rows = [
            {
                "scope_id": scope_id,
                "held_id": name,
                "window_id": window_id,
                "verdict": words.seal(verdict.model_dump_json()),
                "recorded_at": now,
                "target": verdict.forgets,
            }
            for name, verdict in named.items()
            if name not in known
        ]
        if rows:
            self._connection.execute(insert(held), rows)
        self._note_targets(scope_id, words)
        waiting = {**known, **self._rows(scope_id, [name for name in named if name not in known])}
        return [_held(waiting[name], words) for name in named if waiting[name].verdict is not None]

    def held(self, scope: Scope) -> list[Held]:
        """What waits, oldest first."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        query = select(held).where(held.c.scope_id == scope_id, held.c.verdict.is_not(None))
        return [_held(row, words) for row in self._connection.execute(query.order_by(held.c.id))]

    def wishes(self, scope: Scope) -> list[Held]:
        """Those of them that ask to have a claim forgotten, oldest first."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        query = select(held).where(held.c.scope_id == scope_id, held.c.target.is_not(None)).order_by(held.c.id)
        waiting = [_held(row, words) for row in self._connection.execute(query)]
        return [one for one in waiting if one.verdict.forgets is not None]

    def resolve(self, scope: Scope, held_id: str) -> Held | None:
        """Take one out of quarantine, and return it; its id stays, so that it does not come again."""
        scope_id = self._transaction.scope_id(scope)
        row = self._rows(scope_id, [held_id]).get(held_id)
        if row is None or row.verdict is None:
            return None
        self._connection.execute(update(held).where(held.c.id == row.id).values(_DECIDED))
        return _held(row, self._transaction.words(scope_id))

    def replace(self, scope: Scope, waiting: Held) -> None:
        """Store what waits anew, under its id."""
        scope_id = self._transaction.scope_id(scope)
        verdict = self._transaction.words(scope_id).seal(waiting.verdict.model_dump_json())
        of = (held.c.scope_id == scope_id, held.c.held_id == waiting.id, held.c.verdict.is_not(None))
        self._connection.execute(update(held).where(*of).values(verdict=verdict, target=waiting.verdict.forgets))

    def drop_replies(self, scope: Scope) -> int:
        """Drop all stored replies."""
        scope_id = self._transaction.scope_id(scope)
        return self._connection.execute(delete(replies).where(replies.c.scope_id == scope_id)).rowcount

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Drop what was held on these messages, and every reply that may repeat them.

        A reply to a later window may repeat them too, because the model had the tree before it. A lost reply costs
        one question, a kept one breaks a promise; so all of them go, and with them what failed jobs say of theirs: the
        message of an error may quote anything.
        """
        scope_id = self._transaction.scope_id(scope)
        if scope_id is None or not message_ids:
            return 0
        erased = self._drop_held(scope_id, set(message_ids))
        first = self._first_seq(scope_id, message_ids)
        if first is not None:
            erased += self._drop_replies(scope_id, first)
        if erased:
            self._transaction.note_erasure()
        return erased

    def save_reply(self, scope: Scope, window_id: str, listener: str, reply: Reply) -> None:
        """Keep a model's reply before it is applied."""
        scope_id = self._transaction.scope_id(scope, create=True)
        row = {
            "scope_id": scope_id,
            "window_id": window_id,
            "listener": listener,
            "last_seq": _last_seq(window_id),
            "reply": self._transaction.words(scope_id).seal(reply.model_dump_json()),
        }
        self._connection.execute(upsert(self._connection, replies), row)

    def reply(self, scope: Scope, window_id: str, listener: str) -> Reply | None:
        """The stored reply to a window, if this listener asked about it before."""
        scope_id = self._transaction.scope_id(scope)
        asked = {"of_scope": scope_id, "of_window": window_id, "of_listener": listener}
        found = self._connection.execute(_REPLY, asked).scalar()
        if found is None:
            return None
        return Reply.model_validate_json(self._transaction.words(scope_id).open(found))

    def _rows(self, scope_id: int | None, ids: Sequence[str]) -> dict[str, Row[Any]]:
        found: dict[str, Row[Any]] = {}
        for some in chunks(ids):
            query = select(held).where(held.c.scope_id == scope_id, held.c.held_id.in_(some))
            found.update({row.held_id: row for row in self._connection.execute(query)})
        return found

    def _note_targets(self, scope_id: int, words: Words) -> None:
        """Of what waits since an older format: so that nobody has to open it again to see what it is about."""
        query = select(held).where(held.c.scope_id == scope_id, held.c.target == NOT_READ)
        for row in self._connection.execute(query).all():
            target = _held(row, words).verdict.forgets
            self._connection.execute(update(held).where(held.c.id == row.id).values(target=target))

    def _drop_held(self, scope_id: int, message_ids: set[str]) -> int:
        words = self._transaction.words(scope_id)
        query = select(held).where(held.c.scope_id == scope_id, held.c.verdict.is_not(None))
        doomed = [
            row.id for row in self._connection.execute(query) if message_ids & set(_cited(_held(row, words).verdict))
        ]
        for identifier in doomed:
            self._connection.execute(update(held).where(held.c.id == identifier).values(_DECIDED))
        return len(doomed)

    def _first_seq(self, scope_id: int, message_ids: Sequence[str]) -> int | None:
        found: list[int] = []
        for some in chunks(message_ids):
            query = select(func.min(turns.c.seq)).where(turns.c.scope_id == scope_id, turns.c.message_id.in_(some))
            found += [seq for seq in self._connection.execute(query).scalars() if seq is not None]
        return min(found, default=None)

    def _drop_replies(self, scope_id: int, first_seq: int) -> int:
        later = or_(replies.c.last_seq >= first_seq, replies.c.last_seq.is_(None))
        dropped = self._connection.execute(delete(replies).where(replies.c.scope_id == scope_id, later)).rowcount
        told = or_(jobs.c.raw_reply.is_not(None), jobs.c.error.is_not(None) & (jobs.c.error != FORGOTTEN))
        of_scope = update(jobs).where(jobs.c.scope_id == scope_id)
        dropped += self._connection.execute(of_scope.where(told).values(raw_reply=None, error=FORGOTTEN)).rowcount
        # A running one may be about to fail with a message that quotes the words; see `SqlJobQueue.fail`.
        self._connection.execute(of_scope.where(jobs.c.state == "running").values(error=FORGOTTEN))
        return dropped


def _held_id(window_id: str, verdict: Verdict) -> str:
    content = canonical([window_id, verdict.draft.model_dump(mode="json")])
    return hashlib.sha256(content.encode()).hexdigest()[:HELD_ID_CHARS]


def _held(row: Row[Any], words: Words) -> Held:
    verdict = Verdict.model_validate_json(words.open(row.verdict))
    return Held(id=row.held_id, window_id=row.window_id, verdict=verdict, recorded_at=row.recorded_at)


def _cited(verdict: Verdict) -> Iterator[str]:
    """The messages that a verdict rests on."""
    if verdict.draft.message_id is not None:
        yield verdict.draft.message_id
    if verdict.operation is not None:
        yield from (piece.message_id for piece in _evidence(verdict.operation))


def _evidence(operation: Operation) -> tuple[Any, ...]:
    match operation:
        case Add(claim=claim) | Update(claim=claim):
            return claim.evidence
        case Delete(evidence=evidence) | NoOp(evidence=evidence):
            return evidence


def _last_seq(window_id: str) -> int | None:
    """The last turn of a window named `first-last`; None for another name."""
    first, _, last = window_id.partition("-")
    return int(last) if first.isdecimal() and last.isdecimal() else None
