"""The compiled graph of a chat with memory."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, Self, TypeAlias, cast

import anyio.to_thread
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, ensure_config
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import override

from treering.errors import InvalidInput
from treering.graph.nodes import ChatModel, Nodes, Update, after_note, refuse
from treering.graph.ports import ConversationMemory
from treering.graph.state import ChatScope, ChatState, Checkpointer, Conversation, scope_of
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS

RESPOND = "respond"
"""The node that asks the model; token streams carry it as `langgraph_node`."""

_Graph: TypeAlias = CompiledStateGraph[ChatState, ChatScope, Conversation, Conversation]


class ScopedGraph(_Graph):
    """The compiled graph, which asks for a scope before it writes anything, and derives the thread from it.

    Everything else is LangGraph's. A run that names a `thread_id` itself keeps it. Inside a larger graph, context
    and thread are the larger graph's.
    """

    @classmethod
    def over(cls, compiled: _Graph) -> Self:
        """The same graph in this class: `StateGraph.compile` cannot be told which class to make."""
        graph = cls.__new__(cls)
        vars(graph).update(vars(compiled))
        return graph

    @override
    def stream(
        self, input: Any, config: RunnableConfig | None = None, *, context: Any = None, **options: Any
    ) -> Generator[Any]:
        config, context = self._scoped(config, context)
        return cast("Generator[Any]", super().stream(input, config, context=context, **options))

    @override
    def astream(
        self, input: Any, config: RunnableConfig | None = None, *, context: Any = None, **options: Any
    ) -> AsyncGenerator[Any]:
        config, context = self._scoped(config, context)
        return cast("AsyncGenerator[Any]", super().astream(input, config, context=context, **options))

    def _scoped(self, config: RunnableConfig | None, context: object) -> tuple[RunnableConfig | None, ChatScope | None]:
        configurable = ensure_config(config)["configurable"]
        if any(key.startswith("__pregel_") for key in configurable):
            return config, None if context is None else scope_of(context)
        scope = scope_of(context)
        if "thread_id" not in configurable:
            config = {**(config or {}), "configurable": {**configurable, "thread_id": scope.thread_id}}
        return config, scope


def build_graph(
    memory: ConversationMemory,
    model: ChatModel,
    *,
    checkpointer: Checkpointer = None,
    budget_tokens: int = DEFAULT_BUDGET_TOKENS,
    instructions: str | None = None,
) -> ScopedGraph:
    """A compiled graph: note the turn, recall, respond, remember the answer.

    Args:
        memory: Where turns go and context comes from.
        model: Any LangChain chat model, also with tools bound or wrapped by retries.
        checkpointer: As in LangGraph: keeps conversations between runs, or None (a larger graph's, if any).
        budget_tokens: Most tokens that memory may add to a prompt.
        instructions: The application's system prompt.

    Raises:
        InvalidInput: The budget is negative, or the model is none.
    """
    _check_model(model)
    if budget_tokens < 0:
        raise InvalidInput(f"budget_tokens={budget_tokens}", "is negative; 0 gives the model no memory")
    nodes = Nodes(memory=memory, model=model, budget_tokens=budget_tokens, instructions=instructions)
    graph = StateGraph(ChatState, context_schema=ChatScope, input_schema=Conversation, output_schema=Conversation)
    graph.add_node("note", _step(nodes.note))
    graph.add_node("refuse", refuse)
    graph.add_node("recall", _step(nodes.recall))
    graph.add_node(RESPOND, RunnableLambda(nodes.respond, afunc=nodes.arespond, name=RESPOND))
    graph.add_node("remember", _step(nodes.remember))
    graph.add_edge(START, "note")
    graph.add_conditional_edges("note", after_note, {"refuse": "refuse", "recall": "recall", "end": END})
    graph.add_edge("recall", RESPOND)
    graph.add_edge(RESPOND, "remember")
    graph.add_edge("remember", END)
    return ScopedGraph.over(graph.compile(checkpointer=checkpointer, name="treering"))


def _check_model(model: object) -> None:
    """Refuse the name of a model, which only the first answer would stumble over, when the turn is stored already."""
    if not isinstance(model, Runnable):
        raise InvalidInput(
            f"model of type {type(model).__name__}",
            "is no chat model of LangChain; `init_chat_model('openai:gpt-4.1-mini')` makes one of a name",
        )


def _step(node: Callable[[ChatState], Update]) -> Runnable[ChatState, Update]:
    """A node that waits for the memory; in asynchronous runs in a thread, which a cancelled run lets finish."""

    async def in_thread(state: ChatState) -> Update:
        return await anyio.to_thread.run_sync(node, state)

    return RunnableLambda(node, afunc=in_thread, name=node.__name__)
