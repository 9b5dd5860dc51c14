"""The part of the SDK that looks after the store: whether it fits together, and with which vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope
from treering.errors import UnknownUser

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.schemas.health import HealthReport, Reindexed


def silently(_: int, __: int) -> None:
    """Nobody wants to know how far it is."""


class Health(Face):
    """Looking whether everything that is stored fits together."""

    def doctor(
        self,
        user: str | None = None,
        *,
        repair: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> HealthReport:
        """Look whether ledgers, digests, live claims, evidence, vectors, jobs and counts fit each other.

        It reads everything there is once, so it takes its time on a large store; nobody waits for it meanwhile.

        Args:
            user: Only this person (of `tenant`, by default `default`); everybody without.
            repair: Mend what can be made anew from what is stored. Nothing that was said or learned is changed.
            tenant: Only this customer or application; all without.
            progress: Told how many people are done, and of how many.

        Raises:
            UnknownUser: Nothing is stored about this person.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.doctor().is_sound
            True
        """
        scopes = self._engine.store.scopes(tenant=tenant)
        if user is not None:
            wanted = as_scope(user, tenant or "default", "doctor")
            scopes = [scope for scope in scopes if scope == wanted]
            if not scopes:
                raise UnknownUser(user)
        total = len(scopes)
        report = self._engine.doctor.examine(scopes, repair=repair, progress=lambda done: progress(done, total))
        if repair:
            self._work()
        return report

    def reindex(
        self,
        *,
        drop_others: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> Reindexed:
        """Make the vectors of this memory's embedder for everybody who has those of another, beside them.

        Applications that run with the other embedder go on. A run that was killed is taken up where it was, and one
        that comes again does only what is new: let it run, start the applications with this embedder, and drop the
        others. A person's turns are not listened to while their vectors are made.

        Args:
            drop_others: Remove the vectors of all other embedders when those of this one are complete.
            tenant: Only this customer or application; all without.
            progress: Told how many turns and ledger versions are done, and of how many.

        Raises:
            EmbedderUnavailable: The embedder gives no vectors; what is done stays done.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     memory.reindex().others
            {}
        """
        from treering.schemas.health import Reindexed  # noqa: PLC0415 - few processes reindex

        scopes, reindexing = self._engine.store.scopes(tenant=tenant), self._engine.reindexing
        reindexing.reindex(scopes, progress)
        before = reindexing.others(scopes)
        if drop_others:
            reindexing.drop_others(scopes)
        after = reindexing.others(scopes) if drop_others else before
        dropped = {name: count - after.get(name, 0) for name, count in before.items()}
        return Reindexed(
            embedder=reindexing.fingerprint,
            scopes=len(scopes),
            others=after,
            dropped={name: count for name, count in dropped.items() if count},
        )


class AsyncHealth(AsyncFace):
    """The same for event loops."""

    async def doctor(
        self,
        user: str | None = None,
        *,
        repair: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> HealthReport:
        """Look whether everything fits; see `Memory.doctor`."""
        return await in_thread(self.memory.doctor, user, repair=repair, tenant=tenant, progress=progress)

    async def reindex(
        self,
        *,
        drop_others: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = silently,
    ) -> Reindexed:
        """Make the vectors of this memory's embedder; see `Memory.reindex`."""
        return await in_thread(self.memory.reindex, drop_others=drop_others, tenant=tenant, progress=progress)
