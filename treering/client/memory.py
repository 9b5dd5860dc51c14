"""`Memory`: the SDK for one process."""

from __future__ import annotations

import os
import weakref
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Self

from treering.client.agentic import Agentic
from treering.client.browsing import Browsing
from treering.client.exchange import Exchange
from treering.client.feedback import Judgements
from treering.client.forgetting import Forgetting
from treering.client.health import Health
from treering.client.intake import (
    Said,
    as_messages,
    as_scope,
    as_session,
)
from treering.client.jobs import Work
from treering.client.keys import Keys
from treering.client.quarantine import Quarantine
from treering.client.recollection import Recollection
from treering.client.retraction import Messages
from treering.client.timeline import Timeline
from treering.client.trunks import Trunks
from treering.composition import Choices, compose, compose_agentic, load_chat_model
from treering.errors import MissingExtra
from treering.memory.clock import SystemClock
from treering.schemas.dialogue import DEFAULT_SESSION, DEFAULT_TENANT, Receipt, Scope, Session
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS, TOOL_BUDGET_TOKENS
from treering.schemas.trunks import load_trunk
from treering.settings import Settings
from treering.telemetry.happenings import Happenings
from treering.workers.runner import Runner
from treering.workers.waking import broker_waker
from treering.workers.watching import nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from langchain_core.language_models import BaseChatModel
    from langchain_core.tools import BaseTool
    from prometheus_client import CollectorRegistry

    from treering.client.remote.memory import RemoteMemory
    from treering.graph.chat import Chat
    from treering.graph.nodes import ChatModel
    from treering.graph.state import Checkpointer
    from treering.memory.hearing import Observer
    from treering.memory.ports import Clock, Embedder, Listener
    from treering.schemas.consolidation import Consolidation
    from treering.schemas.listening import Heard
    from treering.schemas.policy import Policy
    from treering.schemas.trunk import Trunk
    from treering.workers.metrics import WorkMetrics
    from treering.workers.waking import Waker

TIMEOUT_S = 30.0
"""For how long a server may send nothing, in seconds."""

RETRIES = 3
"""How often a request to a server is sent again."""


