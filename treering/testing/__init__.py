"""Aids for tests, shipped: what the project tests itself with, your tests may use too.

Importing this room loads no framework; each name loads what it needs when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from treering.testing.chat_model import Hang, ModelCall, ScriptedChatModel, ScriptExhausted
    from treering.testing.clock import ManualClock
    from treering.testing.embedder import HashEmbedder, NotingEmbedder
    from treering.testing.faults import Step, each_step, killed_at
    from treering.testing.listener import TurnListener, quoted
    from treering.testing.network import NetworkForbidden, forbid_network
    from treering.testing.reference import MemoryStore

__all__ = [
    "Hang",
    "HashEmbedder",
    "ManualClock",
    "MemoryStore",
    "ModelCall",
    "NetworkForbidden",
    "NotingEmbedder",
    "ScriptExhausted",
    "ScriptedChatModel",
    "Step",
    "TurnListener",
    "each_step",
    "forbid_network",
    "killed_at",
    "quoted",
]

_ROOMS = {
    "Hang": "chat_model",
    "HashEmbedder": "embedder",
    "ManualClock": "clock",
    "MemoryStore": "reference",
    "ModelCall": "chat_model",
    "NetworkForbidden": "network",
    "NotingEmbedder": "embedder",
    "ScriptExhausted": "chat_model",
    "ScriptedChatModel": "chat_model",
    "Step": "faults",
    "TurnListener": "listener",
    "each_step": "faults",
    "forbid_network": "network",
    "killed_at": "faults",
    "quoted": "listener",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
