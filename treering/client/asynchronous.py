"""`AsyncMemory`: the same memory for event loops, one thin step over `Memory`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from treering.client.browsing import AsyncBrowsing
from treering.client.exchange import AsyncExchange
from treering.client.face import in_thread
from treering.client.feedback import AsyncJudgements
from treering.client.forgetting import AsyncForgetting
from treering.client.health import AsyncHealth
from treering.client.jobs import AsyncWork
from treering.client.keys import AsyncKeys
from treering.client.memory import RETRIES, TIMEOUT_S, Memory
from treering.client.quarantine import AsyncQuarantine
from treering.client.recollection import AsyncRecollection
from treering.client.retraction import AsyncMessages
from treering.client.timeline import AsyncTimeline
from treering.client.trunks import AsyncTrunks
from treering.schemas.dialogue import DEFAULT_SESSION, DEFAULT_TENANT, Receipt, Session
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, TOOL_BUDGET_TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from langchain_core.tools import BaseTool

    from treering.client.intake import Said
    from treering.client.remote.memory import RemoteMemory
    from treering.graph.chat import Chat
    from treering.graph.nodes import ChatModel
    from treering.graph.state import Checkpointer
    from treering.schemas.consolidation import Consolidation


class AsyncMemory(
    AsyncBrowsing,
    AsyncExchange,
    AsyncForgetting,
    AsyncHealth,
    AsyncJudgements,
    AsyncKeys,
    AsyncMessages,
    AsyncQuarantine,
    AsyncRecollection,
    AsyncTimeline,
    AsyncTrunks,
    AsyncWork,
):
    """`Memory` whose calls run in worker threads, so that they never block an event loop.

    Every method has the signature and meaning of its namesake there.

    Args:
        memory: The memory; by default a new one with `Memory`'s defaults.

    Example:
        >>> import asyncio
        >>> async def main() -> str:
        ...     async with AsyncMemory(Memory("example", embedder="hash")) as memory:
        ...         return (await memory.remember("ana", "I moved to Lisbon.")).session
        >>> asyncio.run(main())
        'default'
    """

    def __init__(self, memory: Memory | RemoteMemory | None = None) -> None:
        self.memory: Memory | RemoteMemory = Memory() if memory is None else memory

    @classmethod
    def connect(
        cls, url: str, api_key: str | None = None, *, timeout_s: float = TIMEOUT_S, retries: int = RETRIES
    ) -> Self:
        """The memory of a server; see `Memory.connect`. Nothing is sent before the first call."""
        return cls(Memory.connect(url, api_key, timeout_s=timeout_s, retries=retries))

    async def remember(
        self,
        user: str,
        messages: Said | Sequence[Said],
        *,
        session: str = DEFAULT_SESSION,
        tenant: str = DEFAULT_TENANT,
    ) -> Receipt:
        """Store what was said; see `Memory.remember`."""
        return await in_thread(self.memory.remember, user, messages, session=session, tenant=tenant)

    async def end_session(self, user: str, session: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Expect no more turns in a session; see `Memory.end_session`."""
        await in_thread(self.memory.end_session, user, session, tenant=tenant)

    async def flush(self, user: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Wait until everything that is due was listened to; see `Memory.flush`."""
        await in_thread(self.memory.flush, user, tenant=tenant)

    async def consolidate(self, user: str, *, dry_run: bool = False, tenant: str = DEFAULT_TENANT) -> Consolidation:
        """Compare the claims of many sessions now; see `Memory.consolidate`."""
        return await in_thread(self.memory.consolidate, user, dry_run=dry_run, tenant=tenant)

    async def sessions(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Session]:
        """The conversations; see `Memory.sessions`."""
        return await in_thread(self.memory.sessions, user, tenant=tenant)

    def wrap(
        self,
        model: ChatModel,
        *,
        checkpointer: Checkpointer = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        instructions: str | None = None,
    ) -> Chat:
        """The chat model with this memory around it; see `Memory.wrap`. Its `ainvoke` and `astream` are async."""
        return self.memory.wrap(
            model, checkpointer=checkpointer, budget_tokens=budget_tokens, instructions=instructions
        )

    def tools(
        self,
        user: str,
        *,
        session: str | None = None,
        budget_tokens: int = TOOL_BUDGET_TOKENS,
        tenant: str = DEFAULT_TENANT,
    ) -> list[BaseTool]:
        """Tools for an application's own agent; see `Memory.tools`. Called with `ainvoke`, they run in threads."""
        return self.memory.tools(user, session=session, budget_tokens=budget_tokens, tenant=tenant)

    async def warm_up(self) -> None:
        """Load what recall needs; see `Memory.warm_up`."""
        await in_thread(self.memory.warm_up)

    async def close(self) -> None:
        """Release the store; see `Memory.close`."""
        await in_thread(self.memory.close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
