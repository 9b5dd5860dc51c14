"""An agent of LangChain's `create_agent`, which memory goes around as a middleware.

    TREERING_MODEL=openai:gpt-4.1-mini python examples/langchain_agent.py    # needs treering[models]

Without TREERING_MODEL a stand-in plays the model: it looks up a recipe when it knows what must not be in it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from langchain.agents import create_agent
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool

from treering import Memory
from treering.graph import ChatScope
from treering.graph.middleware import MemoryMiddleware

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

CONVERSATIONS = {
    "monday": "I moved to Lisbon and I'm allergic to peanuts.",
    "friday": "What can I cook tonight?",
}
RECIPES = {"satay with peanuts": "peanuts", "grilled sardines": "fish"}


@tool
def find_recipe(without: str) -> str:
    """Find a dish that does without something."""
    return next(dish for dish, made_of in RECIPES.items() if made_of != without)


def main() -> None:
    """Two conversations of one person; what the second needs was said in the first."""
    with Memory() as memory:
        agent = create_agent(
            model(),
            tools=[find_recipe],
            system_prompt="You are a cook.",
            middleware=[MemoryMiddleware(memory)],
            context_schema=ChatScope,  # who talks: the run says it, and nothing that a model writes
        )
        for session, text in CONVERSATIONS.items():
            said = agent.invoke({"messages": [HumanMessage(text)]}, context=ChatScope(user="ana", session=session))
            for message in said["messages"]:
                print(f"{session}, {message.type}: {message.text or message.tool_calls}")
            memory.flush("ana")


def model() -> BaseChatModel:
    """The chat model that is configured, or the stand-in."""
    if spec := os.environ.get("TREERING_MODEL"):
        from langchain.chat_models import init_chat_model

        return init_chat_model(spec)
    from treering.testing import ScriptedChatModel

    return ScriptedChatModel(cook)


def cook(prompt: list[BaseMessage]) -> AIMessage:
    """Look up a recipe without peanuts, if memory says that they must not be in it."""
    if isinstance(prompt[-1], ToolMessage):
        return AIMessage(f"How about {prompt[-1].text}?")
    if "allergic to peanuts" in prompt[0].text:
        return AIMessage("", tool_calls=[{"name": "find_recipe", "args": {"without": "peanuts"}, "id": "call 1"}])
    return AIMessage("Noted.")


if __name__ == "__main__":
    main()
