"""What flows through the graph: who talks (the run's context), and the conversation (the checkpointed state)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from langchain_core.messages import AnyMessage
from langgraph.channels import UntrackedValue
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph.message import add_messages
from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypedDict

from treering.errors import InvalidInput, MissingScope
from treering.schemas.dialogue import DEFAULT_SESSION, DEFAULT_TENANT, Scope
from treering.schemas.value import Identifier

Checkpointer = bool | BaseCheckpointSaver[Any] | None
"""As in LangGraph, whose own name leaves open of what versions are: where conversations are kept between calls."""

_IDENTIFIER: TypeAdapter[str] = TypeAdapter(Identifier)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatScope:
    """Whose conversation a run belongs to; the graph's `context`.

    Example:
        >>> from treering.graph import ChatScope
        >>> ChatScope(user="ana", session="s2").thread_id
        'default/ana/s2'

    Raises:
        MissingScope: No user is named.
        InvalidInput: A name is no identifier.
    """

    user: str = ""
    """The person. It has a default only so that a context without it is refused by us, with a helpful message."""
    session: str = DEFAULT_SESSION
    """The conversation."""
    tenant: str = DEFAULT_TENANT
    """The customer or application."""

    def __post_init__(self) -> None:
        if not str(self.user or "").strip():
            raise MissingScope("chat")
        for name in ("user", "session", "tenant"):
            _check_identifier(name, getattr(self, name))

    @property
    def thread_id(self) -> str:
        """The checkpointer's thread: one a tenant, user and session; each part is escaped, so none can collide."""
        return "/".join(quote(part, safe="") for part in (self.tenant, self.user, self.session))

    @property
    def pseudonym(self) -> str:
        """Names tenant and user in logs and checkpoints without telling who they are; 16 hex digits."""
        person = f"{quote(self.tenant, safe='')}/{quote(self.user, safe='')}"
        return hashlib.sha256(person.encode()).hexdigest()[:16]


def scope_of(context: object) -> ChatScope:
    """The scope that a run's context names; a mapping with the same keys, or a `Scope`, will do.

    Raises:
        MissingScope: It names nobody.
        InvalidInput: It has other keys, or no usable names.
    """
    if isinstance(context, ChatScope):
        return context
    if isinstance(context, Scope):
        return ChatScope(user=context.user, tenant=context.tenant)
    if not isinstance(context, Mapping):
        raise MissingScope("graph run without context=ChatScope(user=…)")
    unknown = sorted(map(str, set(context) - {"user", "session", "tenant"}))
    if unknown:
        raise InvalidInput("context", f"has unknown keys {', '.join(unknown)}; it takes user, session and tenant")
    return ChatScope(**context)


def _check_identifier(name: str, value: object) -> None:
    try:
        _IDENTIFIER.validate_python(value, strict=True)
    except ValidationError as error:
        raise InvalidInput(name, error.errors()[0]["msg"]) from error


class Conversation(TypedDict):
    """What goes into the graph and comes out of it."""

    messages: Annotated[list[AnyMessage], add_messages]
    """The conversation. What was recalled for it is never among them."""


class ChatState(Conversation, total=False):
    """What the nodes share. The untracked channels are never written to a checkpoint."""

    owner: str
    """Pseudonym of the person whose thread this is, from its first turn on."""
    owed: list[str]
    """Ids of answers that could not be remembered yet; the next turn tries again."""
    memory: Annotated[str, UntrackedValue]
    """What was recalled for the turn at hand."""
    refusal: Annotated[InvalidInput, UntrackedValue]
    """Why the turn at hand cannot be taken."""
