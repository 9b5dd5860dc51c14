"""SQL stores; the only room that knows SQLAlchemy."""

from treering.memory.stores.store import SqlStore

__all__ = ["SqlStore"]
