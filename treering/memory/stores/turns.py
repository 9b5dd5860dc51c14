"""The turn log in SQL."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from treering.errors import MessageConflict
from treering.memory.digest import canonical, message_id
from treering.memory.stores.chunks import chunks
from treering.memory.stores.owners import erase_speakers, owner
from treering.memory.stores.session_counts import recount
from treering.memory.stores.tables import heads, scopes, sessions, tombstone_keys, turns
from treering.memory.stores.words import Words, open_or_none, seal_or_none
from treering.schemas.dialogue import MAX_INDEX, Message, Receipt, Scope, Session, Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from treering.memory.stores.transaction import Transaction
    from treering.memory.stores.turn_versions import TurnVersions
    from treering.schemas.retraction import FormerText

_LAST_SEQ = select(func.coalesce(func.max(turns.c.seq), 0)).where(turns.c.scope_id == scopes.c.id).scalar_subquery()
# One statement for all that an append has to know: at this size, statements are what an acknowledgement costs.
_PLACE = (
    select(scopes.c.id, _LAST_SEQ, sessions.c.next_index, sessions.c.started_at, sessions.c.last_at)
    .add_columns(heads.c.key_version, tombstone_keys.c.key, sessions.c.ended)
    .join(heads, heads.c.scope_id == scopes.c.id)
    .outerjoin(sessions, (sessions.c.scope_id == scopes.c.id) & (sessions.c.session == bindparam("session")))
    .outerjoin(tombstone_keys, tombstone_keys.c.scope_id == scopes.c.id)
    .where(scopes.c.tenant == bindparam("tenant"), scopes.c.user == bindparam("user"))
)
_WORDS = select(turns.c.message_id, turns.c.role, turns.c.content).where(turns.c.scope_id == bindparam("scope_id"))
_KNOWN = _WORDS.where(turns.c.message_id.in_(bindparam("ids", expanding=True)))
#: For a single message, the normal case: a list of values is spelled out anew at each call, which costs 40 µs.
_KNOWN_ONE = _WORDS.where(turns.c.message_id == bindparam("id"))
_TURNS = select(
    turns.c.message_id,
    turns.c.session,
    turns.c.index,
    turns.c.seq,
    turns.c.role,
    turns.c.content,
    turns.c.at,
    turns.c.speaker,
    turns.c.metadata,
)
_OURS = _TURNS.where(turns.c.scope_id == bindparam("of_scope"))
_NAMED = _OURS.where(turns.c.message_id.in_(bindparam("names", expanding=True)))
_AFTER = _OURS.where(turns.c.seq > bindparam("after")).order_by(turns.c.seq)
_LATEST = _OURS.order_by(turns.c.seq.desc())
_THROUGH = turns.c.seq <= bindparam("through")
_IN_SESSION = turns.c.session == bindparam("session")
_SESSIONS = select(sessions).where(sessions.c.scope_id == bindparam("of_scope")).order_by(sessions.c.first_seq)
_ADD_TURN = insert(turns)
_ADD_SESSION = insert(sessions)
_MOVE_SESSION = (
    update(sessions)
    .where(sessions.c.scope_id == bindparam("of_scope"), sessions.c.session == bindparam("of_session"))
    .values(
        turns=sessions.c.turns + bindparam("more"),
        next_index=bindparam("next_index"),
        started_at=bindparam("started_at"),
        last_at=bindparam("last_at"),
        ended=False,
    )
)
_END_OTHERS = (
    update(sessions)
    .where(
        sessions.c.scope_id == bindparam("of_scope"),
        sessions.c.session != bindparam("of_session"),
        sessions.c.ended.is_(False),
    )
    .values(ended=True)
)
_SAID = {"role", "content", "speaker", "metadata"}
"""What a turn takes over from its message."""

_Words = tuple[str, str]
"""Role and content: what must be equal when an id comes again."""


class _Place(NamedTuple):
    scope_id: int
    last_seq: int
    next_index: int | None
    started_at: datetime | None
    last_at: datetime | None
    key_version: int = 0
    tombstone_key: bytes | None = None
    """None where nothing was ever forgotten: then nothing is looked up."""
    has_ended: bool | None = None
    """Whether the session had ended; None for a new one."""


class SqlTurnLog:
    """Every turn that was ever said, in order."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def append(self, scope: Scope, session: str, messages: Sequence[Message], now: datetime) -> Receipt:
        """Store messages as turns; see the port."""
        if not messages:
            return Receipt(session=session, stored=(), known=())
        place = self._place(scope, session)
        known = self._known(place.scope_id, _ids_given(session, messages))
        if known:
            known |= self._said_before(place.scope_id, session, messages, known)
        fresh, repeated = _arrange(session, messages, known, place, now)
        forgotten: frozenset[str] = frozenset()
        if fresh and place.tombstone_key is not None:
            key = self._transaction.unwrap(scope, place.tombstone_key)
            fresh, forgotten = self._without_forgotten(place.scope_id, key, fresh)
        has_moved_on = bool(fresh) and self._store(session, fresh, place)
        return Receipt(
            session=session,
            stored=tuple(turn.message_id for turn in fresh if turn.message_id not in forgotten),
            known=tuple(repeated),
            forgotten=tuple(turn.message_id for turn in fresh if turn.message_id in forgotten),
            has_moved_on=has_moved_on,
        )

    def turns(
        self,
        scope: Scope,
        *,
        after: int = 0,
        through: int | None = None,
        session: str | None = None,
        limit: int | None = None,
    ) -> list[Turn]:
        """Turns with `after < seq <= through`, in order of seq."""
        return self._read(_AFTER, scope, after=after, through=through, session=session, limit=limit)

    def latest(self, scope: Scope, *, limit: int, through: int | None = None, session: str | None = None) -> list[Turn]:
        """The last `limit` turns with `seq <= through`, in order of seq."""
        return self._read(_LATEST, scope, through=through, session=session, limit=limit)[::-1]

    def get(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, Turn]:
        """The turns that exist, by message id, in the order asked for."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        found: dict[str, Turn] = {}
        for some in chunks(message_ids):
            for row in self._connection.execute(_NAMED, {"of_scope": scope_id, "names": list(some)}):
                turn = _turn(row, words)
                found[turn.message_id] = turn
        return {name: found[name] for name in message_ids if name in found}

    def sessions(self, scope: Scope) -> list[Session]:
        """Sessions, in order of their first turn."""
        scope_id = self._transaction.scope_id(scope)
        return [_session(row) for row in self._connection.execute(_SESSIONS, {"of_scope": scope_id})]

    def owner(self, scope: Scope) -> str | None:
        """The speaker who is the user; see the port."""
        scope_id = self._transaction.scope_id(scope)
        return owner(self._connection, scope_id, self._transaction.words(scope_id), scope.user)

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """No more turns are expected in this session, or in any."""
        scope_id = self._transaction.scope_id(scope)
        change = update(sessions).where(sessions.c.scope_id == scope_id, sessions.c.ended.is_(False))
        if session is not None:
            change = change.where(sessions.c.session == session)
        self._connection.execute(change.values(ended=True))

    def recount(self, scope: Scope) -> None:
        """Make the sessions anew from the turns; which of them have ended is kept."""
        scope_id = self._transaction.scope_id(scope)
        if scope_id is not None:
            recount(self._connection, scope_id)

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Empty turns of content, metadata, speaker and former texts; ids and order stay."""
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        nothing = words.seal("{}")
        erased = self._versions(scope).erase(message_ids)
        erase_speakers(self._connection, scope_id, words, message_ids)
        for some in chunks(message_ids):
            change = update(turns).where(
                turns.c.scope_id == scope_id, turns.c.message_id.in_(some), turns.c.content != ""
            )
            erased += self._connection.execute(change.values(content="", metadata=nothing)).rowcount
        if erased:
            self._transaction.note_erasure()
        return erased

    def replace(self, scope: Scope, message_id: str, content: str | None, *, version: int | None, now: datetime) -> int:
        """Give a turn another text, or none, and keep what it said; see the port."""
        return self._versions(scope).replace(message_id, content, version=version, now=now)

    def former(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, list[FormerText]]:
        """What these turns said before each change, oldest first."""
        return self._versions(scope).former(message_ids)

    def swap(self, scope: Scope, *, version: int, by: int, now: datetime) -> list[str]:
        """Give turns back what they said before `version`; see the port."""
        return self._versions(scope).swap(version=version, by=by, now=now)

    def rewind(self, scope: Scope, *, to: int, by: int, now: datetime) -> list[str]:
        """Give turns that later versions changed what they said at version `to`; see the port."""
        return self._versions(scope).rewind(to=to, by=by, now=now)

    def _without_forgotten(self, scope_id: int, key: bytes, fresh: list[Turn]) -> tuple[list[Turn], frozenset[str]]:
        from treering.memory.stores.tombstones import without_forgotten  # noqa: PLC0415 - only where something was

        return without_forgotten(self._connection, scope_id, key, fresh)

    def _versions(self, scope: Scope) -> TurnVersions:
        return self._versions_in(self._transaction.scope_id(scope))

    def _versions_in(self, scope_id: int | None) -> TurnVersions:
        from treering.memory.stores.turn_versions import TurnVersions  # noqa: PLC0415 - only where a message was changed

        return TurnVersions(self._transaction, scope_id)

    def _said_before(
        self, scope_id: int, session: str, messages: Sequence[Message], known: dict[str, _Words]
    ) -> dict[str, _Words]:
        """Of turns that were retracted or amended: the former text that a message repeats, or one that it does not."""
        told = {
            name: message.content
            for message in messages
            if (name := _id_given(session, message)) in known and message.content != known[name][1]
        }
        former = self._versions_in(scope_id).former(list(told)) if told else {}
        found: dict[str, _Words] = {}
        for name, changes in former.items():
            role, content = known[name]
            texts = [change.content for change in changes]
            is_former = told[name] in texts or not texts[0]  # forgotten since: nobody can tell any more
            found[name] = (role, told[name] if is_former else content or texts[0])
        return found

    def _known(self, scope_id: int, ids: Sequence[str]) -> dict[str, _Words]:
        if len(ids) == 1:
            rows = self._connection.execute(_KNOWN_ONE, {"scope_id": scope_id, "id": ids[0]}).all()
        else:
            rows = [
                row
                for some in chunks(ids)
                for row in self._connection.execute(_KNOWN, {"scope_id": scope_id, "ids": some})
            ]
        words = self._transaction.words(scope_id)
        return {row.message_id: (row.role, words.open(row.content)) for row in rows}

    def _place(self, scope: Scope, session: str) -> _Place:
        names = {"tenant": scope.tenant, "user": scope.user, "session": session}
        if self._transaction.locks_scopes:  # before, because a statement that waits sees what was there before it did
            self._transaction.scope_id(scope, create=True)
        row = self._connection.execute(_PLACE, names).first()
        if row is None:
            return _Place(self._transaction.scope_id(scope, create=True), 0, None, None, None)
        place = _Place(*row)
        self._transaction.found(scope, place.scope_id)
        self._transaction.note_key(place.scope_id, place.key_version)
        return place

    def _store(self, session: str, fresh: Sequence[Turn], place: _Place) -> bool:
        """Store turns; returns whether other sessions ended, or this one had and goes on."""
        scope_id = place.scope_id
        words = self._transaction.words(scope_id)
        self._connection.execute(_ADD_TURN, [_turn_row(scope_id, turn, words) for turn in fresh])
        moments = [turn.at for turn in fresh]
        row = {
            "started_at": min([*moments, *filter(None, [place.started_at])]),
            "last_at": max([*moments, *filter(None, [place.last_at])]),
            "next_index": _free_after(place.next_index or 0, max(turn.index for turn in fresh)),
        }
        of = {"of_scope": scope_id, "of_session": session}
        if place.next_index is not None:
            self._connection.execute(_MOVE_SESSION, {**row, **of, "more": len(fresh)})
            return bool(place.has_ended)
        ended = self._connection.execute(_END_OTHERS, of).rowcount
        new = {"scope_id": scope_id, "session": session, "first_seq": fresh[0].seq, "turns": len(fresh)}
        self._connection.execute(_ADD_SESSION, {**row, **new, "ended": False})
        return ended > 0

    def _read(
        self,
        query: Select[Any],
        scope: Scope,
        *,
        through: int | None,
        session: str | None,
        limit: int | None,
        **asked: int,
    ) -> list[Turn]:
        scope_id = self._transaction.scope_id(scope)
        words = self._transaction.words(scope_id)
        narrowed = _narrowed(query, through is not None, session is not None, limit is not None)
        asked_for = {**asked, "of_scope": scope_id, "through": through, "session": session, "limit": limit}
        return [_turn(row, words) for row in self._connection.execute(narrowed, asked_for)]


