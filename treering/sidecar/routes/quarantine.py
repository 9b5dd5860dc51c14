"""Proposals that were held: a person says yes or no."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import ConfigDict, Field

from treering.schemas.feedback import Released
from treering.schemas.listening import Held
from treering.schemas.value import Text
from treering.sidecar.access import Reader, User, Writer
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body
from treering.sidecar.routes.paging import PAGE, Cursor, Limit, Page, page_of

router = APIRouter(prefix="/v1/quarantine", tags=["quarantine"], responses=described(404, 409))

HeldRef = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        description="The proposal, by its id or at least the first six digits of it.",
        examples=["9b1c44d0e2a7"],
    ),
]
"""Which proposal is meant."""


class Several(Body):
    """Which proposals are meant: all of a rule, all of a window, or what is of both."""

    rule: Annotated[Text, Field(max_length=256)] | None = None
    """Everything that this rule holds, e.g. `mass-change`."""
    window: Annotated[Text, Field(max_length=256)] | None = None
    """Everything of this window (`window_id`)."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rule": "mass-change"}]})


@router.get("")
def quarantine(memory: Remembers, caller: Reader, user: User, cursor: Cursor = None, limit: Limit = PAGE) -> Page[Held]:
    """What waits for a yes or no, oldest first: each with the rule that held it, and the reason."""
    return page_of(memory.quarantine(user, tenant=caller.tenant), limit=limit, cursor=cursor)


@router.post("/{held_id}/release")
def release(memory: Remembers, caller: Writer, user: User, held_id: HeldRef) -> Released:
    """Carry out what waits; released before, nothing happens. A request to forget erases for good, with a receipt."""
    return memory.release(user, held_id, tenant=caller.tenant)


@router.post("/{held_id}/drop")
def drop(memory: Remembers, caller: Writer, user: User, held_id: HeldRef) -> Held:
    """Take something out of quarantine without carrying it out; it is not asked again."""
    [dropped] = memory.drop(user, held_id, tenant=caller.tenant)
    return dropped


@router.post("/release")
def release_several(memory: Remembers, caller: Writer, user: User, body: Several) -> Released:
    """Carry out all that a rule holds, or all of a window, in one step: all of it, or nothing."""
    return memory.release(user, rule=body.rule, window=body.window, tenant=caller.tenant)


@router.post("/drop")
def drop_several(memory: Remembers, caller: Writer, user: User, body: Several) -> Page[Held]:
    """Take all that a rule holds, or all of a window, out of quarantine: one page."""
    return Page(items=tuple(memory.drop(user, rule=body.rule, window=body.window, tenant=caller.tenant)))
