"""Gates before chat models: how much was asked of late, and which model rests."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.value import Identifier, Instant, Value

COST_GATE = "cost"
"""The gate of what is spent: one for a store, whichever models are asked."""


class Gate(Value):
    """One gate, as all who use a store see it."""

    name: Identifier
    """`model:` and the name of a model, whose level is in tokens; or `cost`, whose level is in US dollars."""
    at: Instant
    """When the level was as it says; it goes down since."""
    level: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """How much was used and is not over yet; 0 where there is no limit."""
    failures: Annotated[int, Field(ge=0)] = 0
    """How often the model failed in a row."""
    shut_until: Instant | None = None
    """Until then it rests, or one call tries whether it answers again. None: it is asked."""
