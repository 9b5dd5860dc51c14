"""What turns said before: one row a change, so that any change can be taken back, and that in turn."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from treering.errors import UndoConflict
from treering.memory.stores.chunks import chunks
from treering.memory.stores.tables import turn_versions, turns
from treering.memory.stores.words import open_or_none
from treering.schemas.retraction import FormerText

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.stores.transaction import Transaction

_SAID = ("content", "speaker", "metadata")
"""What a change replaces of a turn."""

_TURN = select(turns.c.seq, turns.c.message_id, *(turns.c[name] for name in _SAID)).where(
    turns.c.scope_id == bindparam("scope_id")
)
_NAMED_TURN = _TURN.where(turns.c.message_id == bindparam("message_id"))
_TURN_AT = _TURN.where(turns.c.seq == bindparam("seq"))
_OF_TURN = (
    select(turn_versions)
    .where(turn_versions.c.scope_id == bindparam("scope_id"), turn_versions.c.seq == bindparam("seq"))
    .order_by(turn_versions.c.number)
)
_OF_VERSION = (
    select(turn_versions.c.seq, func.min(turn_versions.c.number).label("number"))
    .where(turn_versions.c.scope_id == bindparam("scope_id"), turn_versions.c.version >= bindparam("first"))
    .where(turn_versions.c.version <= bindparam("last"))
    .group_by(turn_versions.c.seq)
    .order_by(turn_versions.c.seq)
)
_ADD = insert(turn_versions)
_PUT = (
    update(turns)
    .where(turns.c.scope_id == bindparam("of_scope"), turns.c.seq == bindparam("of_seq"))
    .values({name: bindparam(name) for name in _SAID})
)


class TurnVersions:
    """The former texts of one scope's turns, within one transaction."""

    def __init__(self, transaction: Transaction, scope_id: int | None) -> None:
        self._connection = transaction.connection
        self._scope_id = scope_id
        self._words = transaction.words(scope_id)

    def former(self, message_ids: Sequence[str]) -> dict[str, list[FormerText]]:
        """What these turns said before, oldest first; a turn that was never changed is left out."""
        found: dict[str, list[FormerText]] = {}
        for some in chunks(message_ids):
            query = (
                select(turns.c.message_id, turn_versions)
                .join(turns, (turns.c.scope_id == turn_versions.c.scope_id) & (turns.c.seq == turn_versions.c.seq))
                .where(turn_versions.c.scope_id == self._scope_id, turns.c.message_id.in_(some))
                .order_by(turn_versions.c.seq, turn_versions.c.number)
            )
            for row in self._connection.execute(query):
                found.setdefault(row.message_id, []).append(self._former(row))
        return found

    def replace(self, message_id: str, content: str | None, *, version: int | None, now: datetime) -> int:
        """Give a turn another text, or none, and keep what it said; returns the number of the change."""
        named = {"scope_id": self._scope_id, "message_id": message_id}
        turn = self._connection.execute(_NAMED_TURN, named).one()
        if content is None:
            return self._change(turn, ("", None, self._words.seal("{}")), version=version, now=now)
        said = turn
        if not turn.content:  # it was retracted: who said it comes back with the new text
            said = next((row for row in reversed(self._rows(turn.seq)) if row.content), turn)
        sealed = (self._words.seal(content), said.speaker, said.metadata)
        return self._change(turn, sealed, version=version, now=now)

    def swap(self, *, version: int, by: int, now: datetime) -> list[str]:
        """Give turns back what they said before `version`; returns their message ids.

        Raises:
            UndoConflict: One of them was changed again since.
        """
        changed = []
        for turn, row, following in self._changed_by(version, version):
            after = turn.content if following is None else following.content
            if self._words.open(after) != self._words.open(turn.content):
                raise UndoConflict(version, turn.message_id, what="message")
            self._change(turn, (row.content, row.speaker, row.metadata), version=by, now=now)
            changed.append(turn.message_id)
        return changed

    def rewind(self, *, to: int, by: int, now: datetime) -> list[str]:
        """Give turns that later versions changed what they said at version `to`; returns their message ids."""
        changed = []
        for turn, row, _ in self._changed_by(to + 1, by):
            if self._words.open(row.content) != self._words.open(turn.content):
                self._change(turn, (row.content, row.speaker, row.metadata), version=by, now=now)
                changed.append(turn.message_id)
        return changed

    def erase(self, message_ids: Sequence[str]) -> int:
        """Drop what these turns said before; returns how many of them had no other words left."""
        gone = 0
        for some in chunks(message_ids):
            named = (turns.c.scope_id == self._scope_id) & turns.c.message_id.in_(some)
            seqs = select(turns.c.seq).where(named)
            these = (turn_versions.c.scope_id == self._scope_id) & turn_versions.c.seq.in_(seqs)
            mute = select(func.count(turn_versions.c.seq.distinct())).where(
                these, turn_versions.c.seq.in_(seqs.where(turns.c.content == ""))
            )
            gone += self._connection.execute(mute).scalar_one()
            self._connection.execute(delete(turn_versions).where(these))
        return gone

    def _changed_by(self, first: int, last: int) -> list[tuple[Row[Any], Row[Any], Row[Any] | None]]:
        """Turns that versions from `first` to `last` changed: as they are, the first such change, and the one after."""
        bounds = {"scope_id": self._scope_id, "first": first, "last": last}
        found: list[tuple[Row[Any], Row[Any], Row[Any] | None]] = []
        for place in self._connection.execute(_OF_VERSION, bounds).all():
            rows = self._rows(place.seq)
            later = [row for row in rows if row.number >= place.number]
            turn = self._connection.execute(_TURN_AT, {"scope_id": self._scope_id, "seq": place.seq}).one()
            found.append((turn, later[0], later[1] if len(later) > 1 else None))
        return found

    def _rows(self, seq: int) -> Sequence[Row[Any]]:
        return self._connection.execute(_OF_TURN, {"scope_id": self._scope_id, "seq": seq}).all()

    def _change(
        self, turn: Row[Any], sealed: tuple[str, str | None, str], *, version: int | None, now: datetime
    ) -> int:
        rows = self._rows(turn.seq)
        number = rows[-1].number + 1 if rows else 1
        place = {"scope_id": self._scope_id, "seq": turn.seq, "number": number}
        before = {name: getattr(turn, name) for name in _SAID}
        self._connection.execute(_ADD, {**place, **before, "version": version, "replaced_at": now})
        after = dict(zip(_SAID, sealed, strict=True))
        self._connection.execute(_PUT, {**after, "of_scope": self._scope_id, "of_seq": turn.seq})
        return int(number)

    def _former(self, row: Row[Any]) -> FormerText:
        return FormerText(
            number=row.number,
            version=row.version,
            content=self._words.open(row.content),
            speaker=open_or_none(self._words, row.speaker),
            metadata=json.loads(self._words.open(row.metadata)),
            replaced_at=row.replaced_at,
        )
