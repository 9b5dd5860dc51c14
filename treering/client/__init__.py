"""The SDK: `Memory` for one process, `AsyncMemory` for event loops."""

from treering.client.asynchronous import AsyncMemory
from treering.client.memory import Memory

__all__ = ["AsyncMemory", "Memory"]
