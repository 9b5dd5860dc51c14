"""The trunk of a server; moving memories to another one is not done over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.remote.face import RemoteFace, not_over_http
from treering.client.trunks import silently
from treering.schemas.trunk import Trunk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from treering.schemas.migration import KnownTrunk, Migration, MigrationReport


class RemoteTrunks(RemoteFace):
    """What memories stand on."""

    def trunks(self) -> list[KnownTrunk]:
        """Not over HTTP: it counts the people of all tenants."""
        raise not_over_http("trunks", "run `treering trunk list` where the store is; `trunk` shows the one in use")

    def trunk(self, label: str | None = None) -> Trunk:
        """A trunk; see `Memory.trunk`."""
        return self._connection.get(Trunk, "/v1/trunk", label=label)

    def migrate(
        self,
        migration: str | Path | Migration,
        *,
        user: str | None = None,
        dry_run: bool = False,
        trunks: Sequence[str | Path | Trunk] = (),
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> MigrationReport:
        """Not over HTTP: where the store is, there is `treering trunk migrate`."""
        raise not_over_http("migrate", "run `treering trunk migrate` where the store is")

    def rollback(
        self,
        migration: str | Path | Migration,
        *,
        user: str | None = None,
        dry_run: bool = False,
        drop_new: bool = False,
        trunks: Sequence[str | Path | Trunk] = (),
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> MigrationReport:
        """Not over HTTP: where the store is, there is `treering trunk rollback`."""
        raise not_over_http("rollback", "run `treering trunk rollback` where the store is")
