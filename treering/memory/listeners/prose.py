"""The person's own prose, where the listeners look for it."""

from treering.memory.wording.prose import MAX_PROSE_LINES, own_prose

__all__ = ["MAX_PROSE_LINES", "own_prose"]
