"""What the engine needs from the world, as Protocols. Adapters live in stores/, indexes/, models/, listeners/."""

from treering.memory.ports.access import AuditLog, KeyRing
from treering.memory.ports.erasure import (
    Dropped,
    Found,
    OutsideStore,
    ReceiptStore,
    Spoken,
    TombstoneStore,
    Vanished,
    WordStores,
)
from treering.memory.ports.gates import ModelGate
from treering.memory.ports.history import History
from treering.memory.ports.index import VectorEntry, VectorIndex
from treering.memory.ports.jobs import JobQueue
from treering.memory.ports.ledger import Ledger, TrunkStore
from treering.memory.ports.models import (
    ChatMessage,
    ChatModel,
    Clock,
    CountsTurns,
    Embedder,
    Limited,
    Listener,
    ModelAnswer,
    Reranker,
    Summariser,
    TokenCounter,
)
from treering.memory.ports.stores import (
    Mentions,
    PassageStore,
    Quarantine,
    Store,
    TurnLog,
    UnitOfWork,
)
from treering.memory.retrieval.associate import Mention
from treering.memory.retrieval.hits import ALWAYS, During, EntryKind, Hits, Place
from treering.memory.retrieval.vector import Vector

__all__ = [
    "ALWAYS",
    "AuditLog",
    "ChatMessage",
    "ChatModel",
    "Clock",
    "CountsTurns",
    "Dropped",
    "During",
    "Embedder",
    "EntryKind",
    "Found",
    "History",
    "Hits",
    "JobQueue",
    "KeyRing",
    "Ledger",
    "Limited",
    "Listener",
    "Mention",
    "Mentions",
    "ModelAnswer",
    "ModelGate",
    "OutsideStore",
    "PassageStore",
    "Place",
    "Quarantine",
    "ReceiptStore",
    "Reranker",
    "Spoken",
    "Store",
    "Summariser",
    "TokenCounter",
    "TombstoneStore",
    "TrunkStore",
    "TurnLog",
    "UnitOfWork",
    "Vanished",
    "Vector",
    "VectorEntry",
    "VectorIndex",
    "WordStores",
]
