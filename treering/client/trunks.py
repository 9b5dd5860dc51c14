"""The SDK's part for trunks: moving memories from one to another, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope
from treering.errors import UnknownUser
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from treering.memory.migrating import Order
    from treering.schemas.migration import KnownTrunk, Migration, MigrationReport
    from treering.schemas.trunk import Trunk


def silently(_: int, __: int) -> None:
    """Nobody wants to know how far it is."""


class Trunks(Face):
    """What memories stand on."""

    def trunks(self) -> list[KnownTrunk]:
        """Every trunk that can be named here, with how many people's memory stands on it."""
        return self._engine.migrating.known()

    def trunk(self, label: str | None = None) -> Trunk:
        """A trunk: `name/version`, or a name for its latest version; without either the one in use.

        Raises:
            UnknownTrunk: Neither the store nor Treering has it.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.trunk("core/1").by_path["home.city"].cardinality
            'one'
        """
        return self._engine.migrating.trunk(label)

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
        """Put memories onto a new trunk: one transaction a person, one version in each ledger.

        Whoever stands on the new trunk is skipped, so running it again goes on where it was stopped. It does not matter
        which of the two trunks this memory was opened with; afterwards memories need the new one.

        Args:
            migration: The migration, or the path of its YAML file.
            user: Only this person (of `tenant`, by default `default`); everybody without.
            dry_run: Change nothing, and say what would be done.
            trunks: Trunks that the store does not know, or their names or files, e.g. the old one where it was last
                used before trunks were recorded.
            tenant: Only this customer or application; all without.
            progress: Told how many people are done, and of how many.

        Raises:
            InvalidMigration: It breaks the rules of migrations, or does not fit its trunks; nothing was changed.
            UnknownTrunk: One of its trunks is nowhere to be found.
            UnknownUser: Nothing is stored about this person.
        """
        order = _order(migration, trunks, dry_run=dry_run)
        return self._carry_out(order, user, tenant, progress)

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
        """Put memories back onto the trunk that a migration led away from.

        What the migration moved goes back to where it was, and what it dropped comes back. What was learned since goes
        to the slot that led to its own, of several to the one that the migration names first.

        Args:
            migration: The migration that was carried out, or the path of its YAML file.
            user: Only this person (of `tenant`, by default `default`); everybody without.
            dry_run: Change nothing, and say what would be done.
            drop_new: Retract claims that have no place on the old trunk, instead of refusing.
            trunks: Trunks that the store does not know, or their names or files.
            tenant: Only this customer or application; all without.
            progress: Told how many people are done, and of how many.

        Raises:
            InvalidMigration: It does not fit its trunks, or claims have no place on the old one; nothing was changed.
            UnknownTrunk: One of its trunks is nowhere to be found.
            UnknownUser: Nothing is stored about this person.
        """
        order = _order(migration, trunks, dry_run=dry_run, back=True, drop_new=drop_new)
        return self._carry_out(order, user, tenant, progress)

    def _carry_out(
        self, order: Order, user: str | None, tenant: str | None, progress: Callable[[int, int], None]
    ) -> MigrationReport:
        scopes = self._engine.store.scopes(tenant=tenant)
        if user is not None:
            wanted = as_scope(user, tenant or DEFAULT_TENANT, "migrate")
            scopes = [scope for scope in scopes if scope == wanted]
            if not scopes:
                raise UnknownUser(user)
        report = self._engine.migrating.run(order, scopes, progress=progress)
        self._work()
        return report


class AsyncTrunks(AsyncFace):
    """The same for event loops."""

    async def trunks(self) -> list[KnownTrunk]:
        """Every trunk that can be named here; see `Memory.trunks`."""
        return await in_thread(self.memory.trunks)

    async def trunk(self, label: str | None = None) -> Trunk:
        """A trunk; see `Memory.trunk`."""
        return await in_thread(self.memory.trunk, label)

    async def migrate(
        self,
        migration: str | Path | Migration,
        *,
        user: str | None = None,
        dry_run: bool = False,
        trunks: Sequence[str | Path | Trunk] = (),
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> MigrationReport:
        """Put memories onto a new trunk; see `Memory.migrate`. `progress` is called from a worker thread."""
        return await in_thread(
            self.memory.migrate, migration, user=user, dry_run=dry_run, trunks=trunks, tenant=tenant, progress=progress
        )

    async def rollback(
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
        """Put memories back onto the former trunk; see `Memory.rollback`."""
        return await in_thread(
            self.memory.rollback,
            migration,
            user=user,
            dry_run=dry_run,
            drop_new=drop_new,
            trunks=trunks,
            tenant=tenant,
            progress=progress,
        )


def _order(
    migration: str | Path | Migration,
    trunks: Sequence[str | Path | Trunk],
    *,
    dry_run: bool,
    back: bool = False,
    drop_new: bool = False,
) -> Order:
    from treering.memory.migrating import Order  # noqa: PLC0415 - not for those who only recall
    from treering.schemas.trunks import load_trunk  # noqa: PLC0415
    from treering.schemas.trunks.migrations import load_migration  # noqa: PLC0415 - YAML is slow to import

    return Order(
        migration=load_migration(migration) if isinstance(migration, str | Path) else migration,
        trunks=[load_trunk(trunk) if isinstance(trunk, str | Path) else trunk for trunk in trunks],
        dry_run=dry_run,
        back=back,
        drop_new=drop_new,
    )
