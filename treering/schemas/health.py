"""What a look into a store found, and what re-embedding it came to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.dialogue import Scope
from treering.schemas.value import Instant, Value

Count = Annotated[int, Field(ge=0)]


class Finding(Value):
    """Something that does not fit, for one person."""

    check: str
    """The check that found it."""
    scope: Scope
    """Whose memory it is in."""
    what: str
    """What does not fit, without words of the person."""
    count: Count
    """How many rows it concerns."""
    repairable: bool
    """Whether `repair` can mend it from what else is stored, and loses nothing."""
    repaired: bool = False
    """Whether it was mended."""
    advice: str = ""
    """What a person can do where nothing mends it by itself."""


class Reindexed(Value):
    """What re-embedding came to: the stable JSON of `treering reindex --json`."""

    embedder: str
    """What names the embedder whose vectors are there now."""
    scopes: Count
    """Of how many people."""
    others: dict[str, Count] = {}
    """How many vectors of other embedders lie beside them, by what names each."""
    dropped: dict[str, Count] = {}
    """How many vectors of other embedders were dropped."""


class HealthReport(Value):
    """Everything that one look found: the stable JSON of `treering doctor --json`."""

    at: Instant
    """When it was made."""
    checks: tuple[str, ...]
    """What was looked at, in order."""
    scopes: Count
    """How many people's memories were looked at."""
    findings: tuple[Finding, ...]
    """What does not fit; empty for a sound store."""

    @property
    def is_sound(self) -> bool:
        """Whether nothing is left to mend."""
        return all(finding.repaired for finding in self.findings)
