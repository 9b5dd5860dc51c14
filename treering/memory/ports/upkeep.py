"""Port to what nobody was told of: slow work that is to do and stands in no job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from treering.schemas.dialogue import Scope
    from treering.schemas.jobs import JobKind


class Watch(Protocol):
    """Looks at a store as a whole, a few people at a time."""

    def neglected(self, turn: int, *, people: int, roles: Collection[str]) -> list[tuple[Scope, JobKind]]:
        """Jobs that somebody ought to have, and that are neither queued nor running, nor dead or cancelled.

        `listen`: a session has ended that was not heard to its end. `index`: turns or versions have no vectors.
        `summarise`: a session has ended that has fewer summaries than it should. `consolidate`: all sessions have
        ended, and claims were not compared since the last version.

        Everybody who is known belongs to one of so many pages; turn 0 looks at the first page, and after the last page
        comes the first again. Cost: that of one page, however many people there are.

        Args:
            turn: Counts the looks.
            people: How many people a page has at most.
            roles: Whose turns are summarised.
        """
        ...

    def died(self, since: datetime, before: datetime) -> Mapping[JobKind, int]:
        """How many jobs died in `since <= moment < before`, and are still dead, by kind."""
        ...
