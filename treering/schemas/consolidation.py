"""What a run of consolidation did, or would do."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from treering.schemas.listening import Verdict
from treering.schemas.operations import Operation
from treering.schemas.value import Text, Value


class ConsolidationStep(Value):
    """One thing that consolidation does, and why."""

    rule: Text
    """The rule: `duplicate`, `refinement`, `repetition`, `contradiction`, `kept apart`, `trait`,
    `habit` or `demotion`."""
    why: Text
    """The reason: what was compared with what, by which measure. It stands in the ledger with each operation."""
    operations: tuple[Operation, ...]
    """What is done, in order; a claim that is taken out and put back under its id has changed."""
    held: tuple[Verdict, ...] = ()
    """What waits for another support from now on; told by a dry run only."""


class Consolidation(Value):
    """What a run of consolidation did, or with `dry_run` would do."""

    dry_run: bool
    """Whether nothing was changed."""
    version_before: Annotated[int, Field(ge=0)]
    """Version of the memory before."""
    version_after: Annotated[int, Field(ge=0)]
    """Version of the memory afterwards."""
    steps: tuple[ConsolidationStep, ...]
    """What was done, in order."""