class Memory(
    Browsing,
    Exchange,
    Forgetting,
    Health,
    Judgements,
    Keys,
    Messages,
    Quarantine,
    Recollection,
    Timeline,
    Trunks,
    Work,
):
    """Long-term memory of the people who talk to a chatbot. Embedded: no server, no API key.

    Nothing is opened before the first call. Turns are listened to by a background thread; `flush` waits for it.

    Args:
        home: Folder of the store; by default `TREERING_HOME`, or `./.treering`.
        settings: All settings at once; by default from the environment.
        embedder: An `Embedder`, or its name as in `TREERING_EMBEDDER`.
        model: The chat model that listens, or `provider:model`; by default the local listener.
        listener: A listener of your own.
        trunk: A trunk, its name, or the path of its YAML file.
        policy: What may be kept, see `Policy`; by default from `TREERING_CONSENT` and its like.
        clock: A clock of your own, for tests.
        observe: Called after each window that was listened to, from the thread that did.
        background: Whether a thread listens, or with a broker its workers; without it only `flush` does.
        metrics: A registry of `prometheus_client`, in which what waits and what this process does is counted, until
            `close`: see docs/observability.md. Nothing is served.

    Example:
        >>> memory = Memory("example", embedder="hash")
        >>> memory.remember("ana", "I am allergic to peanuts.").session
        'default'
        >>> memory.close()
    """

    def __init__(
        self,
        home: str | Path | None = None,
        *,
        settings: Settings | None = None,
        embedder: str | Embedder | None = None,
        model: str | BaseChatModel | None = None,
        listener: Listener | None = None,
        trunk: str | Path | Trunk | None = None,
        policy: Policy | None = None,
        clock: Clock | None = None,
        observe: Observer | None = None,
        background: bool = True,
        metrics: CollectorRegistry | None = None,
    ) -> None:
        named: dict[str, object] = {}
        if home is not None:  # a folder that the caller names outweighs a database of the environment
            named |= {"home": Path(home)} | ({} if settings else {"database_url": None})
        if isinstance(embedder, str):
            named["embedder"] = embedder
        self.settings: Settings = (settings or Settings.read(os.environ)).model_copy(update=named)
        choices = Choices(
            embedder=None if isinstance(embedder, str) else embedder,
            listener=listener,
            model=load_chat_model(model) if isinstance(model, str) else model,
            trunk=load_trunk(trunk) if isinstance(trunk, str | Path) else trunk,
            clock=clock,
            policy=policy,
        )
        counting = None if metrics is None else _counting(metrics, choices)
        if counting is not None:
            observe = counting.observing(observe)
        self.happenings: Happenings = Happenings()
        """What is done is told here: to the metrics, and to whoever else wants to count."""
        if counting is not None:
            self.happenings.hear(counting.hear)
        # Nothing that the runner holds may lead back here, or a memory that is not closed would live for ever.
        self._engine = compose(self.settings, choices, observe or _watch_nothing, happenings=self.happenings)
        self.agentic: Agentic = Agentic(
            self._engine,
            partial(compose_agentic, self.settings, choices, self._engine),
            has_model=bool(choices.model or self.settings.model),
        )
        """The agentic mode of `recall`."""
        self._background = background
        self._runner = Runner(
            self._engine,
            lease_s=self.settings.lease_s,
            idle_after=timedelta(minutes=self.settings.idle_minutes),
            on_job=nobody if counting is None else counting.on_job,
        )
        uncount = None if counting is None else counting.watch(self._engine.store)
        self._waker = broker_waker(self.settings) if background else None
        self._finalizer = weakref.finalize(self, _shut, self._runner, self._waker, self._engine.store.close, uncount)

    @classmethod
    def connect(
        cls, url: str, api_key: str | None = None, *, timeout_s: float = TIMEOUT_S, retries: int = RETRIES
    ) -> RemoteMemory:
        """The memory of a server, `treering serve`: the same methods, values and errors, over HTTP.

        Nothing is sent before the first call. The tenant is that of the key; what only makes sense where the store is
        raises `NotOverHttp`. See docs/client.md.

        Args:
            url: Where the server is: `http://127.0.0.1:8377`.
            api_key: A key of `treering keys create`, or a token; none where the server asks for none.
            timeout_s: For how long the server may send nothing, in seconds; some methods wait longer.
            retries: How often a request is sent again that may be, after a failure.

        Raises:
            MissingExtra: `treering[client]` is not installed.
            InvalidInput: The address, the key or a number cannot be used.

        Example:
            >>> Memory.connect("http://127.0.0.1:8377", "tr_0123456789ab_secret")
            RemoteMemory('http://127.0.0.1:8377')
        """
        try:
            from treering.client.remote.connection import Connection  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingExtra("a memory of a server", "client", because=error) from error
        from treering.client.remote.memory import RemoteMemory  # noqa: PLC0415 - not for an embedded memory

        return RemoteMemory(Connection(url, api_key, timeout_s=timeout_s, retries=retries))

    # -- writing

    def remember(
        self,
        user: str,
        messages: Said | Sequence[Said],
        *,
        session: str = DEFAULT_SESSION,
        tenant: str = DEFAULT_TENANT,
    ) -> Receipt:
        """Store what was said; it survives any crash from here on, and is listened to soon.

        Args:
            user: The person.
            messages: One message or several, in order. Plain text is said by the user.
            session: The conversation. The first turn of a new one ends the others.
            tenant: The customer or application.

        Raises:
            InvalidTurn: A message cannot be stored; nothing of the call is.
            MessageConflict: An id is known with other content; nothing of the call is stored.

        Example:
            >>> with Memory("example", embedder="hash") as memory:
            ...     receipt = memory.remember("ana", {"role": "user", "content": "I moved to Lisbon.", "id": "m1"})
        """
        scope = as_scope(user, tenant, "remember")
        receipt = self._engine.remember(scope, as_messages(messages), as_session(session))
        if receipt.stored:
            self._work()
        return receipt

    def end_session(self, user: str, session: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Expect no more turns in a session (None: in any), so that its last window is listened to."""
        named = None if session is None else as_session(session)
        self._engine.end_session(as_scope(user, tenant, "end_session"), named)
        self._work()

    def flush(self, user: str | None = None, *, tenant: str = DEFAULT_TENANT) -> None:
        """Wait until everything that is due was listened to and indexed (of one person, or of all)."""
        self._runner.drain(None if user is None else as_scope(user, tenant, "flush"))

    def consolidate(self, user: str, *, dry_run: bool = False, tenant: str = DEFAULT_TENANT) -> Consolidation:
        """Compare the claims of many sessions now, after listening to everything that is due.

        The end of a session does this by itself. Claims that say the same become one with the words of all,
        contradictions are resolved by time or kept apart by their conditions, and what was concluded on two
        independent occasions becomes a claim. `history` keeps all of it, and `undo` takes it back for good.

        Args:
            user: The person. Of unknown people there is nothing to compare.
            dry_run: Only say what would be done with what was listened to so far.
            tenant: The customer or application.

        Example:
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.consolidate("nobody").steps
            ()
        """
        scope = as_scope(user, tenant, "consolidate")
        if dry_run:
            return self._engine.consolidating.preview(scope)
        version, _ = self._engine.trees(scope)
        self._engine.consolidate(scope)
        self._runner.drain(scope)
        return self._engine.consolidating.done_since(scope, version)

    # -- reading

    def sessions(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Session]:
        """The conversations, in order of their first turn."""
        return self._engine.sessions(as_scope(user, tenant, "sessions"))

    # -- around a chat model

    def wrap(
        self,
        model: ChatModel,
        *,
        checkpointer: Checkpointer = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        instructions: str | None = None,
    ) -> Chat:
        """The chat model with this memory around it, as a small facade over a compiled LangGraph graph.

        Args:
            model: Any LangChain chat model, also with tools bound or wrapped by retries.
            checkpointer: Keeps conversations between calls. None: in this process. False: nowhere.
            budget_tokens: Most tokens that memory may add to a prompt.
            instructions: The application's system prompt.

        Example:
            >>> from treering.testing import ScriptedChatModel
            >>> with Memory("example", embedder="hash") as memory:
            ...     chat = memory.wrap(ScriptedChatModel("How about soup?"))
            ...     chat.invoke("Any dinner ideas?", user="ana", session="s2").text
            'How about soup?'
        """
        from treering.graph.chat import Chat  # noqa: PLC0415 - LangGraph is imported only when it is used
        from treering.graph.threads import watch  # noqa: PLC0415

        chat = Chat(self, model, checkpointer=checkpointer, budget_tokens=budget_tokens, instructions=instructions)
        watch(self._engine.outside, chat.graph.checkpointer)
        return chat

    def tools(
        self,
        user: str,
        *,
        session: str | None = None,
        budget_tokens: int = TOOL_BUDGET_TOKENS,
        tenant: str = DEFAULT_TENANT,
    ) -> list[BaseTool]:
        """LangChain tools by which an application's own agent reads the memory of one person.

        They are `recall_memory`, `read_persona` and `search_history`. No argument that a model writes says whose memory
        is read, and none of them writes.

        Args:
            user: The person.
            session: The conversation at hand: its turns, which the model has before it, are left out.
            budget_tokens: What one answer of `recall_memory` may cost.
            tenant: The customer or application.

        Example:
            >>> with Memory("example", embedder="hash") as memory:
            ...     [tool.name for tool in memory.tools("ana")]
            ['recall_memory', 'read_persona', 'search_history']
        """
        from treering.graph.tools import memory_tools  # noqa: PLC0415 - LangChain is imported only when it is used

        as_scope(user, tenant, "tools")
        named = None if session is None else as_session(session)
        return memory_tools(self, user, session=named, tenant=tenant, budget_tokens=budget_tokens)

    # -- life

    def warm_up(self) -> None:
        """Load what recall needs now, e.g. when a service starts, and not at its first question."""
        self._engine.warm_up()

    def close(self) -> None:
        """Let the window at hand be heard, and release the store. What was not listened to waits in the table."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _work(self) -> None:
        if self._waker is not None:
            self._waker.wake("listen")
        elif self._background:
            self._runner.start()


def _watch_nothing(_: Scope, __: Heard) -> None:
    """The observer of those who did not ask for one."""


def _counting(registry: CollectorRegistry, choices: Choices) -> WorkMetrics:
    from treering.workers.metrics import WorkMetrics  # noqa: PLC0415 - an extra, and only where it is wanted

    return WorkMetrics(choices.clock or SystemClock(), registry)


def _shut(
    runner: Runner, waker: Waker | None, close_store: Callable[[], None], uncount: Callable[[], None] | None
) -> None:
    if uncount is not None:
        uncount()
    runner.stop()
    if waker is not None:
        waker.close()
    close_store()
