"""The steps of a turn: note it, recall for it, respond, remember the answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from anyio.to_thread import run_sync
from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, RemoveMessage
from langchain_core.runnables import Runnable, RunnableConfig
from langgraph.runtime import get_runtime

from treering.errors import InvalidInput, TreeringError
from treering.graph.ports import ConversationMemory
from treering.graph.prompt import prompt
from treering.graph.state import ChatScope, ChatState, scope_of
from treering.graph.turns import message_id, question, to_remember, unanswered

ChatModel = Runnable[LanguageModelInput, Any]
"""A chat model, or one with tools bound, retries, fallbacks: whatever takes messages and gives an `AIMessage`."""

Update = dict[str, Any]

_log = logging.getLogger("treering.graph")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """The graph's nodes over one memory and one model. They keep no state of their own."""

    memory: ConversationMemory
    model: ChatModel
    budget_tokens: int
    instructions: str | None

    def note(self, state: ChatState) -> Update:
        """Remembers what the person said, before anything that can fail comes after it.

        A store that fails raises, and the turn stays in the thread to be noted with the next one. A turn that can
        never be stored is taken out of the thread again and refused, lest it block every later turn.
        """
        scope = _scope()
        try:
            self._note(state, scope)
        except InvalidInput as error:
            taken_out = [RemoveMessage(str(message.id)) for message in unanswered(state["messages"])]
            return {"messages": taken_out, "refusal": error}
        return {"owner": scope.pseudonym, "owed": []}

    def _note(self, state: ChatState, scope: ChatScope) -> None:
        if not state["messages"]:
            raise InvalidInput("messages", "are empty: there is no turn to answer")
        if state.get("owner", scope.pseudonym) != scope.pseudonym:
            raise InvalidInput("thread", "belongs to another person; give each conversation a thread of its own")
        owed = [message for message in state["messages"] if message.id in state.get("owed", ())]
        self._remember([*owed, *unanswered(state["messages"])], scope)

    def recall(self, state: ChatState) -> Update:
        """Looks for what matters to the turn; a memory that fails leaves the model without, and is logged."""
        scope, query = _scope(), question(state["messages"])
        if not query.strip():
            return {"memory": ""}
        # The model reads the whole conversation anyway, this turn included: none of it needs to come back.
        seen = tuple(message_id(message) for message in state["messages"])
        try:
            found = self.memory.recall(
                scope.user, query, budget_tokens=self.budget_tokens, exclude=seen, tenant=scope.tenant
            )
        except TreeringError as error:
            _warn("recall failed, the model answers without memory", scope, error)
            return {"memory": ""}
        return {"memory": found.context}

    def respond(self, state: ChatState, config: RunnableConfig) -> Update:
        """Asks the model; what it raises passes through."""
        memory = state["memory"] if "memory" in state else self.recall(state)["memory"]
        return {"messages": [_answer(self.model.invoke(self._prompt(state, memory), config))]}

    async def arespond(self, state: ChatState, config: RunnableConfig) -> Update:
        """Asks the model, and can be cancelled."""
        # A run resumed here has no recalled text any more, for no checkpoint keeps it.
        memory = state["memory"] if "memory" in state else (await run_sync(self.recall, state))["memory"]
        return {"messages": [_answer(await self.model.ainvoke(self._prompt(state, memory), config))]}

    def _prompt(self, state: ChatState, memory: str) -> list[BaseMessage]:
        return prompt(state["messages"], instructions=self.instructions, memory=memory)

    def remember(self, state: ChatState) -> Update:
        """Remembers the answer. It exists by now, so a store that fails is logged, and asked again next turn."""
        scope, answer = _scope(), state["messages"][-1]
        try:
            self._remember([answer], scope)
        except InvalidInput as error:
            _warn("the answer can never be remembered", scope, error)
        except TreeringError as error:
            _warn("the answer could not be remembered, the next turn tries again", scope, error)
            return {"owed": [str(answer.id)]}
        return {}

    def _remember(self, messages: Sequence[BaseMessage], scope: ChatScope) -> None:
        said = to_remember(messages)
        if said:
            self.memory.remember(scope.user, said, session=scope.session, tenant=scope.tenant)


def refuse(state: ChatState) -> Update:
    """Raises why the turn cannot be taken, now that the thread is without it."""
    raise state["refusal"]


def after_note(state: ChatState) -> str:
    """The next node: nothing is left to do where the turn was answered before (it came a second time)."""
    if "refusal" in state:
        return "refuse"
    return "recall" if unanswered(state["messages"]) else "end"


def _scope() -> ChatScope:
    return scope_of(get_runtime(ChatScope).context)


def _answer(reply: object) -> AIMessage:
    if isinstance(reply, AIMessage):
        return reply
    raise InvalidInput(
        f"the wrapped model's reply of type {type(reply).__name__}", "is no AIMessage; wrap a chat model"
    )


def _warn(event: str, scope: ChatScope, error: TreeringError) -> None:
    # Only the error's type: its text may quote what the person said.
    details = {"event": event, "person": scope.pseudonym, "error": type(error).__name__}
    _log.warning("%s (%s, person %s)", event, details["error"], details["person"], extra={"treering": details})
