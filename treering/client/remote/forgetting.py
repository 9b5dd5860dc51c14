"""Forgetting, in the memory of a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from treering.client.forgetting import named_ids
from treering.client.intake import as_path, as_words
from treering.client.remote.face import RemoteFace, person
from treering.schemas.dialogue import DEFAULT_TENANT
from treering.schemas.forgetting import ErasureReceipt
from treering.schemas.pages import Page
from treering.schemas.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

FORGET_TIMEOUT_S = 300.0
"""How long an erasure may take, in seconds: everything of the person is read twice, and the file rebuilt."""


class _Allowed(Value):
    marks: int


class RemoteForgetting(RemoteFace):
    """What a person wants gone, is gone, and a receipt proves it."""

    def forget(
        self,
        user: str,
        path: str | None = None,
        *,
        claims: Sequence[str] | None = None,
        messages: Sequence[str] | None = None,
        about: str | None = None,
        dry_run: bool = False,
        tenant: str = DEFAULT_TENANT,
    ) -> ErasureReceipt:
        """Erase for good; see `Memory.forget`. To erase everything needs the right `admin`."""
        named = person(user, tenant, "forget")
        wish: dict[str, object] = {
            "path": None if path is None else as_path(path),
            "claims": sorted(named_ids("claims", claims)) or None,
            "messages": sorted(named_ids("messages", messages)) or None,
            "about": None if about is None else as_words("about", about),
        }
        body = wish | {"everything": all(part is None for part in wish.values()), "dry_run": dry_run}
        receipt = self._connection.post(
            ErasureReceipt, "/v1/forget", body, is_repeatable=True, timeout_s=FORGET_TIMEOUT_S, user=named
        )
        if not dry_run:
            self._forget_here(named)
        return receipt

    def receipts(self, user: str, *, tenant: str = DEFAULT_TENANT) -> list[ErasureReceipt]:
        """Proofs of what was forgotten; see `Memory.receipts`."""
        return list(self._connection.pages(Page[ErasureReceipt], "/v1/receipts", user=person(user, tenant, "receipts")))

    def allow_again(self, user: str, text: str | None = None, *, tenant: str = DEFAULT_TENANT) -> int:
        """Let what was forgotten be remembered again; see `Memory.allow_again`."""
        named, words = person(user, tenant, "allow_again"), None if text is None else as_words("text", text)
        body = {"text": words, "everything": words is None}
        return self._connection.post(_Allowed, "/v1/allow-again", body, is_repeatable=True, user=named).marks
