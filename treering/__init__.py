"""Long-term, personalised memory for any chat model.

Importing it loads no framework: a name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.client.asynchronous import AsyncMemory
    from treering.client.memory import Memory
    from treering.errors import TreeringError
    from treering.schemas.claims import Claim, Evidence
    from treering.schemas.dialogue import Message, Receipt, Scope, Turn
    from treering.schemas.operations import Add, Delete, LedgerEntry, NoOp, Update
    from treering.schemas.recall import Recall, RecallLine
    from treering.schemas.trunk import Slot, Trunk
    from treering.schemas.trunks import load_trunk
    from treering.schemas.views import TreeView
    from treering.settings import Settings

__version__ = "0.1.0.dev0"

__all__ = [
    "Add",
    "AsyncMemory",
    "Claim",
    "Delete",
    "Evidence",
    "LedgerEntry",
    "Memory",
    "Message",
    "NoOp",
    "Recall",
    "RecallLine",
    "Receipt",
    "Scope",
    "Settings",
    "Slot",
    "TreeView",
    "TreeringError",
    "Trunk",
    "Turn",
    "Update",
    "load_trunk",
]

_ROOMS = {
    "Add": "schemas.operations",
    "AsyncMemory": "client.asynchronous",
    "Claim": "schemas.claims",
    "Delete": "schemas.operations",
    "Evidence": "schemas.claims",
    "LedgerEntry": "schemas.operations",
    "Memory": "client.memory",
    "Message": "schemas.dialogue",
    "NoOp": "schemas.operations",
    "Recall": "schemas.recall",
    "RecallLine": "schemas.recall",
    "Receipt": "schemas.dialogue",
    "Scope": "schemas.dialogue",
    "Settings": "settings",
    "Slot": "schemas.trunk",
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
    value: object = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
