"""Long-term, personalised memory for any chat model.

Importing it loads no framework: a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.client.asynchronous import AsyncMemory
    from treering.client.memory import Memory
    from treering.client.remote.memory import RemoteMemory
    from treering.errors import TreeringError
    from treering.graph.chat import Chat
    from treering.schemas.access import ApiKey, AuditEntry, NewKey
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.consolidation import Consolidation, ConsolidationStep
    from treering.schemas.dialogue import Message, Receipt, Scope, Session, Turn
    from treering.schemas.export import Export, ExportSummary
    from treering.schemas.feedback import Feedback, Released
    from treering.schemas.foreign import ImportReport
    from treering.schemas.forgetting import ErasureReceipt
    from treering.schemas.gates import Gate
    from treering.schemas.health import HealthReport, Reindexed
    from treering.schemas.jobs import Drained, Job, QueueStats
    from treering.schemas.listening import Held
    from treering.schemas.migration import KnownTrunk, Migration, MigrationReport
    from treering.schemas.operations import Add, Commit, Delete, LedgerEntry, NoOp, Update
    from treering.schemas.policy import ConsentRule, Policy
    from treering.schemas.recall import Recall, RecallLine, SearchHit
    from treering.schemas.retraction import Retraction
    from treering.schemas.timeline import Change, Reversal
    from treering.schemas.trunk import Slot, Trunk
    from treering.schemas.trunks import load_trunk
    from treering.schemas.views import SubjectView, TreeView
    from treering.settings import Settings

__version__ = "0.1.0"

__all__ = [
    "Add",
    "ApiKey",
    "AsyncMemory",
    "AuditEntry",
    "Change",
    "Chat",
    "Claim",
    "Commit",
    "ConsentRule",
    "Consolidation",
    "ConsolidationStep",
    "Delete",
    "Drained",
    "ErasureReceipt",
    "Evidence",
    "Export",
    "ExportSummary",
    "Feedback",
    "Gate",
    "HealthReport",
    "Held",
    "ImportReport",
    "Job",
    "KnownTrunk",
    "LedgerEntry",
    "Memory",
    "Message",
    "Migration",
    "MigrationReport",
    "NewKey",
    "NoOp",
    "Policy",
    "QueueStats",
    "Recall",
    "RecallLine",
    "Receipt",
    "Reindexed",
    "Released",
    "RemoteMemory",
    "Retraction",
    "Reversal",
    "Scope",
    "SearchHit",
    "Session",
    "Settings",
    "Slot",
    "SubjectView",
    "TreeView",
    "TreeringError",
    "Trunk",
    "Turn",
    "Update",
    "load_trunk",
]

_ROOMS = {
    "Add": "schemas.operations",
    "ApiKey": "schemas.access",
    "AsyncMemory": "client.asynchronous",
    "AuditEntry": "schemas.access",
    "Change": "schemas.timeline",
    "Chat": "graph.chat",
    "Claim": "schemas.claims",
    "Commit": "schemas.operations",
    "ConsentRule": "schemas.policy",
    "Consolidation": "schemas.consolidation",
    "ConsolidationStep": "schemas.consolidation",
    "Delete": "schemas.operations",
    "Drained": "schemas.jobs",
    "ErasureReceipt": "schemas.forgetting",
    "Evidence": "schemas.claims",
    "Export": "schemas.export",
    "ExportSummary": "schemas.export",
    "Feedback": "schemas.feedback",
    "Gate": "schemas.gates",
    "HealthReport": "schemas.health",
    "Held": "schemas.listening",
    "ImportReport": "schemas.foreign",
    "Job": "schemas.jobs",
    "KnownTrunk": "schemas.migration",
    "LedgerEntry": "schemas.operations",
    "Memory": "client.memory",
    "Message": "schemas.dialogue",
    "Migration": "schemas.migration",
    "MigrationReport": "schemas.migration",
    "NewKey": "schemas.access",
    "NoOp": "schemas.operations",
    "Policy": "schemas.policy",
    "QueueStats": "schemas.jobs",
    "Recall": "schemas.recall",
    "RecallLine": "schemas.recall",
    "Receipt": "schemas.dialogue",
    "Reindexed": "schemas.health",
    "Released": "schemas.feedback",
    "RemoteMemory": "client.remote.memory",
    "Retraction": "schemas.retraction",
    "Reversal": "schemas.timeline",
    "Scope": "schemas.dialogue",
    "SearchHit": "schemas.recall",
    "Session": "schemas.dialogue",
    "Settings": "settings",
    "Slot": "schemas.trunk",
    "SubjectView": "schemas.views",
    "TreeView": "schemas.views",
    "TreeringError": "errors",
    "Trunk": "schemas.trunk",
    "Turn": "schemas.dialogue",
    "Update": "schemas.operations",
    "load_trunk": "schemas.trunks",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from treering.pausing import CollectorPaused  # noqa: PLC0415 - as anything else, when it is needed

    with CollectorPaused():
        value: object = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
