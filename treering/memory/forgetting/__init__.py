"""Forgetting, with proof: `plan` says what goes (pure), `erasing` does it, `forgetting` is what the engine calls."""

from treering.memory.forgetting.forgetting import Forgetting
from treering.memory.forgetting.wishes import Wish

__all__ = ["Forgetting", "Wish"]
