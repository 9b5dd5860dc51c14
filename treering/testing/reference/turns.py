"""The turn log: lists of turns, and of what they said before."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from treering.errors import MessageConflict, UndoConflict
from treering.memory.digest import message_id
from treering.memory.tombstones import turn_mark
from treering.memory.whose import owner_among
from treering.schemas.dialogue import MAX_INDEX, Receipt, Session, Turn
from treering.schemas.export import ExportedFormerText, ExportedSession, ExportedTurn
from treering.schemas.retraction import FormerText

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from treering.schemas.dialogue import Message, Scope
    from treering.testing.reference.state import Person, State

_NOTHING: dict[str, object] = {"content": "", "speaker": None, "metadata": {}}
"""What an erased or retracted turn says."""


class ReferenceTurnLog:
    """Every turn that was ever said, in order."""

    def __init__(self, state: State) -> None:
        self._state = state

    def append(self, scope: Scope, session: str, messages: Sequence[Message], now: datetime) -> Receipt:
        """Store messages as turns; see the port."""
        receipt: dict[str, list[str]] = {"stored": [], "known": [], "forgotten": []}
        person = self._state.made(scope) if messages else self._state.of(scope)
        place = person.sessions.get(session)
        index = place.next_index if place else 0
        fresh: list[ExportedTurn] = []
        for message in messages:
            at = index if message.index is None else message.index
            name = message.id or message_id(session, at, message.role, message.content)
            known = _named([*person.turns, *fresh], name)
            if known is not None:
                _check_same(person, known, message)
                receipt["known"].append(name)
                continue
            said = {"role": message.role, "content": message.content}
            noted = {"at": message.at or now, "speaker": message.speaker, "metadata": message.metadata}
            seq = len(person.turns) + len(fresh) + 1
            fresh.append(ExportedTurn(seq=seq, message_id=name, session=session, index=at, **said, **noted))
            index = min(MAX_INDEX, max(index, at + 1))
        for turn in fresh:
            is_forgotten = _is_forgotten(person, turn)
            person.turns.append(turn.model_copy(update=_NOTHING) if is_forgotten else turn)
            receipt["forgotten" if is_forgotten else "stored"].append(turn.message_id)
        open_before = {name for name, one in person.sessions.items() if not one.ended}
        if fresh:
            _note_session(person, session, fresh)
        open_now = {name for name, one in person.sessions.items() if not one.ended}
        has_moved_on = bool(open_before - open_now) or (place is not None and open_now > open_before)
        lists = {kind: tuple(names) for kind, names in receipt.items()}
        return Receipt(session=session, **lists, has_moved_on=has_moved_on)

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
        found = [
            Turn(**dict(turn))
            for turn in self._state.of(scope).turns
            if after < turn.seq
            and (through is None or turn.seq <= through)
            and (session is None or turn.session == session)
        ]
        return found if limit is None else found[:limit]

    def latest(self, scope: Scope, *, limit: int, through: int | None = None, session: str | None = None) -> list[Turn]:
        """The last `limit` turns with `seq <= through`, in order of seq."""
        found = self.turns(scope, through=through, session=session)
        return found[max(0, len(found) - limit) :]

    def get(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, Turn]:
        """The turns that exist, by message id, in the order asked for."""
        found = {turn.message_id: turn for turn in self.turns(scope)}
        return {name: found[name] for name in message_ids if name in found}

    def sessions(self, scope: Scope) -> list[Session]:
        """Sessions, in order of their first turn."""
        found = sorted(self._state.of(scope).sessions.values(), key=lambda one: one.first_seq)
        return [Session(id=one.session, **one.model_dump(include=set(Session.model_fields))) for one in found]

    def owner(self, scope: Scope) -> str | None:
        """The speaker who is the user; see the port."""
        person = self._state.of(scope)
        former = {one.seq: one.speaker for one in person.former_texts if one.number == 1}
        said = [(turn.session, turn.speaker or former.get(turn.seq), turn) for turn in person.turns]
        spoken = [(session, name) for session, name, turn in said if turn.role == "user" and (name or turn.content)]
        return owner_among(spoken, scope.user)

    def end_session(self, scope: Scope, session: str | None = None) -> None:
        """No more turns are expected in this session, or in any."""
        sessions = self._state.of(scope).sessions
        for name in sessions:
            if session in (None, name):
                sessions[name] = sessions[name].model_copy(update={"ended": True})

    def recount(self, scope: Scope) -> None:
        """Make the sessions anew from the turns; which of them have ended is kept."""
        person = self._state.of(scope)
        ended = {name for name, one in person.sessions.items() if one.ended}
        person.sessions.clear()
        for turn in person.turns:
            _note_session(person, turn.session, [turn])
        for name, one in person.sessions.items():
            person.sessions[name] = one.model_copy(update={"ended": name in ended})

    def erase(self, scope: Scope, message_ids: Sequence[str]) -> int:
        """Empty turns of content, metadata, speaker and former texts; ids and order stay."""
        person = self._state.of(scope)
        named = [turn for turn in person.turns if turn.message_id in set(message_ids)]
        changed = {former.seq for former in person.former_texts}
        erased = [turn for turn in named if turn.content or turn.seq in changed]
        for turn in named:
            person.turns[turn.seq - 1] = turn.model_copy(update={**_NOTHING, "speaker": turn.speaker})
        left = {turn.speaker for turn in person.turns if turn.content}
        for turn in person.turns:
            if not turn.content and turn.speaker not in left:
                person.turns[turn.seq - 1] = turn.model_copy(update={"speaker": None})
        gone = {turn.seq for turn in named}
        person.former_texts = [former for former in person.former_texts if former.seq not in gone]
        return len(erased)

    def replace(self, scope: Scope, message_id: str, content: str | None, *, version: int | None, now: datetime) -> int:
        """Give a turn another text, or none, and keep what it said; see the port."""
        person = self._state.of(scope)
        [turn] = [turn for turn in person.turns if turn.message_id == message_id]
        if content is None:
            return _change(person, turn, _NOTHING, version, now)
        said: ExportedTurn | ExportedFormerText = turn
        if not turn.content:  # it was retracted: who said it comes back with the new text
            said = next((one for one in reversed(_former(person, turn)) if one.content), said)
        after: dict[str, object] = {"content": content, "speaker": said.speaker, "metadata": said.metadata}
        return _change(person, turn, after, version, now)

    def former(self, scope: Scope, message_ids: Sequence[str]) -> dict[str, list[FormerText]]:
        """What these turns said before each change, oldest first."""
        person = self._state.of(scope)
        found = {turn.message_id: _former(person, turn) for turn in person.turns if turn.message_id in message_ids}
        return {
            name: [FormerText(**one.model_dump(exclude={"seq"})) for one in all_]
            for name, all_ in found.items()
            if all_
        }

    def swap(self, scope: Scope, *, version: int, by: int, now: datetime) -> list[str]:
        """Give turns back what they said before `version`; see the port."""
        person = self._state.of(scope)
        changed = list(_changed_by(person, range(version, version + 1)))
        for turn, before, after in changed:
            if after != turn.content:
                raise UndoConflict(version, turn.message_id, what="message")
            _change(person, turn, _said(before), by, now)
        return [turn.message_id for turn, _, _ in changed]

    def rewind(self, scope: Scope, *, to: int, by: int, now: datetime) -> list[str]:
        """Give turns that later versions changed what they said at version `to`; see the port."""
        person = self._state.of(scope)
        changed = [
            (turn, before)
            for turn, before, _ in _changed_by(person, range(to + 1, by + 1))
            if before.content != turn.content
        ]
        for turn, before in changed:
            _change(person, turn, _said(before), by, now)
        return [turn.message_id for turn, _ in changed]


def _named(turns: Iterable[ExportedTurn], name: str) -> ExportedTurn | None:
    return next((turn for turn in turns if turn.message_id == name), None)


def _check_same(person: Person, known: ExportedTurn, message: Message) -> None:
    """A known id may come again with what the turn says, or said before; of erased words nobody can tell."""
    texts = [known.content, *(former.content for former in _former(person, known))]
    first = texts[1] if len(texts) > 1 else texts[0]
    if first and not (known.role == message.role and message.content in texts):
        raise MessageConflict(known.message_id)


def _is_forgotten(person: Person, turn: ExportedTurn) -> bool:
    return person.tombstone_key is not None and turn_mark(person.tombstone_key, turn.content) in person.tombstones


def _note_session(person: Person, session: str, fresh: Sequence[ExportedTurn]) -> None:
    """Count new turns; the first of a session ends the others."""
    known = person.sessions.get(session)
    moments = [turn.at for turn in fresh] + ([known.started_at, known.last_at] if known else [])
    if known is None:
        for name, other in person.sessions.items():
            person.sessions[name] = other.model_copy(update={"ended": True})
    person.sessions[session] = ExportedSession(
        session=session,
        first_seq=known.first_seq if known else fresh[0].seq,
        started_at=min(moments),
        last_at=max(moments),
        turns=(known.turns if known else 0) + len(fresh),
        next_index=min(MAX_INDEX, max([known.next_index if known else 0, *(turn.index + 1 for turn in fresh)])),
        ended=False,
    )


def _former(person: Person, turn: ExportedTurn) -> list[ExportedFormerText]:
    return [former for former in person.former_texts if former.seq == turn.seq]


def _said(holder: ExportedFormerText) -> dict[str, object]:
    return holder.model_dump(include=set(_NOTHING))


def _change(person: Person, turn: ExportedTurn, after: dict[str, object], version: int | None, now: datetime) -> int:
    number = len(_former(person, turn)) + 1
    kept = turn.model_dump(include={"seq", *_NOTHING})
    person.former_texts.append(ExportedFormerText(**kept, number=number, version=version, replaced_at=now))
    person.former_texts.sort(key=lambda former: (former.seq, former.number))
    person.turns[turn.seq - 1] = turn.model_copy(update=after)
    return number


def _changed_by(person: Person, versions: Collection[int]) -> Iterable[tuple[ExportedTurn, ExportedFormerText, str]]:
    """Turns that these versions changed: as they are, as they were before, and what the first of these made of them."""
    for seq, changes in groupby(list(person.former_texts), key=lambda former: former.seq):
        all_ = list(changes)
        first = next((place for place, one in enumerate(all_) if one.version in versions), None)
        if first is not None:
            turn = person.turns[seq - 1]
            yield turn, all_[first], all_[first + 1].content if first + 1 < len(all_) else turn.content
