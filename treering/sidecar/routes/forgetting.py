"""What a person wants gone, is gone, and a receipt proves it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import ConfigDict, Field

from treering.errors import Forbidden, InvalidInput
from treering.schemas.forgetting import ErasureReceipt
from treering.schemas.trunk import Path as SlotPath
from treering.schemas.value import Identifier, Text, Value
from treering.sidecar.access import Reader, User, Writer
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body
from treering.sidecar.routes.paging import PAGE, Cursor, Limit, Page, page_of

MAX_IDS = 1_000
"""Most ids in one request."""

MAX_ABOUT_CHARS = 32_000
"""Longest text that says what to forget, in characters."""

MAX_TEXT_CHARS = 262_144
"""Longest text that may be remembered again, in characters: that of a message."""

router = APIRouter(prefix="/v1", tags=["forgetting"], responses=described(404, 409))

_Ids = Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=MAX_IDS)]


class Forget(Body):
    """What is to be forgotten: everything, or whatever the other fields name together."""

    path: SlotPath | None = None
    """A slot, or a branch with all that is below it."""
    claims: _Ids | None = None
    """Claims by id, also those of the past."""
    messages: _Ids | None = None
    """Messages by id, with the claims that rest on nothing else."""
    about: Annotated[Text, Field(max_length=MAX_ABOUT_CHARS)] | None = None
    """Claims and turns in which all its words that carry a subject occur, and claims that mean nearly the same."""
    everything: bool = False
    """All that is known of the person; then nothing else is named. It needs the right to `admin`."""
    dry_run: bool = False
    """Erase nothing, and show in the receipt's `preview` what would go, in words."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"about": "peanuts", "dry_run": True}]})

    @property
    def names_something(self) -> bool:
        """Whether a part of the memory is named."""
        return any(one is not None for one in (self.path, self.claims, self.messages, self.about))


class AllowAgain(Body):
    """What may be remembered again when it is said anew: a text, or everything."""

    text: Annotated[Text, Field(max_length=MAX_TEXT_CHARS)] | None = None
    """The message or the statement, as it was worded."""
    everything: bool = False
    """All that was ever forgotten or rejected; then no text is given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "is allergic to peanuts"}]})


class Allowed(Value):
    """How much may be remembered again."""

    marks: Annotated[int, Field(ge=0)]
    """Marks that went."""


@router.post("/forget")
def forget(memory: Remembers, caller: Writer, user: User, body: Forget) -> ErasureReceipt:
    """Erase for good, and prove it. Nothing waits for running jobs, and nothing of it comes back when they end.

    With a claim go the turns that it rests on, and everything that repeats their words or is derived from them. It may
    be asked for again: what is gone is gone, and where nothing is found the receipt has no id, and is not kept.
    """
    if body.everything == body.names_something:
        raise InvalidInput("forget", "name what is to go (path, claims, messages, about), or say `everything`: true")
    if body.everything and not caller.may("admin"):
        raise Forbidden("admin")
    return memory.forget(
        user,
        body.path,
        claims=body.claims,
        messages=body.messages,
        about=body.about,
        dry_run=body.dry_run,
        tenant=caller.tenant,
    )


@router.get("/receipts")
def receipts(
    memory: Remembers, caller: Reader, user: User, cursor: Cursor = None, limit: Limit = PAGE
) -> Page[ErasureReceipt]:
    """Proofs of everything that was forgotten of a person, oldest first; there are no words in them."""
    return page_of(memory.receipts(user, tenant=caller.tenant), limit=limit, cursor=cursor)


@router.post("/allow-again")
def allow_again(memory: Remembers, caller: Writer, user: User, body: AllowAgain) -> Allowed:
    """Let what was forgotten or rejected be remembered again when it is said anew."""
    if body.everything == (body.text is not None):
        raise InvalidInput("allow-again", "give a text, or say `everything`: true")
    return Allowed(marks=memory.allow_again(user, body.text, tenant=caller.tenant))
