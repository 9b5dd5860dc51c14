"""The SDK's part for what was said: looking at turns, taking one back, amending one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_identifier, as_number, as_scope, as_session, explain
from treering.errors import InvalidInput, InvalidTurn, UnknownMessage
from treering.schemas.dialogue import DEFAULT_TENANT, Message

if TYPE_CHECKING:
    from treering.schemas.dialogue import Scope, Turn
    from treering.schemas.retraction import Retraction

LAST_TURNS = 20
"""Turns that are listed when nobody says how many."""

MAX_TURNS = 1_000_000
"""Most turns that are listed at once."""

MAX_SEQ = 2**63 - 1
"""Largest place of a turn: what every database can count to."""


class Messages(Face):
    """What was said, and taking it back."""

    def turns(
        self,
        user: str,
        *,
        session: str | None = None,
        last: int = LAST_TURNS,
        after: int | None = None,
        around: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> list[Turn]:
        """The last turns, in order: what was said under which message id. One that was retracted or forgotten is empty.

        Args:
            user: The person. Unknown people have said nothing.
            session: Only of this conversation.
            last: How many at most.
            after: Read on from this place, the `seq` of a turn: the first ones after it instead of the last of all.
            around: Of the conversation of this message: what was said before it, the message, and what was said after.
            tenant: The customer or application.

        Raises:
            InvalidInput: `last` is no number of turns, `after` no place, or `around` beside `session` or `after`.
            UnknownMessage: `around` is the id of no turn.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("dee", {"content": "I love jazz.", "id": "m1"})
            ...     [(turn.message_id, turn.content) for turn in memory.turns("dee")]
            [('m1', 'I love jazz.')]
        """
        named = None if session is None else as_session(session)
        scope, most = as_scope(user, tenant, "turns"), as_last(last)
        if around is not None:
            return self._around(scope, as_middle(around, session, after), most)
        if after is None:
            return self._engine.latest(scope, limit=most, session=named)
        if as_number("after", after, least=0) > MAX_SEQ:
            raise InvalidInput("after", "is the place of no turn")
        with self._engine.store.begin(write=False) as unit:
            return unit.turns.turns(scope, after=after, limit=most, session=named)

    def _around(self, scope: Scope, message_id: str, most: int) -> list[Turn]:
        """A message in the middle of its conversation; an odd one more is said after it."""
        with self._engine.store.begin(write=False) as unit:
            middle = unit.turns.get(scope, [message_id]).get(message_id)
            if middle is None:
                raise UnknownMessage(message_id)
            before = unit.turns.latest(scope, limit=(most + 1) // 2, through=middle.seq, session=middle.session)
            more = most - len(before)
            return before + unit.turns.turns(scope, after=middle.seq, session=middle.session, limit=more)

    def retract(self, user: str, message_id: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Take a message back, as if it had never been said.

        Claims that rest on it alone go, those that rest on other words too stay with these, and what it had ended or
        superseded holds again. Sent once more under its id, it is known and does not come back. History keeps what
        was learned and when; to have the words gone from there too, `forget` them.

        Raises:
            UnknownUser: Nothing is stored about this person.
            UnknownMessage: No turn has this id, or its words were forgotten.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("bo", {"content": "I live in Porto.", "id": "m1"})
            ...     memory.flush()
            ...     memory.retract("bo", "m1").text is None
            True
        """
        done = self._engine.retracting.retract(as_scope(user, tenant, "retract"), as_message_id(message_id))
        self._work()
        return done

    def amend(self, user: str, message_id: str, text: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Let a message say something else, as if that had been said; also one that was taken back.

        What rests on the former text goes at once, as `retract` does it. The new text is listened to soon, at the
        place and time of the message; `flush` waits for it.

        Raises:
            InvalidTurn: The text cannot be stored, or was forgotten before; nothing was changed.
            UnknownUser: Nothing is stored about this person.
            UnknownMessage: No turn has this id, or its words were forgotten.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("cy", {"content": "I live in Faro.", "id": "m1"})
            ...     memory.amend("cy", "m1", "I live in Braga.").text
            'I live in Braga.'
        """
        scope = as_scope(user, tenant, "amend")
        done = self._engine.retracting.amend(scope, as_message_id(message_id), as_new_text(text))
        self._work()
        return done


class AsyncMessages(AsyncFace):
    """The same for event loops."""

    async def turns(
        self,
        user: str,
        *,
        session: str | None = None,
        last: int = LAST_TURNS,
        after: int | None = None,
        around: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> list[Turn]:
        """The last turns; see `Memory.turns`."""
        return await in_thread(
            self.memory.turns, user, session=session, last=last, after=after, around=around, tenant=tenant
        )

    async def retract(self, user: str, message_id: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Take a message back; see `Memory.retract`."""
        return await in_thread(self.memory.retract, user, message_id, tenant=tenant)

    async def amend(self, user: str, message_id: str, text: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Let a message say something else; see `Memory.amend`."""
        return await in_thread(self.memory.amend, user, message_id, text, tenant=tenant)


def as_last(last: object) -> int:
    """How many turns.

    Raises:
        InvalidInput: It is no number of turns.
    """
    if not isinstance(last, int) or not 1 <= last <= MAX_TURNS:
        raise InvalidInput("last", f"is {last!r}; give a number of turns, from 1 to {MAX_TURNS:,}")
    return last


def as_middle(message_id: object, session: str | None, after: int | None) -> str:
    """The message in the middle of what is listed.

    Raises:
        InvalidInput: It is no id, or something else is to be listed too.
    """
    if session is not None or after is not None:
        raise InvalidInput("around", "names a conversation by a message of it; leave out `session` and `after`")
    return as_identifier("around", message_id)


def as_message_id(message_id: object) -> str:
    """The id of a message.

    Raises:
        InvalidInput: It is no text.
    """
    if not isinstance(message_id, str):
        raise InvalidInput("message", f"is a {type(message_id).__name__}; give its id, from `memory.turns(user)`")
    return message_id


def as_new_text(text: object) -> str:
    """What a message is to say.

    Raises:
        InvalidTurn: It cannot be stored.
    """
    if not isinstance(text, str):
        raise InvalidTurn("the new text", f"is a {type(text).__name__}; give what the message is to say")
    try:
        return Message(content=text).content
    except ValidationError as error:
        raise InvalidTurn("the new text", explain(error)) from error
