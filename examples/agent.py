"""An agent that looks into the memory of the person it talks with, whenever it wants to.

    TREERING_MODEL=openai:gpt-4.1-mini python examples/agent.py "What should I give my sister for her birthday?"

Without TREERING_MODEL (and `pip install 'treering[models]'`) a stand-in plays the model: it looks twice, then answers.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from treering import Memory

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

QUESTION = "What should I give my sister for her birthday?"
SAID = ("My sister is called Marta.", "Marta has taken up pottery, she is at the wheel every evening.")
ORDER = SystemMessage("You are a helpful friend. Look into your memory before you answer anything personal.")


def main() -> None:
    """Remember two things said on two days, then let the agent answer."""
    question = sys.argv[1] if len(sys.argv) > 1 else QUESTION
    with Memory() as memory:
        for day, text in enumerate(SAID):
            memory.remember("ana", text, session=f"day {day}")
        memory.flush()
        tools = memory.tools("ana", session="today")  # whose memory: said here, and never by the model
        asking = model().bind_tools(tools)

        def respond(state: MessagesState) -> dict[str, list[AIMessage]]:
            return {"messages": [asking.invoke([ORDER, *state["messages"]])]}

        graph = StateGraph(MessagesState)
        graph.add_node("model", respond)
        graph.add_node("tools", ToolNode(tools))
        graph.add_edge(START, "model")
        graph.add_conditional_edges("model", tools_condition)
        graph.add_edge("tools", "model")
        for message in graph.compile().invoke({"messages": [HumanMessage(question)]})["messages"]:
            print(f"{message.type}: {message.text or message.tool_calls}")


def model() -> BaseChatModel:
    """The chat model that is configured, or the stand-in."""
    if spec := os.environ.get("TREERING_MODEL"):
        from langchain.chat_models import init_chat_model

        return init_chat_model(spec)
    from treering.testing import ScriptedChatModel

    def look(name: str, number: int, **arguments: str) -> AIMessage:
        return AIMessage("", tool_calls=[{"name": name, "args": arguments, "id": f"call {number}"}])

    return ScriptedChatModel(
        [
            look("recall_memory", 1, question="What is my sister called?"),
            look("search_history", 2, query="Marta likes"),
            "A set of glazes, for her pottery.",
        ]
    )


if __name__ == "__main__":
    main()
