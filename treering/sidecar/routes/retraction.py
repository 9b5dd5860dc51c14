"""Taking a message back, or letting it say something else."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import ConfigDict

from treering.schemas.dialogue import Content
from treering.schemas.retraction import Retraction
from treering.schemas.value import Identifier
from treering.sidecar.access import User, Writer
from treering.sidecar.problems import described
from treering.sidecar.routes import Remembers
from treering.sidecar.routes.bodies import Body

router = APIRouter(prefix="/v1/messages", tags=["messages"], responses=described(404, 409))


class Retract(Body):
    """Which message is taken back."""

    message_id: Identifier
    """The message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message_id": "m1"}]})


class Amend(Body):
    """What a message is to say."""

    message_id: Identifier
    """The message."""
    text: Content
    """What it is to say; it is listened to soon, at the place and time of the message."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"message_id": "m1", "text": "I live in Braga."}]})


@router.post("/retract")
def retract(memory: Remembers, caller: Writer, user: User, body: Retract) -> Retraction:
    """Take a message back, as if it had never been said; taken back before, nothing happens.

    Claims that rest on it alone go, and what it had ended or replaced holds again. To erase its words, forget it.
    """
    return memory.retract(user, body.message_id, tenant=caller.tenant)


@router.post("/amend")
def amend(memory: Remembers, caller: Writer, user: User, body: Amend) -> Retraction:
    """Let a message say something else, as if that had been said; where it says so already, nothing happens."""
    return memory.amend(user, body.message_id, body.text, tenant=caller.tenant)
