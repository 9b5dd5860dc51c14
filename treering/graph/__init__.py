"""Control flow in LangGraph; the only room that knows it."""

from treering.graph.build import ScopedGraph, build_graph
from treering.graph.chat import Chat
from treering.graph.ports import ConversationMemory
from treering.graph.state import ChatScope, ChatState

__all__ = ["Chat", "ChatScope", "ChatState", "ConversationMemory", "ScopedGraph", "build_graph"]
