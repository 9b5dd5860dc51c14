"""What the engine needs from the world, as Protocols. Adapters live in stores/, indexes/, models/, listeners/."""

from treering.memory.ports.index import VectorEntry, VectorIndex
from treering.memory.ports.models import ChatMessage, ChatModel, Clock, Embedder, Listener, ModelAnswer, TokenCounter
from treering.memory.ports.stores import (
    JobQueue,
    Ledger,
    PassageStore,
    Quarantine,
    Store,
    TurnLog,
    UnitOfWork,
)
from treering.memory.retrieval.hits import EntryKind, Hits
from treering.memory.retrieval.vector import Vector

__all__ = [
    "ChatMessage",
    "ChatModel",
    "Clock",
    "Embedder",
    "EntryKind",
    "Hits",
    "JobQueue",
    "Ledger",
    "Listener",
    "ModelAnswer",
    "PassageStore",
    "Quarantine",
    "Store",
    "TokenCounter",
    "TurnLog",
    "UnitOfWork",
    "Vector",
    "VectorEntry",
    "VectorIndex",
]
