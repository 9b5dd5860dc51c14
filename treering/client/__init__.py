"""The SDK: `memory.Memory` for one process, `asynchronous.AsyncMemory` for event loops."""
