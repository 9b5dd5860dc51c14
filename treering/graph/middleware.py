"""Memory for agents of `langchain.agents.create_agent`: an agent middleware."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, NotRequired

from anyio.to_thread import run_sync
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from langgraph.config import get_config
from langgraph.runtime import Runtime
from typing_extensions import override

from treering.errors import InvalidInput, MissingExtra, TreeringError
from treering.graph.ports import ConversationMemory
from treering.graph.prompt import prompt
from treering.graph.state import ChatScope
from treering.graph.turns import answer_to, message_id, question, to_remember, unanswered
from treering.schemas.dialogue import DEFAULT_SESSION
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS

try:
    from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
    from langchain.agents.middleware.types import PrivateStateAttr
except ImportError as _error:
    raise MissingExtra("the agent middleware", "models", because=_error) from _error

WhoTalks = Callable[[Runtime[Any]], ChatScope]
"""Tells from a run whose conversation it belongs to."""

_Asked = ModelResponse[Any]

_log = logging.getLogger("treering.graph")


def scope_of_run(runtime: Runtime[Any]) -> ChatScope:
    """Whose conversation a run belongs to, as its context says, or else its config under `configurable`.

    Either names `user`, and if need be `session` and `tenant`; the two are never mixed. Without a session it is the
    run's thread, since that is LangGraph's word for a conversation.

    Raises:
        MissingScope: Neither names a user.
        InvalidInput: A name is no identifier.
    """
    configurable: Mapping[str, Any] = get_config().get("configurable", {})
    named = _names(runtime.context)
    if "user" not in named:
        named = _names(configurable)
    return ChatScope(**{"session": str(configurable.get("thread_id") or DEFAULT_SESSION), **named})


class MemoryState(AgentState[Any]):
    """What the middleware keeps with a thread; it is neither taken from inputs nor given out."""

    treering_owner: NotRequired[Annotated[str, PrivateStateAttr]]
    """Pseudonym of the person whose thread this is, from the first run on."""
    treering_owed: NotRequired[Annotated[list[str], PrivateStateAttr]]
    """Ids of answers that could not be remembered yet; the next run tries again."""


class MemoryMiddleware(AgentMiddleware[MemoryState, Any, Any]):
    """Gives an agent a memory of the person it talks with.

    Before the model is first asked, what the person said is remembered. Each time it is asked, what matters to that is
    put into its system message, and never into the agent's state. When the agent is done, its answer is remembered.
    Tool calls, their results and what is said around them are not.

    Example:
        >>> from langchain.agents import create_agent
        >>> from treering import Memory
        >>> from treering.graph import ChatScope
        >>> from treering.graph.middleware import MemoryMiddleware
        >>> from treering.testing import ScriptedChatModel
        >>> with Memory("example", embedder="hash", background=False) as memory:
        ...     model, remembers = ScriptedChatModel("Grilled fish!"), MemoryMiddleware(memory)
        ...     agent = create_agent(model, middleware=[remembers], context_schema=ChatScope)
        ...     said = {"messages": [("user", "Any dinner ideas?")]}
        ...     agent.invoke(said, context=ChatScope(user="ana", session="friday"))["messages"][-1].text
        'Grilled fish!'
    """

    state_schema = MemoryState

    def __init__(
        self,
        memory: ConversationMemory,
        *,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        scope: WhoTalks = scope_of_run,
    ) -> None:
        """Take the parts.

        Args:
            memory: Where turns go and context comes from; of an `AsyncMemory`, its `memory`.
            budget_tokens: Most tokens that memory may add to a prompt.
            scope: Tells from a run who talks. By default its context does, or its config.

        Raises:
            InvalidInput: The budget is negative.
        """
        super().__init__()
        if budget_tokens < 0:
            raise InvalidInput(f"budget_tokens={budget_tokens}", "is negative; 0 gives the model no memory")
        self._memory = memory
        self._budget_tokens = budget_tokens
        self._scope = scope

    @override
    def before_agent(self, state: MemoryState, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """Notes whose thread it is.

        Raises:
            MissingScope: The run names nobody.
            InvalidInput: The thread is another person's.
        """
        return {"treering_owner": self._whose(state, runtime).pseudonym}

    @override
    async def abefore_agent(self, state: MemoryState, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """As `before_agent`, which waits for nothing."""
        return self.before_agent(state, runtime)

    @override
    def wrap_model_call(self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], _Asked]) -> _Asked:
        """Asks the model with what is remembered, after the turn was stored.

        Raises:
            StoreError: The turn could not be stored; the model was not asked.
        """
        return handler(self._with_memory(request, self._whose(request.state, request.runtime)))

    @override
    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[_Asked]]
    ) -> _Asked:
        """As `wrap_model_call`; the memory is waited for in a thread, which a cancelled run lets finish."""
        scope = self._whose(request.state, request.runtime)
        return await handler(await run_sync(self._with_memory, request, scope))

    @override
    def after_agent(self, state: MemoryState, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """Remembers the answer. It exists by now, so a store that fails is logged, and asked again in the next run."""
        return self._remember_answer(state, self._whose(state, runtime))

    @override
    async def aafter_agent(self, state: MemoryState, runtime: Runtime[Any]) -> dict[str, Any] | None:
        """As `after_agent`, in a thread."""
        return await run_sync(self._remember_answer, state, self._whose(state, runtime))

    def _whose(self, state: Mapping[str, Any], runtime: Runtime[Any]) -> ChatScope:
        scope = self._scope(runtime)
        if state.get("treering_owner", scope.pseudonym) != scope.pseudonym:
            raise InvalidInput("thread", "belongs to another person; give each conversation a thread of its own")
        return scope

    def _with_memory(self, request: ModelRequest[Any], scope: ChatScope) -> ModelRequest[Any]:
        said = _said(request.state["messages"])
        self._remember([message for message in unanswered(said) if isinstance(message, HumanMessage)], scope)
        context = self._recall(question(said), [message_id(message) for message in request.messages], scope)
        if not context:
            return request
        own = request.system_message
        [joined] = prompt([] if own is None else [own], instructions=None, memory=context)
        if own is None:
            return request.override(system_message=SystemMessage(joined.content))
        # What an application noted on its own system message stays on it.
        return request.override(system_message=own.model_copy(update={"content": joined.content}))

    def _recall(self, query: str, seen: Sequence[str], scope: ChatScope) -> str:
        if not query.strip():
            return ""
        try:
            return self._memory.recall(
                scope.user, query, budget_tokens=self._budget_tokens, exclude=seen, tenant=scope.tenant
            ).context
        except TreeringError as error:
            _warn("recall failed, the model answers without memory", scope, error)
            return ""

    def _remember_answer(self, state: MemoryState, scope: ChatScope) -> dict[str, Any] | None:
        answer = _final_answer(_said(state["messages"]))
        owed = state.get("treering_owed", [])
        due = [message for message in state["messages"] if message.id in owed]
        if answer is not None and answer.id not in owed:
            due.append(answer)
        try:
            self._remember(due, scope)
        except TreeringError as error:
            _warn("the answer could not be remembered, the next run tries again", scope, error)
            return {"treering_owed": [str(message.id) for message in due]}
        return {"treering_owed": []} if owed else None

    def _remember(self, messages: Sequence[BaseMessage], scope: ChatScope) -> None:
        """Stores messages one by one, so that one that can never be stored does not keep out the others."""
        for message in messages:
            try:
                said = to_remember([message])
                if said:
                    self._memory.remember(scope.user, said, session=scope.session, tenant=scope.tenant)
            except InvalidInput as error:
                _warn("a message can never be remembered", scope, error)


def _names(context: object) -> dict[str, Any]:
    found = {
        name: context.get(name) if isinstance(context, Mapping) else getattr(context, name, None)
        for name in ("user", "session", "tenant")
    }
    return {name: value for name, value in found.items() if value is not None}


def _said(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The conversation without what the framework put into it in a person's name, e.g. a summary of former turns."""
    return [message for message in messages if not message.additional_kwargs.get("lc_source")]


def _final_answer(messages: Sequence[BaseMessage]) -> AIMessage | None:
    asked = next((message for message in reversed(messages) if isinstance(message, HumanMessage)), None)
    answer = None if asked is None else answer_to(messages, str(asked.id))
    return None if answer is None or answer.tool_calls else answer


def _warn(event: str, scope: ChatScope, error: TreeringError) -> None:
    # Only the error's type: its text may quote what the person said.
    details = {"event": event, "person": scope.pseudonym, "error": type(error).__name__}
    _log.warning("%s (%s, person %s)", event, details["error"], details["person"], extra={"treering": details})
