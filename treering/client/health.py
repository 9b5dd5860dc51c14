"""The part of the SDK that looks after the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope
from treering.errors import UnknownUser

if TYPE_CHECKING:
    from collections.abc import Callable

    from treering.schemas.health import HealthReport


def _silently(_: int, __: int) -> None:
    """Nobody wants to know how far it is."""


class Health(Face):
    """Looking whether everything that is stored fits together."""

    def doctor(
        self,
        user: str | None = None,
        *,
        repair: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = _silently,
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
            >>> with Memory("/tmp/treering-example", embedder="hash") as memory:
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


class AsyncHealth(AsyncFace):
    """The same for event loops."""

    async def doctor(
        self,
        user: str | None = None,
        *,
        repair: bool = False,
        tenant: str | None = None,
        progress: Callable[[int, int], None] = _silently,
    ) -> HealthReport:
        """Look whether everything fits; see `Memory.doctor`."""
        return await in_thread(self.memory.doctor, user, repair=repair, tenant=tenant, progress=progress)
