"""The quarantine: what waits for a person's yes or no. A part of `Memory` and `AsyncMemory`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.face import AsyncFace, Face, in_thread
from treering.client.intake import as_scope, as_words
from treering.errors import InvalidInput
from treering.schemas.dialogue import DEFAULT_TENANT

if TYPE_CHECKING:
    from treering.memory.deciding import Chosen
    from treering.schemas.feedback import Released
    from treering.schemas.listening import Held


class Quarantine(Face):
    """Proposals that were held: nothing of them is in the tree before somebody releases them."""

    def quarantine(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Held]:
        """What waits for a yes or no, oldest first: each with the rule that held it and the reason.

        Requests to forget, changes too large to be believed, what the policy asks about first, and imports that no
        slot is near to.

        Example:
            >>> from treering import Memory
            >>> with Memory("example", embedder="hash") as memory:
            ...     said = ["I have a friend named Zoe.", "Please forget my friend Zoe."]
            ...     receipt = memory.remember("flo", said)
            ...     memory.flush()
            ...     [held.verdict.rule for held in memory.quarantine("flo")]
            ['asked-to-forget']
        """
        return self._engine.held(as_scope(user, tenant, "quarantine"))

    def release(
        self,
        user: str,
        held_id: str | None = None,
        *,
        rule: str | None = None,
        window: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Released:
        """Carry out what waits: one proposal by its id, or all that a rule holds, or all of a window, in one step.

        A request to forget erases, for good, with a receipt. Any other proposal is tied to the tree as it stands now,
        and goes through admission again with the rule that held it left out; it is committed as one batch of the
        author `release`, which `undo` takes back. Either all of it is carried out, or nothing. Released once more
        under its id, it is known and nothing happens.

        Args:
            user: The person.
            held_id: The proposal, by its id or at least the first six digits of it.
            rule: Everything that this rule holds, e.g. `mass-change`.
            window: Everything of this window (`Held.window_id`); with a rule, of both.
            tenant: The customer or application.

        Raises:
            UnknownProposal: Nothing with this id waits.
            InvalidInput: Nothing of the kind waits, or nothing was named.
            ForgottenBefore: It says what was forgotten or rejected.
            ReleaseRefused: Its words do not stand in their message any more, the tree has changed so that it does not
                fit, or another rule refuses it. It still waits, and nothing was changed.
        """
        released = self._engine.deciding.release(as_scope(user, tenant, "release"), chosen(held_id, rule, window))
        self._work()
        return released

    def drop(
        self,
        user: str,
        held_id: str | None = None,
        *,
        rule: str | None = None,
        window: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> list[Held]:
        """Take what is named out of quarantine without carrying it out; returns it. It is not asked again.

        Raises:
            UnknownProposal: Nothing with this id waits.
            InvalidInput: Nothing of the kind waits, or nothing was named.
        """
        return self._engine.deciding.drop(as_scope(user, tenant, "drop"), chosen(held_id, rule, window))


class AsyncQuarantine(AsyncFace):
    """The same for event loops."""

    async def quarantine(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Held]:
        """What waits for a yes or no; see `Memory.quarantine`."""
        return await in_thread(self.memory.quarantine, user, tenant=tenant)

    async def release(
        self,
        user: str,
        held_id: str | None = None,
        *,
        rule: str | None = None,
        window: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Released:
        """Carry out what waits; see `Memory.release`."""
        return await in_thread(self.memory.release, user, held_id, rule=rule, window=window, tenant=tenant)

    async def drop(
        self,
        user: str,
        held_id: str | None = None,
        *,
        rule: str | None = None,
        window: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> list[Held]:
        """Take something out of quarantine; see `Memory.drop`."""
        return await in_thread(self.memory.drop, user, held_id, rule=rule, window=window, tenant=tenant)


def chosen(held_id: str | None, rule: str | None, window: str | None) -> Chosen:
    """What is named; that nothing is must not be taken for everything."""
    from treering.memory.deciding import Chosen  # noqa: PLC0415 - not for those who only recall

    given = {"held_id": held_id, "rule": rule, "window": window}
    named = {name: as_words(name, value) for name, value in given.items() if value is not None}
    if not named:
        raise InvalidInput("quarantine", "name what is meant: an id, a rule, or a window")
    if held_id is not None and len(named) > 1:
        raise InvalidInput("quarantine", "an id says it all; leave the rule and the window out, or the id")
    return Chosen(**named)
