"""Looking after a store: not over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.health import silently
from treering.client.remote.face import RemoteFace, not_over_http

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.schemas.health import HealthReport, Reindexed


class RemoteHealth(RemoteFace):
    """What reads a whole store, and is done by who runs it."""

    def doctor(
        self,
        user: str | None = None,
        *,
        repair: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> HealthReport:
        """Not over HTTP: where the store is, there is `treering doctor`."""
        raise not_over_http("doctor", "run `treering doctor` where the store is")

    def reindex(
        self,
        *,
        drop_others: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> Reindexed:
        """Not over HTTP: where the store is, there is `treering reindex`."""
        raise not_over_http("reindex", "run `treering reindex` where the store is")
