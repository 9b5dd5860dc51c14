"""What a model is asked to answer to `listen_v2_route.md`."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from treering.memory.prompts.lean import lean


class RouteReply(BaseModel):
    """Which slots a window concerns. Read by `listeners.model_routing`, which takes looser answers too."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, json_schema_extra=lean)

    paths: list[str]
    """Slots, or whole branches; the surest first."""
    forget: bool
    """True if the user asks that something be forgotten."""