@cache
def _narrowed(query: Select[Any], is_through: bool, is_in_session: bool, is_limited: bool) -> Select[Any]:
    """A query of turns with these conditions more: written once a process, as a statement costs more than its rows."""
    query = query.where(_THROUGH) if is_through else query
    query = query.where(_IN_SESSION) if is_in_session else query
    return query.limit(bindparam("limit")) if is_limited else query


def _ids_given(session: str, messages: Sequence[Message]) -> list[str]:
    """Ids that do not depend on what is stored: chosen by the application, or following from a given place."""
    return [identifier for message in messages if (identifier := _id_given(session, message)) is not None]


def _id_given(session: str, message: Message) -> str | None:
    if message.id is None and message.index is not None:
        return message_id(session, message.index, message.role, message.content)
    return message.id


def _arrange(
    session: str, messages: Sequence[Message], known: dict[str, _Words], place: _Place, now: datetime
) -> tuple[list[Turn], list[str]]:
    """Messages as new turns at their places, and the ids of those that are known."""
    stored = dict(known)
    fresh: list[Turn] = []
    repeated: list[str] = []
    free = place.next_index or 0
    for message in messages:
        index = free if message.index is None else message.index
        identifier = message.id or message_id(session, index, message.role, message.content)
        if identifier in stored:
            _check_same(identifier, message, stored[identifier])
            repeated.append(identifier)
            continue
        seq = place.last_seq + len(fresh) + 1
        turn = Turn(message_id=identifier, session=session, index=index, seq=seq, **_said(message, now))
        stored[identifier] = (turn.role, turn.content)
        fresh.append(turn)
        free = _free_after(free, index)
    return fresh, repeated


