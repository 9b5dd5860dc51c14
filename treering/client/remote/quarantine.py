"""The quarantine of a server."""

from __future__ import annotations

from treering.client.quarantine import chosen
from treering.client.remote.face import RemoteFace, person
from treering.client.remote.feedback import REFERENCE
from treering.client.remote.forgetting import FORGET_TIMEOUT_S
from treering.errors import UnknownProposal
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.feedback import Released
from treering.schemas.listening import Held
from treering.schemas.pages import Page


class RemoteQuarantine(RemoteFace):
    """Proposals that were held: nothing of them is in the tree before somebody releases them."""

    def quarantine(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[Held]:
        """What waits for a yes or no; see `Memory.quarantine`."""
        return list(self._connection.pages(Page[Held], "/v1/quarantine", user=person(user, tenant, "quarantine")))

    def release(
        self,
        user: str,
        held_id: str | None = None,
        *,
        rule: str | None = None,
        window: str | None = None,
        tenant: str = DEFAULT_TENANT,
    ) -> Released:
        """Carry out what waits; see `Memory.release`."""
        named, path, body = person(user, tenant, "release"), *_named(held_id, rule, window, "release")
        released = self._connection.post(
            Released, path, body, is_repeatable=body is None, timeout_s=FORGET_TIMEOUT_S, user=named
        )
        if released.receipt is not None:
            self._forget_here(named)
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
        """Take something out of quarantine; see `Memory.drop`."""
        named, path, body = person(user, tenant, "drop"), *_named(held_id, rule, window, "drop")
        if body is None:
            return [self._connection.post(Held, path, user=named)]
        return list(self._connection.post(Page[Held], path, body, user=named).items)


def _named(
    held_id: str | None, rule: str | None, window: str | None, verb: str
) -> tuple[str, dict[str, str | None] | None]:
    """The route that does it, and the body that says of what; none: the route says it."""
    chosen(held_id, rule, window)
    if held_id is None:
        return f"/v1/quarantine/{verb}", {"rule": rule, "window": window}
    reference = held_id.strip().lower()
    if not REFERENCE.fullmatch(reference):
        raise UnknownProposal(held_id)
    return f"/v1/quarantine/{reference}/{verb}", None
