"""Control flow in LangGraph; the only room that knows it."""
