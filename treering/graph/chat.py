"""A small facade over the graph: text in, message out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import ValidationError

from treering.errors import InvalidInput, InvalidTurn
from treering.graph.build import ScopedGraph, build_graph
from treering.graph.nodes import ChatModel
from treering.graph.pieces import MODES, Pieces, as_chunk
from treering.graph.ports import ConversationMemory
from treering.graph.state import ChatScope, Checkpointer, Conversation
from treering.graph.turns import answer_to
from treering.schemas.dialogue import DEFAULT_SESSION, DEFAULT_TENANT
from treering.schemas.recall import DEFAULT_BUDGET_TOKENS

Content = str | list[str | dict[str, Any]]
"""What a person sends: text, or LangChain's content blocks (text, images, …)."""


class Chat:
    """A chat model with memory.

    Every call names the person. A session is a conversation: its messages go to the model as they are; what was
    said in others comes in through memory.

    Example:
        >>> from treering import Memory
        >>> from treering.testing import ScriptedChatModel
        >>> with Memory(home=".treering", embedder="hash") as memory:
        ...     chat = memory.wrap(ScriptedChatModel("How about soup?"))
        ...     chat.invoke("Any dinner ideas?", user="ana", session="s2").text
        'How about soup?'
    """

    def __init__(
        self,
        memory: ConversationMemory,
        model: ChatModel,
        *,
        checkpointer: Checkpointer = None,
        budget_tokens: int = DEFAULT_BUDGET_TOKENS,
        instructions: str | None = None,
    ) -> None:
        """Compile the graph.

        Args:
            memory: Where turns go and context comes from.
            model: Any LangChain chat model, also with tools bound or wrapped by retries.
            checkpointer: Keeps conversations between calls. None: in this process, until it ends. One of
                LangGraph's: where that keeps them. False: nowhere, each call stands alone.
            budget_tokens: Most tokens that memory may add to a prompt.
            instructions: The application's system prompt.

        Raises:
            InvalidInput: The budget is negative, or the model is none.
        """
        saver = InMemorySaver() if checkpointer is None else checkpointer
        self.graph: ScopedGraph = build_graph(
            memory, model, checkpointer=saver, budget_tokens=budget_tokens, instructions=instructions
        )
        """The compiled LangGraph graph; run it with `context=ChatScope(user=…)`."""

    def invoke(
        self,
        content: Content,
        *,
        user: str,
        session: str | None = None,
        tenant: str = DEFAULT_TENANT,
        message_id: str | None = None,
        config: RunnableConfig | None = None,
    ) -> AIMessage:
        """The model's answer.

        Args:
            content: What the person says.
            user: The person.
            session: The conversation; None: the person's default one.
            tenant: The customer or application.
            message_id: The application's own id of the message. Sent again with the same id, a message that was
                answered is not answered or stored twice: the answer of then comes back.
            config: LangChain's (callbacks, tags, …); a `thread_id` in it takes the place of the derived one.

        Raises:
            MissingScope: `user` is empty.
            InvalidInput: The content cannot be stored.
            StoreError: The turn could not be stored; the model was not asked.
        """
        turn = _Turn.of(content, user, session, tenant, message_id)
        return turn.answer(self.graph.invoke(turn.input, turn.settings(config), context=turn.scope)["messages"])

    async def ainvoke(
        self,
        content: Content,
        *,
        user: str,
        session: str | None = None,
        tenant: str = DEFAULT_TENANT,
        message_id: str | None = None,
        config: RunnableConfig | None = None,
    ) -> AIMessage:
        """As `invoke`, asynchronously. Cancelled, it leaves the turn stored and unanswered."""
        turn = _Turn.of(content, user, session, tenant, message_id)
        return turn.answer(
            (await self.graph.ainvoke(turn.input, turn.settings(config), context=turn.scope))["messages"]
        )

    def stream(
        self,
        content: Content,
        *,
        user: str,
        session: str | None = None,
        tenant: str = DEFAULT_TENANT,
        message_id: str | None = None,
        config: RunnableConfig | None = None,
    ) -> Iterator[AIMessageChunk]:
        """The answer in pieces, as the model writes it; arguments and errors as of `invoke`.

        The answer is remembered when the model has finished and the iterator is read to its end. Left before,
        the turn stays stored, and nothing of the answer is: half an answer is not what the model meant to say.
        """
        turn = _Turn.of(content, user, session, tenant, message_id)
        return self._stream(turn, turn.settings(config))

    def astream(
        self,
        content: Content,
        *,
        user: str,
        session: str | None = None,
        tenant: str = DEFAULT_TENANT,
        message_id: str | None = None,
        config: RunnableConfig | None = None,
    ) -> AsyncIterator[AIMessageChunk]:
        """As `stream`, asynchronously."""
        turn = _Turn.of(content, user, session, tenant, message_id)
        return self._astream(turn, turn.settings(config))

    def _stream(self, turn: _Turn, config: RunnableConfig) -> Iterator[AIMessageChunk]:
        pieces = Pieces()
        with closing(self.graph.stream(turn.input, config, context=turn.scope, stream_mode=MODES)) as parts:
            for part in parts:
                yield from pieces.of(part)
        if pieces.none_came:
            yield as_chunk(turn.answer(pieces.messages))

    async def _astream(self, turn: _Turn, config: RunnableConfig) -> AsyncIterator[AIMessageChunk]:
        pieces = Pieces()
        async with aclosing(self.graph.astream(turn.input, config, context=turn.scope, stream_mode=MODES)) as parts:
            async for part in parts:
                for piece in pieces.of(part):
                    yield piece
        if pieces.none_came:
            yield as_chunk(turn.answer(pieces.messages))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Turn:
    """What one person said, and whose conversation it belongs to."""

    message: HumanMessage
    scope: ChatScope

    @classmethod
    def of(cls, content: Content, user: str, session: str | None, tenant: str, message_id: str | None) -> _Turn:
        scope = ChatScope(user=user, session=DEFAULT_SESSION if session is None else session, tenant=tenant)
        try:
            return cls(message=HumanMessage(content, id=message_id or str(uuid4())), scope=scope)
        except ValidationError as error:
            raise InvalidTurn("message", "is neither text nor a list of content blocks") from error

    @property
    def input(self) -> Conversation:
        return {"messages": [self.message]}

    def settings(self, config: RunnableConfig | None) -> RunnableConfig:
        """The run's config, with the thread in it: a chat called in a node of another graph keeps its own threads."""
        configurable = {"thread_id": self.scope.thread_id, **(config or {}).get("configurable", {})}
        return {**(config or {}), "configurable": configurable}

    def answer(self, messages: Sequence[BaseMessage]) -> AIMessage:
        answer = answer_to(messages, str(self.message.id))
        if answer is None:
            raise InvalidInput("message", "has no answer: the run was interrupted, resume it through `.graph`")
        return answer
