"""Embedders, token counters and chat-model adapters, one framework a file."""
