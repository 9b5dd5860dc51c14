"""What was said to the memory of a server, and taking it back."""

from __future__ import annotations

from itertools import islice

from treering.client.intake import as_number, as_session
from treering.client.remote.face import RemoteFace, person
from treering.client.retraction import LAST_TURNS, MAX_SEQ, as_last, as_message_id, as_middle, as_new_text
from treering.errors import InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT, Turn
from treering.schemas.pages import Page, cursor_at
from treering.schemas.retraction import Retraction


class RemoteMessages(RemoteFace):
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
        """The last turns, in order; see `Memory.turns`."""
        named = None if session is None else as_session(session)
        who, most = person(user, tenant, "turns"), as_last(last)
        if around is not None:
            around = as_middle(around, session, after)
        if after is not None and as_number("after", after, least=0) > MAX_SEQ:
            raise InvalidInput("after", "is the place of no turn")
        found = self._connection.pages(
            Page[Turn],
            "/v1/messages",
            after=cursor_at(after) if after else None,
            most=most,
            user=who,
            session=named,
            last=most if after is None else None,
            around=around,
        )
        return list(islice(found, most))

    def retract(self, user: str, message_id: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Take a message back; see `Memory.retract`."""
        named, body = person(user, tenant, "retract"), {"message_id": as_message_id(message_id)}
        return self._connection.post(Retraction, "/v1/messages/retract", body, is_repeatable=True, user=named)

    def amend(self, user: str, message_id: str, text: str, *, tenant: str = DEFAULT_TENANT) -> Retraction:
        """Let a message say something else; see `Memory.amend`."""
        named = person(user, tenant, "amend")
        body = {"message_id": as_message_id(message_id), "text": as_new_text(text)}
        return self._connection.post(Retraction, "/v1/messages/amend", body, is_repeatable=True, user=named)
