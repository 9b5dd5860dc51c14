"""A store in plain dicts and lists: the ports in the fewest words, and a quick store for tests."""

from treering.testing.reference.store import MemoryStore

__all__ = ["MemoryStore"]
