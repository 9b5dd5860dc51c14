"""`RemoteMemory`: the SDK on a memory of a server, with the interface of `Memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import uuid4

from pydantic import BaseModel

from treering.client.intake import Said, as_messages, as_session
from treering.client.remote.browsing import RemoteBrowsing
from treering.client.remote.exchange import RemoteExchange
from treering.client.remote.face import check_tenant, person
from treering.client.remote.feedback import RemoteJudgements
from treering.client.remote.forgetting import RemoteForgetting
from treering.client.remote.health import RemoteHealth
from treering.client.remote.jobs import RemoteWork
from treering.client.remote.keys import RemoteKeys
from treering.client.remote.quarantine import RemoteQuarantine
from treering.client.remote.recollection import RemoteRecollection
from treering.client.remote.retraction import RemoteMessages
from treering.client.remote.timeline import RemoteTimeline
from treering.client.remote.trunks import RemoteTrunks
from treering.schemas.consolidation import Consolidation
from treering.schemas.dialogue import DEFAULT_SESSION, DEFAULT_TENANT, Receipt, Scope, Session
from treering.schemas.jobs import PENDING_STATES, Job
from treering.schemas.pages import Page
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, TOOL_BUDGET_TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.tools import BaseTool

    from treering.client.remote.connection import Connection
    from treering.graph.chat import Chat
    from treering.graph.nodes import ChatModel
    from treering.graph.state import Checkpointer
    from treering.memory.ports import OutsideStore

FLUSH_WAIT_S = 10.0
"""How long one request of `flush` lets the server work, in seconds; then it is asked again."""

SLOW_S = 600.0
"""How long a consolidation may take, in seconds: it listens first to all that is due."""


class _Flushed(BaseModel):
    is_done: bool


class _Ended(BaseModel):
    """That a conversation is over; there is no more to know."""


class _Version(BaseModel):
    version: str


class RemoteMemory(
    RemoteBrowsing,
    RemoteExchange,
    RemoteForgetting,
    RemoteHealth,
    RemoteJudgements,
    RemoteKeys,
    RemoteMessages,
    RemoteQuarantine,
    RemoteRecollection,
    RemoteTimeline,
    RemoteTrunks,
    RemoteWork,
):
    """The memory of a server, as `Memory.connect` gives it: the methods, values and errors of `Memory`.

    Nothing is sent before the first call. Threads may share it; a process that was forked needs one of its own.

    Args:
        connection: The server, and the key that is shown to it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._outside: list[OutsideStore] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._connection.url!r})"

    # -- writing

    def remember(
        self,
        user: str,
        messages: Said | Sequence[Said],
        *,
        session: str = DEFAULT_SESSION,
        tenant: str = DEFAULT_TENANT,
    ) -> Receipt:
        """Store what was said; see `Memory.remember`. A message without an id gets one here, and is stored once."""
        named, conversation = person(user, tenant, "remember"), as_session(session)
        said = [one if one.id else one.model_copy(update={"id": uuid4().hex}) for one in as_messages(messages)]
        if not said:
            return Receipt(session=conversation, stored=(), known=())
        body = {"messages": [one.model_dump(mode="json") for one in said], "session": conversation}
        return self._connection.post(Receipt, "/v1/messages", body, is_repeatable=True, user=named)

    def end_session(self, user: str, session: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Expect no more turns in a session; see `Memory.end_session`."""
        named = person(user, tenant, "end_session")
        body = {"session": None if session is None else as_session(session)}
        self._connection.post(_Ended, "/v1/sessions/end", body, is_repeatable=True, user=named)

    def flush(self, user: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Wait until the server has done everything that is due; see `Memory.flush`.

        For all people it asks whose work waits, and needs the right `admin`.
        """
        check_tenant(tenant)
        if user is None:
            open_jobs = self._connection.pages(Page[Job], "/v1/jobs", state=list(PENDING_STATES))
            people = sorted({job.scope.user for job in open_jobs})
        else:
            people = [person(user, tenant, "flush")]
        for one in people:
            while not self._is_done(one):
                pass

    def consolidate(self, user: str, *, dry_run: bool = False, tenant: str = DEFAULT_TENANT) -> Consolidation:
        """Compare the claims of many sessions now; see `Memory.consolidate`."""
        named, body = person(user, tenant, "consolidate"), {"dry_run": dry_run}
        return self._connection.post(
            Consolidation, "/v1/consolidate", body, is_repeatable=dry_run, timeout_s=SLOW_S, user=named
        )

    # -- reading

    def sessions(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Session]:
        """The conversations; see `Memory.sessions`."""
        return list(self._connection.pages(Page[Session], "/v1/sessions", user=person(user, tenant, "sessions")))

    # -- around a chat model

    def wrap(
        self,
        model: ChatModel,
        *,
        checkpointer: Checkpointer = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        instructions: str | None = None,
    ) -> Chat:
        """The chat model with this memory around it; see `Memory.wrap`. The model is asked by this process."""
        from treering.graph.chat import Chat  # noqa: PLC0415 - LangGraph is imported only when it is used
        from treering.graph.threads import watch  # noqa: PLC0415

        chat = Chat(self, model, checkpointer=checkpointer, budget_tokens=budget_tokens, instructions=instructions)
        watch(self._outside, chat.graph.checkpointer)
        return chat

    def tools(
        self,
        user: str,
        *,
        session: str | None = None,
        budget_tokens: int = TOOL_BUDGET_TOKENS,
        tenant: str = DEFAULT_TENANT,
    ) -> list[BaseTool]:
        """Tools for an application's own agent; see `Memory.tools`."""
        from treering.graph.tools import memory_tools  # noqa: PLC0415 - LangChain is imported only when it is used

        named = None if session is None else as_session(session)
        return memory_tools(
            self, person(user, tenant, "tools"), session=named, tenant=tenant, budget_tokens=budget_tokens
        )

    # -- life

    def warm_up(self) -> None:
        """Connect now, and see that a server answers. What recall needs there, it loads by itself."""
        self._connection.get(_Version, "/version")

    def close(self) -> None:
        """Let the connections go. The server goes on."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _is_done(self, user: str) -> bool:
        """Whether everything that is due is done, after some seconds at most."""
        waits = FLUSH_WAIT_S + self._connection.timeout_s
        body = {"wait_s": FLUSH_WAIT_S}
        return self._connection.post(
            _Flushed, "/v1/flush", body, is_repeatable=True, timeout_s=waits, user=user
        ).is_done

    def _forget_here(self, user: str) -> None:
        """Drop the conversations of a person from checkpointers of this process: all, as the server tells no more."""
        for store in self._outside:
            store.erase(Scope(user=user), None)
