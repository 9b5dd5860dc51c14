"""What a runner tells of each job that it tried: for metrics and progress bars, which it knows nothing of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.schemas.jobs import Job

Outcome = Literal["done", "failed", "dead", "postponed", "lost", "interrupted"]
"""What became of one attempt. `failed`: it is tried again. `dead`: it waits for a person. `postponed`: a model was not
to be asked now. `lost`: another worker has it, or it was cancelled. `interrupted`: this process was told to stop."""

OnJob: TypeAlias = "Callable[[Job, Outcome, float], None]"
"""Called after each attempt with the job as it was claimed, the outcome, and the seconds that it took. Called from the
thread that ran it, outside of transactions; whoever waits for the next job waits for it too."""


def nobody(job: Job, outcome: Outcome, seconds: float) -> None:
    """The listener of those who want to know nothing."""