def _free_after(free: int, index: int) -> int:
    """The next free place in a session; the last one there is may be taken again, as no database counts further."""
    return min(MAX_INDEX, max(free, index + 1))


def _check_same(identifier: str, message: Message, stored: _Words) -> None:
    role, content = stored
    if content and (role, content) != (message.role, message.content):
        raise MessageConflict(identifier)


def _said(message: Message, now: datetime) -> dict[str, Any]:
    return {**message.model_dump(include=_SAID), "at": message.at or now}


def _turn_row(scope_id: int, turn: Turn, words: Words) -> dict[str, object]:
    row = {name: getattr(turn, name) for name in Turn.model_fields}
    said = {
        "content": words.seal(turn.content),
        "speaker": seal_or_none(words, turn.speaker),
        "metadata": words.seal(canonical(turn.metadata)),
    }
    return {**row, **said, "scope_id": scope_id}


def _turn(row: Sequence[Any], words: Words) -> Turn:
    """A row of `_TURNS`; taken apart by place, because each recall reads some thirty."""
    message_id, session, index, seq, role, content, at, speaker, metadata = row
    plain = words.open(metadata)
    return Turn(
        message_id=message_id,
        session=session,
        index=index,
        seq=seq,
        role=role,
        content=words.open(content),
        at=at,
        speaker=open_or_none(words, speaker),
        metadata={} if plain == "{}" else json.loads(plain),
    )


def _session(row: Row[Any]) -> Session:
    return Session(id=row.session, started_at=row.started_at, last_at=row.last_at, turns=row.turns, ended=row.ended)
